"""What says who somebody is stays out of every event, and a person's entry leaves the machine's value beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.preadvice.book import Announcements
from gateway.site.checks import read_site
from gateway.story.book import read
from gateway.story.line import StoryLine
from gateway.story.story import tell
from record.codes import shipped

BOOK = Path(__file__).parents[1] / "stories"
CARDS = [
    "1710034065",
    "1710034066",
    "1710034065 PEREZ LOPEZ JUAN",
    "I<ECU1710034065<<<<<",
    "1710034065001",
]
"""A cédula, a mistyped one, one with a name, a machine-readable line, a natural person's RUC."""


def drafts(lines: list[StoryLine]) -> list[dict[str, Any]]:
    told = tell(lines, read_site(BOOK / "site.yaml"), Announcements.read(BOOK / "preadvice.yaml"), shipped())
    return [dict(each.letter.data) for each in told if each.letter.type == "ec.iie.draft"]


def with_line(**line: Any) -> list[StoryLine]:
    lines = read(BOOK / "a_truck_with_everything.jsonl")
    return sorted([*lines, StoryLine.model_validate({"t": 6.4, **line})], key=lambda each: each.t)


@pytest.mark.parametrize("card", CARDS)
def test_a_card_never_enters_an_event(card: str) -> None:
    found = drafts(with_line(scan=card))
    written = json.dumps(found)
    assert "17100340" not in written
    assert "PEREZ" not in written
    assert found[-1]["evidence"]["personal"]


def test_an_unknown_code_is_still_named_and_draws_nothing() -> None:
    last = drafts(with_line(scan="PROMO\x1b[31m/XYZ"))[-1]
    (finding,) = (each for each in last["findings"] if each["code"] == "unknown_scan")
    assert finding["params"]["text"] == "PROMO·[31m/XYZ"


@pytest.mark.parametrize(
    ("field", "value", "pointer", "machine"),
    [
        ("/items/0/container", "TEXU3070079", "/items/0/container", "CSQU3054383"),
        ("/items/0/size_type", "45G1", "/items/0/size_type", "22G1"),
        (
            "/document",
            {"type": "DAE", "number": "02820264000777777"},
            "/document/number",
            "02820264000123456",
        ),
    ],
)
def test_the_machines_value_stands_beside_a_persons(
    field: str, value: Any, pointer: str, machine: str
) -> None:
    lines = read(BOOK / "a_truck_with_everything.jsonl")
    act = {"person": "J. Mora", "field": field, "value": value, "reason": "puerta"}
    said = StoryLine.model_validate({"t": 8.5, "act": act})
    last = drafts(sorted([*lines, said], key=lambda each: each.t))[-1]
    assert last["provenance"][pointer]["person"]["machine_value"] == machine
