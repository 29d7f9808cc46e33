"""What goes into the outbox and what it holds: a letter before it has its place in the chain, and after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from record.errors import IieError
from record.event import EventType
from record.receipt import Receipt

WAITING = "'new', 'sent', 'acknowledged'"
"""The states, as SQL, of what the outbox still has to bring to the registry."""


class State(StrEnum):
    """Where an event is on its way."""

    NEW = "new"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    RECEIVED = "received"
    REFUSED = "refused"
    DEAD = "dead"

    @property
    def waiting(self) -> bool:
        """Whether the outbox still has to bring the event to the registry."""
        return self in (State.NEW, State.SENT, State.ACKNOWLEDGED)


class OutboxBroken(IieError):
    """The outbox cannot store: the disk is full or the database is damaged. The lane keeps its facts."""

    retry = True
    advice = "error.outbox"


@dataclass(frozen=True, slots=True)
class Letter:
    """What the gateway wants told: everything of an event but its identity."""

    type: EventType
    topic: str
    data: Mapping[str, Any]
    subject: str | None = None
    simulated: bool = False


class Stored(NamedTuple):
    """One event of the outbox with its state. ``stands_for`` is the row of the dead event in whose place it
    goes."""

    row: int
    id: str
    source: str
    sequence: int
    type: str
    subject: str | None
    topic: str
    body: bytes
    hash: str
    created_at: str
    state: State
    attempts: int
    reason: str | None
    receipt: Mapping[str, Any] | None
    changed_at: str
    stands_for: int | None = None


class Change(NamedTuple):
    """One step of one event on its way, as the link saw it."""

    row: int
    state: State
    reason: str | None = None
    sends: int = 0


class Settled(NamedTuple):
    """An event of the outbox that has its receipt, with the receipt's text as it came and how often the event was
    sent since that was last written."""

    row: int
    receipt: Receipt
    text: str
    sends: int = 0


COLUMNS = Stored._fields
STATES = {state.value: state for state in State}
STATE, RECEIPT = COLUMNS.index("state"), COLUMNS.index("receipt")


def stored(row: tuple[Any, ...]) -> Stored:
    """A row of the view ``letters``, its columns in the order of `COLUMNS`."""
    values = list(row)
    values[STATE] = STATES[values[STATE]]
    values[RECEIPT] = json.loads(values[RECEIPT]) if values[RECEIPT] else None
    return Stored._make(values)


def now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)
