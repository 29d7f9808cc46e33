"""The registry's signed answer to one event; only this takes an event out of a gate's outbox."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from record.base import Record, Sha256, Timestamp


class Answer(StrEnum):
    """What the registry did with an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"

    @property
    def received(self) -> bool:
        """Whether the registry holds the event's business content."""
        return self is not Answer.REFUSED


class Receipt(Record):
    """One answer. A duplicate gets the answer of the first time, with its number."""

    answer: Annotated[Answer, Field(strict=False)]
    event: str
    source: str
    sequence: int
    hash: Sha256
    draft: str | None = None
    delivery_number: str | None = Field(default=None, description="número de entrega reserved for the draft")
    reasons: Annotated[tuple[str, ...], Field(strict=False)] = ()
    at: Timestamp
    proof: str = ""
