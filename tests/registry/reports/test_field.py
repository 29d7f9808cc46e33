"""What people type, as values; and back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.draft import Payload
from registry.reports.field import OF_ITEM, BadValue, kind_of, shown, typed
from registry.reports.pointer import at, laid
from registry.reports.rules import Rules

TODAY = date(2026, 11, 24)
RULES = Rules()
FIELDS = ["/document", "/exit_reason", "/entered_at", *(f"/items/0/{name}" for name in OF_ITEM)]
PAYLOAD = {
    "report": "ISE",
    "depot": {"profile": "temporal", "district": "028", "oce": "01234567", "operator_type": "05"},
    "entered_at": "2026-11-24T17:00:00.000Z",
    "items": [{"sequence": 1}],
}


def read(where: str, text: str):
    return typed(where, text, RULES, TODAY).value


@pytest.mark.parametrize(
    ("where", "text", "value"),
    [
        ("/document", "DAE 028-2026-40-00123456", {"type": "DAE", "number": "02820264000123456"}),
        ("/document", "DAE 028 2026 40 00123456", {"type": "DAE", "number": "02820264000123456"}),
        ("/document", "DAE O2820264000I23456", {"type": "DAE", "number": "02820264000123456"}),
        ("/document", "DJT 12345", {"type": "DJT", "number": "12345"}),
        ("/exit_reason", "return", "return"),
        ("/entered_at", "2026-11-24T11:30", "2026-11-24T16:30:00.000Z"),
        ("/items/0/container", "csqu 305438-3", "CSQU3054383"),
        ("/items/0/size_type", "40HC", "45G1"),
        ("/items/0/size_type", "22g1", "22G1"),
        ("/items/0/loose", "yes", True),
        ("/items/0/seals", "ec-123456; ML 77", ["EC123456", "ML", "77"]),
        ("/items/0/description", "  BANANO   FRESCO ", "BANANO FRESCO"),
        ("/items/0/description", "BANANO\r\nFRESCO\n", "BANANO FRESCO"),
        ("/items/0/packages", "1.080", 1080),
        ("/items/0/packaging", "035 caja", "035"),
        ("/items/0/weight_kg", "21 350 kg", "21350"),
        ("/items/0/weight_kg", "21,350", "21350"),
        ("/items/0/weight_kg", "", None),
    ],
)
def test_what_is_right(where, text, value):
    assert read(where, text) == value


@pytest.mark.parametrize(
    ("where", "text", "code"),
    [
        ("/document", "02820264000123456", "document"),
        ("/document", "DAE 123", "dae"),
        ("/document", "DAE", "document"),
        ("/document", "TRS ab", "other_document"),
        ("/entered_at", "", "moment"),
        ("/entered_at", "9999-12-31T23:59", "moment"),
        ("/exit_reason", "stolen", "choice"),
        ("/entered_at", "yesterday", "moment"),
        ("/entered_at", "2026-11-25T12:00", "moment_range"),
        ("/entered_at", "0001-01-01T00:00", "moment_range"),
        ("/items/0/container", "CSQU3054384", "check_digit"),
        ("/items/0/container", "nothing", "container"),
        ("/items/0/size_type", "45", "size_type"),
        ("/items/0/loose", "maybe", "choice"),
        ("/items/0/seals", "a, b, c, d, e", "too_many_seals"),
        ("/items/0/seals", "=1+1", "seal"),
        ("/items/0/seals", "EC1, EC1", "seal_twice"),
        ("/items/0/description", "x" * 201, "too_long"),
        ("/items/0/description", "a\u202eb", "invisible"),
        ("/items/0/packages", "0", "number_range"),
        ("/items/0/packages", "1.5", "whole_number"),
        ("/items/0/packages", "٣", "whole_number"),
        ("/items/0/packages", "99999999", "number_range"),
        ("/items/0/packaging", "caja", "packaging"),
        ("/items/0/weight_kg", "21.35", "whole_number"),
        ("/items/0/weight_kg", "-5", "whole_number"),
        ("/items/0/weight_kg", "1e9", "whole_number"),
    ],
)
def test_what_is_wrong_is_told(where, text, code):
    with pytest.raises(BadValue) as told:
        read(where, text)
    assert told.value.phrase.code == f"console.value.{code}"
    assert told.value.phrase.text("es") and told.value.phrase.text("en")


def test_a_container_is_told_which_digit_would_fit():
    with pytest.raises(BadValue) as told:
        read("/items/0/container", "CSQU3054384")
    assert "3" in told.value.phrase.text()


def test_what_is_odd_is_taken_with_a_remark():
    for where, text in (
        ("/document", "DAE 999-2026-40-00123456"),
        ("/items/0/packaging", "998"),
        ("/items/0/size_type", "ZZZZ"),
        ("/items/0/container", "MSCU3000090"),
    ):
        found = typed(where, text, RULES, TODAY)
        assert found.value is not None
        assert [each.text("es") for each in found.remarks]


@pytest.mark.parametrize(
    "where", ["", "/", "/depot/oce", "/items/0", "/items/x/container", "/items/40/container", "/report", "x"]
)
def test_what_is_no_field(where):
    assert kind_of(where) is None


@given(st.sampled_from(FIELDS), st.text(max_size=40))
def test_whatever_is_typed_is_a_value_of_the_payload_or_told(where, text):
    try:
        value = read(where, text)
    except BadValue:
        return
    payload = laid(PAYLOAD, {where: value})
    Payload.from_wire(payload)
    assert at(payload, where) == value
    kind = kind_of(where)
    assert kind is not None
    assert read(where, shown(kind, value)) == value
