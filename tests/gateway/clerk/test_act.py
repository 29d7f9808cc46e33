"""What a person may enter, and what is refused because it would spoil the draft."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.clerk.act import Act, Deed, check, entered, is_confirmed
from gateway.clerk.refusal import RefusedDeed
from record.draft import Depot, Item, Payload, Profile, ReportKind
from record.errors import BadRecord

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
DEPOT = Depot(profile=Profile.TEMPORAL, district="028", oce="99999999", operator_type="14")
PAYLOAD = Payload(report=ReportKind.ENTRY, depot=DEPOT, entered_at=NOON, items=(Item(sequence=1),))


def act(field: str = "/items/0/packages", value: Any = 10, **changes: Any) -> Act:
    given = {"person": "A", "role": "guard", "deed": Deed.ENTER, "reason": "r"} | changes
    moment = given.pop("monotonic", 1.0)
    return Act(NOON, moment, field=field, value=value, **given)


def test_an_entry_stands_in_the_payload_and_none_takes_it_out() -> None:
    field = "/items/0/packages"
    assert entered(PAYLOAD, {field: act()}).items[0].packages == 10
    assert entered(PAYLOAD, {field: act(value=None)}).items[0].packages is None


@pytest.mark.parametrize(
    "wrong",
    [
        act("/depot/oce", "1"),
        act("/items/9/packages"),
        act(value=-1),
        act(value=2**60),
        act("/items/0/description", "\ud800"),
        act("/items/0/description", "x" * 5000),
        act("/exit_reason", "return"),
        act(reason="x" * 5000),
        act(person="\udfff"),
    ],
)
def test_what_no_draft_can_hold_is_refused(wrong: Act) -> None:
    with pytest.raises(BadRecord):
        check(wrong, PAYLOAD)


def test_nobody_confirms_their_own_entry_nor_one_that_comes_later() -> None:
    entry = act(monotonic=5.0)
    own = act(deed=Deed.CONFIRM, monotonic=6.0)
    early = act(deed=Deed.CONFIRM, person="B", monotonic=4.0)
    other = act(deed=Deed.CONFIRM, person="B", monotonic=6.0)
    assert not is_confirmed(entry, (own, early))
    assert is_confirmed(entry, (own, early, other))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (act("/depot/oce", "1"), "/depot/oce: este campo no se puede digitar en la garita"),
        (act("/exit_reason", "return"), "/exit_reason: un informe de ingreso no tiene motivo de salida"),
        (act(value=-1), "/items/0/packages: este campo no admite ese valor, se encontró -1"),
        (act(person="J\x07"), "person: tiene un carácter de control"),
    ],
)
def test_a_refusal_is_told_in_spanish_with_field_and_value(wrong: Act, words: str) -> None:
    with pytest.raises(RefusedDeed) as caught:
        check(wrong, PAYLOAD)
    assert caught.value.words("es").startswith(words)
