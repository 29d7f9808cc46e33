"""Following changes: what has been told of reports since a place, each depot's in its order, nothing left out.

A place is one cursor: per depot the sequence of the last change that was read, and where the next ones lie.

    guayaquil:1204.88213,manta:77.88190          depot : sequence . position

Within a depot positions grow as changes are committed (its chain is locked by whoever tells), between depots they
need not: one number for all would pass over what another worker commits later.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from record.errors import IieError
from registry.reports.tables import report_chains, report_outbox

PART = re.compile(r"([a-z0-9-]{1,32}):([0-9]{1,10})\.([0-9]{1,10})")
LARGEST = 2**31 - 1
LONGEST = 16_000
"""Characters of a cursor: three hundred depots."""


class BadCursor(IieError):
    """A text that is no cursor; begin without one."""

    advice = "console.problem.cursor_bad"


class CursorGone(IieError):
    """Changes after the cursor are no longer kept. Read the reports anew and go on from now."""

    advice = "console.problem.cursor_gone"


class Mark(NamedTuple):
    """How far one depot's changes were read."""

    sequence: int
    position: int


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the event's bytes as they were signed, and the cursor after it."""

    id: str
    body: bytes
    cursor: str


class Cursor:
    """Marks by depot; a depot without one is read from its beginning."""

    def __init__(self, marks: Mapping[str, Mark]) -> None:
        self._marks = dict(marks)

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """A cursor as it was handed out. Raises `BadCursor`."""
        marks: dict[str, Mark] = {}
        if text == NOTHING:
            return cls(marks)
        for part in text[: LONGEST + 1].split(","):
            match = PART.fullmatch(part)
            if match is None or len(text) > LONGEST or max(int(match[2]), int(match[3])) > LARGEST:
                raise BadCursor(f"no cursor: {text[:40]!r}")
            marks[match[1]] = Mark(int(match[2]), int(match[3]))
        return cls(marks)

    def of(self, depot: str) -> Mark:
        """How far a depot was read."""
        return self._marks.get(depot, Mark(0, 0))

    def at(self, depot: str, mark: Mark) -> Cursor:
        """The cursor with another mark for one depot."""
        return Cursor(self._marks | {depot: mark})

    def __str__(self) -> str:
        parts = [f"{depot}:{mark.sequence}.{mark.position}" for depot, mark in sorted(self._marks.items())]
        return ",".join(parts) or NOTHING


NOTHING = "0"
"""The cursor before anything was told."""


def now(connection: Connection, depots: Sequence[str] | None) -> Cursor:
    """The cursor after all that has been told so far."""
    marks = {
        depot: Mark(head, _last(connection, depot)) for depot, head in _heads(connection, depots).items()
    }
    return Cursor(marks)


def since(
    connection: Connection, depots: Sequence[str] | None, cursor: Cursor, count: int
) -> tuple[list[Change], Cursor]:
    """Changes after a cursor, ``count`` at most, and the cursor after them. Raises `CursorGone`, `BadCursor`."""
    found: list[Change] = []
    for depot, head in _heads(connection, depots).items():
        mark = cursor.of(depot)
        if mark.sequence > head:
            raise BadCursor(f"{depot} has told {head} changes, not {mark.sequence}")
        if mark.sequence == head or len(found) >= count:
            continue
        query = (
            select(report_outbox.c.id, report_outbox.c.position, report_outbox.c.body)
            .where(report_outbox.c.depot == depot, report_outbox.c.position > mark.position)
            .order_by(report_outbox.c.position)
            .limit(count - len(found))
        )
        sequence = mark.sequence
        for row in connection.execute(query):
            if json.loads(row.body)["sequence"] != sequence + 1:
                raise CursorGone(f"{depot}: change {sequence + 1} is no longer kept")
            sequence += 1
            cursor = cursor.at(depot, Mark(sequence, row.position))
            found.append(Change(row.id, row.body, str(cursor)))
        if sequence == mark.sequence:
            raise CursorGone(f"{depot}: change {sequence + 1} is no longer kept")
    return found, cursor


def _last(connection: Connection, depot: str) -> int:
    query = select(func.max(report_outbox.c.position)).where(report_outbox.c.depot == depot)
    return connection.execute(query).scalar() or 0


def _heads(connection: Connection, depots: Sequence[str] | None) -> dict[str, int]:
    query = select(report_chains.c.depot, report_chains.c.sequence).order_by(report_chains.c.depot)
    if depots is not None:
        query = query.where(report_chains.c.depot.in_(depots))
    return {row.depot: row.sequence for row in connection.execute(query)}
