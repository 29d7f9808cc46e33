"""Announcements at the gate: what of them may be proven to others."""

from __future__ import annotations

from gateway.preadvice.book import hash_of
from record.preadvice import Preadvice

WIRE = {
    "id": "aviso-1",
    "keys": {"document": {"type": "DAE", "number": "02820264000123456"}},
    "cargo": {"description": "BANANO FRESCO"},
}


def test_nobody_can_find_the_driver_out_from_the_hash() -> None:
    told = [Preadvice.from_wire({**WIRE, "driver": card}) for card in ("1710034065", "0926687856")]
    assert hash_of(told[0]) == hash_of(told[1]) == hash_of(Preadvice.from_wire(WIRE))


def test_anything_else_that_differs_changes_the_hash() -> None:
    assert hash_of(Preadvice.from_wire({**WIRE, "procedure": "TE"})) != hash_of(Preadvice.from_wire(WIRE))
