"""The simulator of customs: what it decides, and what it finds in a document."""

from __future__ import annotations

import httpx
import pytest

from registry.transmission.parcel import Parcel, Refused, Sender
from registry.transmission.simulator import Every, Simulator, Verdict
from registry.transmission.soap import Soap

SENDER = Sender("01234567", "1790012345001", "01", "U")


def number(sequence: int) -> str:
    return f"012345672026{sequence:08d}S"


def test_a_plan_decides_by_the_sequence_of_a_number():
    plan = Every(reject=3, swallow=4, fault=5)
    verdicts = [plan(number(each)) for each in range(1, 6)]
    assert verdicts == ["accept", "accept", "reject", "swallow", "fault"]
    assert Every()(number(60)) is Verdict.ACCEPT
    assert Every(reject=2)("strange") is Verdict.ACCEPT


DOCUMENTS = {
    "not XML": ("<a", "XML-001"),
    "another document": ("<a/>", "XML-002"),
    "another number": (
        "<DocumentMetadata><Declaration><ID>1</ID></Declaration></DocumentMetadata>",
        "NUM-002",
    ),
}


@pytest.mark.parametrize(("body", "code"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_what_is_wrong_in_a_document_is_a_row_of_its_answer(body, code):
    with Simulator() as customs:
        adapter = Soap(customs.url)
        adapter.send(Parcel("IIE", "031", number(1), body.encode(), SENDER))
        (reference,) = adapter.references(SENDER, customs.sent[0].at)
        answer = adapter.answer(SENDER, reference)
    assert not answer.accepted
    assert code in [each.code for each in answer.faults]


def test_a_number_that_came_before_is_told():
    with Simulator() as customs:
        adapter = Soap(customs.url)
        for _ in range(2):
            adapter.send(Parcel("IIE", "031", number(1), b"<a/>", SENDER))
        assert "NUM-001" not in [each.code for each in customs.sent[0].faults]
        assert "NUM-001" in [each.code for each in customs.sent[1].faults]


def test_a_simulator_that_is_started_again_gives_other_references():
    found = set()
    for _ in range(2):
        with Simulator() as customs:
            adapter = Soap(customs.url)
            adapter.send(Parcel("IIE", "031", number(1), b"<a/>", SENDER))
            found.update(adapter.references(SENDER, customs.sent[0].at))
    assert len(found) == 2, "what was heard once is not asked for again"


@pytest.mark.parametrize("body", [b"", b"<a", b"<a/>", b"\xff" * 100])
def test_what_is_no_call_gets_a_fault(body):
    with Simulator() as customs:
        assert httpx.post(customs.url, content=body).status_code == 500
        with pytest.raises(Refused):
            Soap(customs.url).answer(SENDER, "SIM9")
