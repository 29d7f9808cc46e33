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
from record.identifiers.access_key import check_digit

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
    last = drafts(with_line(scan="PR0M0\x1b[31m/X7Z"))[-1]
    (finding,) = (each for each in last["findings"] if each["code"] == "unknown_scan")
    assert finding["params"]["text"] == "PR0M0·[31m/X7Z"


@pytest.mark.parametrize(
    "text",
    ["PEREZ", "Pérez Mora Juan", "GARCIA/JUAN", "12-B LUIS PEREZ", "Mr. John Smith", "ＰＥＲＥＺ", "ПЕРЕС"],
)
def test_an_unknown_text_that_may_be_a_name_never_enters_an_event(text: str) -> None:
    found = drafts(with_line(scan=text))
    written = json.dumps(found, ensure_ascii=False)
    assert text not in written
    assert not any(word in written for word in text.split() if len(word) > 3)
    assert found[-1]["evidence"]["personal"]
    (finding,) = (each for each in found[-1]["findings"] if each["code"] == "unknown_scan")
    assert finding["params"]["text"] == f"({len(text)})"


@pytest.mark.parametrize("text", ["DAE 028-2026-40-0001", "028-2026-40-0001", "CONT. MSKU-12", "12345"])
def test_a_number_that_was_printed_badly_is_shown_to_whoever_has_to_look(text: str) -> None:
    found = drafts(with_line(scan=text))[-1]
    (finding,) = (each for each in found["findings"] if each["code"] == "unknown_scan")
    assert finding["params"]["text"] == text


def key_of(owner: str) -> str:
    first = f"2411202606{owner}2001501000000008123456781"
    return first + str(check_digit(first))


def test_an_access_key_of_a_natural_person_hides_the_cedula_and_keeps_the_rest() -> None:
    key = key_of("1710034065001")
    found = drafts(with_line(scan=key))[-1]
    assert "17100340" not in json.dumps(found)
    (scan,) = (each for each in found["evidence"]["scans"] if each["kind"] == "access_key")
    hidden = f"2411202606{'·' * 10}001{key[23:]}"
    assert (scan["text"], scan["normal"]) == (hidden, hidden)
    assert scan["parts"]["number"] == "001-501-000000008"
    assert "ruc" not in scan["parts"]
    assert found["evidence"]["personal"]
    assert "left_out" not in found["evidence"] or found["evidence"]["left_out"] == []


def test_an_access_key_of_a_company_is_carried_whole() -> None:
    key = key_of("1790011674001")
    found = drafts(with_line(scan=key))[-1]
    (scan,) = (each for each in found["evidence"]["scans"] if each["kind"] == "access_key")
    assert (scan["text"], scan["parts"]["ruc"]) == (key, "1790011674001")
    assert "personal" not in found["evidence"]


def test_a_damaged_access_key_of_a_natural_person_stays_out() -> None:
    key = key_of("1710034065001")
    for damaged in (key[:-1] + str((int(key[-1]) + 1) % 10), key[:-1], key + "0"):
        assert "17100340" not in json.dumps(drafts(with_line(scan=damaged)))


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
