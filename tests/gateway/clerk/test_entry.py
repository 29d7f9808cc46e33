"""What a person typed: taken in the form of a draft, or refused with the field, what was found and what is meant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clerk.act import ENTERABLE, Act, Deed
from gateway.clerk.entry import RefusedDeed, examined
from gateway.site.site import Rules
from record.draft import Item
from record.identifiers import container
from record.identifiers.identify import identify

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
CONTAINER, WEIGHT, SEALS = "/items/0/container", "/items/0/weight_kg", "/items/0/seals"
DAE = {"type": "DAE", "number": "02820264000123456"}


def act(field: str, value: Any, **changes: Any) -> Act:
    given = {"person": "A", "role": "guard", "deed": Deed.ENTER, "reason": "r"} | changes
    return Act(NOON, 1.0, field=field, value=value, **given)


def taken(field: str, value: Any, **changes: Any) -> Any:
    return examined(act(field, value, **changes), (), Rules(), identify).value


@pytest.mark.parametrize(
    ("field", "typed", "held"),
    [
        (CONTAINER, "csqu 305438-3", "CSQU3054383"),
        (CONTAINER, "МЅКU6011672", "MSKU6011672"),
        ("/items/0/size_type", "45r1", "45R1"),
        ("/items/0/size_type", "40HC", "45G1"),
        ("/document", "028-2026-40-00123456", DAE),
        ("/document", {"type": "DAE", "number": "028 2026 40 00123456"}, DAE),
        ("/document", {"type": "DAS", "number": "2026-000123"}, {"type": "DAS", "number": "2026000123"}),
        ("/document", "DJT-2026-000123", {"type": "DJT", "number": "2026000123"}),
        (SEALS, ["ab-123456", "EC 1"], ["AB123456", "EC1"]),
        ("/items/0/packages", "1080", 1080),
        ("/items/0/packages", 3, 3),
        (WEIGHT, "21320", "21320"),
        (WEIGHT, 21320.0, "21320"),
        ("/items/0/description", "  BANANO FRESCO ", "BANANO FRESCO"),
        ("/items/0/packaging", "035", "035"),
        (WEIGHT, None, None),
    ],
)  # fmt: skip
def test_an_entry_is_held_as_a_draft_holds_it(field: str, typed: Any, held: Any) -> None:
    assert taken(field, typed) == held


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        (CONTAINER, "CSQU3054384", "check_digit"),
        (CONTAINER, "CSQU305438", "not_container"),
        (CONTAINER, "MAL", "not_container"),
        (CONTAINER, 7, "not_container"),
        ("/items/0/size_type", "9999", "not_size_type"),
        ("/items/0/size_type", 22, "not_size_type"),
        ("/document", "028", "not_document"),
        ("/document", {"type": "DAE", "number": "028"}, "not_document"),
        ("/document", {"type": "DAE", "number": "028-1899-40-00123456"}, "not_document"),
        ("/document", {"type": "XXX", "number": "02820264000123456"}, "not_document"),
        ("/document", {"type": "DAS", "number": ""}, "not_document"),
        ("/document", {"type": 1, "number": []}, "not_document"),
        ("/document", [], "not_document"),
        (SEALS, "AB1", "not_seals"),
        (SEALS, ["A1", "A2", "A3", "A4", "A5"], "not_seals"),
        (SEALS, [1], "not_seals"),
        (SEALS, [""], "not_seal"),
        (SEALS, ["A" * 15], "not_seal"),
        (SEALS, ["AB-1", "ab1"], "seal_twice"),
        ("/items/0/packages", 0, "not_packages"),
        ("/items/0/packages", 100001, "not_packages"),
        ("/items/0/packages", 1.5, "not_packages"),
        ("/items/0/packages", True, "not_packages"),
        ("/items/0/packaging", "35", "not_packaging"),
        ("/items/0/description", "  ", "not_description"),
        ("/items/0/description", "a\nb", "not_description"),
        ("/items/0/description", "x" * 201, "too_long"),
        (WEIGHT, "99999999", "not_weight"),
        (WEIGHT, "21320.5", "not_weight"),
        (WEIGHT, 21320.5, "not_weight"),
        (WEIGHT, "21.320", "not_weight"),
        (WEIGHT, "-1", "not_weight"),
        (WEIGHT, "٢", "not_weight"),
        (WEIGHT, float("nan"), "not_weight"),
        (WEIGHT, float("inf"), "not_weight"),
        (WEIGHT, "1e4", "not_weight"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_says_what_is_meant(field: str, typed: Any, code: str) -> None:
    with pytest.raises(RefusedDeed) as caught:
        taken(field, typed)
    assert caught.value.code == code
    for lang in ("es", "en"):
        assert caught.value.words(lang).startswith(f"{field}: ")


def test_a_wrong_check_digit_is_taken_of_one_who_insists_and_says_why() -> None:
    assert taken(CONTAINER, "csqu 305438-4", insist=True) == "CSQU3054384"
    with pytest.raises(RefusedDeed, match="to insist takes a reason"):
        taken(CONTAINER, "CSQU3054384", insist=True, reason=" ")
    with pytest.raises(RefusedDeed, match="4 letters and 7 digits"):
        taken(CONTAINER, "CSQU30543", insist=True)


def test_nobody_acts_without_a_name_nor_confirms_what_nobody_entered() -> None:
    entry = act(WEIGHT, "21000")
    confirm = act(WEIGHT, None, deed=Deed.CONFIRM, person="B")
    assert examined(confirm, (entry,), Rules(), identify) == confirm
    with pytest.raises(RefusedDeed, match="nothing to confirm"):
        examined(confirm, (), Rules(), identify)
    with pytest.raises(RefusedDeed, match="name"):
        examined(act(WEIGHT, "21000", person="  "), (), Rules(), identify)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["CSQU3054383"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["type", "number", "x"]), inner),
    max_leaves=5,
)  # fmt: skip


@settings(deadline=None)
@given(st.sampled_from([each for each in ENTERABLE if each.startswith("/items")]), anything, st.booleans())
def test_whatever_is_typed_is_refused_or_fits_a_draft(field: str, value: Any, insist: bool) -> None:
    try:
        held = taken(field, value, insist=insist)
    except RefusedDeed as refusal:
        assert refusal.words("es")
        return
    if held is None:
        return
    Item.from_wire({"sequence": 1, field.rpartition("/")[2]: held})
    assert taken(field, held, insist=insist) == held
    if field == CONTAINER and not insist:
        assert container.parse(held)


def test_the_deed_stays_what_it_was_but_for_its_value() -> None:
    given_act = act(WEIGHT, 21320)
    assert isinstance(given_act, Act)
    found = examined(given_act, (), Rules(), identify)
    assert (found.person, found.at, found.field) == (given_act.person, given_act.at, given_act.field)
