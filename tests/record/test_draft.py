"""Drafts: a payload whose every field can be proven, on a wire without a single floating-point number."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.draft import Draft, Item, Outcome, ReportKind, VisitClosed
from record.errors import BadRecord
from record.proof import canonical, unwire

AT = "2026-11-24T17:00:00.000Z"


def draft(**payload: Any) -> dict[str, Any]:
    return {
        "draft": "018f0000-0000-7000-8000-000000000002",
        "revision": 1,
        "visit": "018f0000-0000-7000-8000-000000000003",
        "stay": "018f0000-0000-7000-8000-000000000003",
        "lane": "carril-1",
        "status": "complete",
        "payload": {
            "report": "IIE",
            "depot": {"profile": "temporal", "district": "028", "oce": "99999999", "operator_type": "14"},
            "entered_at": AT,
            "document": {"type": "DAE", "number": "02820264000000001"},
            "items": [{"sequence": 1, "container": "MSCU1234566", "weight_kg": "21000"}],
            **payload,
        },
        "evidence": {"clock": "synchronised", "machine": "pc", "version": "0.1.0"},
        "provenance": {"/items/0/weight_kg": {"evidence": ["a1"]}},
        "findings": [{"code": "missing_weight", "severity": "error", "field": "/items/0/weight_kg"}],
    }


def test_a_draft_comes_back_from_its_canonical_bytes() -> None:
    read = Draft.from_wire(draft())
    assert Draft.from_wire(unwire(canonical(read.to_wire()))) == read
    assert read.payload.items[0].weight_kg == Decimal(21000)
    assert read.payload.depot.channel == "S"


@settings(max_examples=50)
@given(st.decimals(Decimal("0.001"), Decimal(99999), places=3))
def test_a_weight_is_a_string_with_the_digits_it_was_given(kg: Decimal) -> None:
    written = Item(sequence=1, weight_kg=kg).to_wire()["weight_kg"]
    assert written == str(kg)
    assert Item.from_wire({"sequence": 1, "weight_kg": written}).weight_kg == kg


def test_what_is_unknown_is_absent_and_never_zero() -> None:
    assert Item.from_wire({"sequence": 1}).to_wire().keys() == {"sequence", "seals", "loose"}


@pytest.mark.parametrize(
    ("item", "where"),
    [
        ({"weight_kg": "0"}, "weight_kg"),
        ({"weight_kg": "-5"}, "weight_kg"),
        ({"weight_kg": "NaN"}, "weight_kg"),
        ({"packages": 0}, "packages"),
        ({"packages": "5"}, "packages"),
        ({"packages": True}, "packages"),
        ({"packaging": "5"}, "packaging"),
        ({"container": "MSCU123456"}, "container"),
        ({"container": "mscu1234566"}, "container"),
        ({"container": "MSCU1234566 "}, "container"),
        ({"size_type": "45"}, "size_type"),
        ({"seals": ["1", "2", "3", "4", "5"]}, "seals"),
        ({"sequence": 0}, "sequence"),
    ],
)
def test_a_wrong_field_of_an_item_is_named_with_its_place(item: dict[str, Any], where: str) -> None:
    with pytest.raises(BadRecord, match=f"/payload/items/0/{where}"):
        Draft.from_wire(draft(items=[{"sequence": 1, **item}]))


@pytest.mark.parametrize(
    ("payload", "where"),
    [
        ({"items": []}, "items"),
        ({"report": "XYZ"}, "report"),
        ({"document": {"type": "DAE", "number": ""}}, "document/number"),
        ({"document": {"type": "DAX", "number": "1"}}, "document/type"),
        ({"entered_at": "today"}, "entered_at"),
        ({"depot": {"profile": "temporal", "district": "28", "oce": "9", "operator_type": "1"}}, "depot/oce"),
    ],
)
def test_a_wrong_field_of_the_payload_is_named(payload: dict[str, Any], where: str) -> None:
    with pytest.raises(BadRecord, match=f"/payload/{where}"):
        Draft.from_wire(draft(**payload))


def test_each_report_has_the_code_of_its_e_document() -> None:
    assert {kind.value: kind.type_code for kind in ReportKind} == {"IIE": "031", "ISE": "032"}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_closed_visit_tells_how_it_ended(outcome: Outcome) -> None:
    closed = {"visit": "v", "stay": "s", "lane": "carril-1", "arrived_at": AT, "departed_at": AT}
    read = VisitClosed.from_wire({**closed, "outcome": outcome.value, "decided_by": "machine"})
    assert read.outcome is outcome
    assert VisitClosed.from_wire(read.to_wire()) == read
