"""Receipts: only *accepted* and *duplicate* take an event out of an outbox, and only sealed ones prove it."""

from __future__ import annotations

from typing import Any

import pytest

from record.errors import BadProof, BadRecord
from record.proof import GENESIS, SigningKey, seal, verify
from record.receipt import Answer, Receipt

KEY = SigningKey.generate()


def receipt(**changes: Any) -> dict[str, Any]:
    body = {
        "answer": "accepted",
        "event": "018f0000-0000-7000-8000-000000000001",
        "source": "/deposito/garita-1/018f0000-0000-7000-8000-00000000000a",
        "sequence": 3,
        "hash": GENESIS,
        "draft": "018f0000-0000-7000-8000-000000000002",
        "delivery_number": "99999999202600000001S",
        "at": "2026-11-24T17:00:00.000Z",
    }
    return {**body, **changes}


def test_a_receipt_comes_back_and_holds() -> None:
    sealed = seal(Receipt.from_wire(receipt()).to_wire(), KEY)
    read = Receipt.from_wire(sealed)
    assert read.delivery_number == "99999999202600000001S"
    assert read.to_wire() == sealed
    verify(sealed, {KEY.public.id: KEY.public})


def test_a_changed_number_breaks_the_seal() -> None:
    sealed = seal(receipt(), KEY)
    with pytest.raises(BadProof):
        verify({**sealed, "delivery_number": "99999999202600000002S"}, {KEY.public.id: KEY.public})


def test_only_a_refusal_says_that_the_registry_does_not_hold_it() -> None:
    assert {answer: answer.received for answer in Answer} == {
        Answer.ACCEPTED: True,
        Answer.DUPLICATE: True,
        Answer.REFUSED: False,
    }


def test_a_refusal_has_its_reasons() -> None:
    read = Receipt.from_wire(receipt(answer="refused", reasons=["bad_proof: changed"], draft=None))
    assert read.reasons == ("bad_proof: changed",)
    assert not read.answer.received


@pytest.mark.parametrize(
    ("name", "value"),
    [("answer", "perhaps"), ("sequence", "3"), ("hash", "00"), ("at", "yesterday"), ("reasons", "none")],
)
def test_a_wrong_field_is_named(name: str, value: object) -> None:
    with pytest.raises(BadRecord, match=f"/{name}"):
        Receipt.from_wire(receipt(**{name: value}))
