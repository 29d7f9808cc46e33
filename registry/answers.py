"""The registry's signed answers: receipts, and their repetition for events that come again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from record.base import timestamp
from record.proof import SigningKey, seal_written, unwire
from record.receipt import Answer, Receipt
from record.topics import Gate
from registry.intake import Identity


@dataclass(frozen=True, slots=True)
class Reply:
    """A receipt's bytes, and the gate that waits for them."""

    gate: Gate
    body: bytes


def accepted(
    identity: Identity, key: SigningKey, at: datetime, draft: str | None, delivery_number: str | None
) -> bytes:
    """The receipt of an event that was stored: what `Receipt` writes, put together at half its price."""
    named = {"draft": draft, "delivery_number": delivery_number}
    record = {
        "answer": Answer.ACCEPTED.value,
        "event": identity.event,
        "source": identity.source,
        "sequence": identity.sequence,
        "hash": identity.hash,
        "reasons": [],
        "at": timestamp(at),
        **{name: value for name, value in named.items() if value is not None},
    }
    return seal_written(record, key)


def refused(identity: Identity, key: SigningKey, at: datetime, reasons: Sequence[str]) -> bytes:
    """The receipt of an event that was not taken; final for these bytes."""
    return _sealed(
        Receipt(
            answer=Answer.REFUSED,
            event=identity.event,
            source=identity.source,
            sequence=identity.sequence,
            hash=identity.hash,
            reasons=tuple(reasons),
            at=at,
        ),
        key,
    )


def duplicate(first: bytes, key: SigningKey) -> bytes:
    """The receipt of an event that is held already: the first one's draft, number and time, as *duplicate*.

    It depends on nothing but the first receipt, so every repetition has the same bytes.
    """
    receipt = Receipt.from_wire(unwire(first))
    return _sealed(receipt.model_copy(update={"answer": Answer.DUPLICATE}), key)


def _sealed(receipt: Receipt, key: SigningKey) -> bytes:
    return seal_written(receipt.to_wire(), key)
