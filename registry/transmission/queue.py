"""The queues of documents on their way to customs: that of reports, and that of corrections.

Both kinds of document are written down alike: a table of their own with state and depot, a history that says with
which bytes each was issued, and a row for each time that one was queued (a `Leg`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Table, func, insert, select, update

from registry.corrections.tables import correction_changes, corrections
from registry.reports.state import State, What
from registry.reports.tables import report_changes, reports
from registry.transmission.tables import correction_transmissions, transmissions

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Leg:
    """One time that a document was queued. ``paper`` is its place in its own table."""

    paper: int
    queued: int
    number: str
    attempts: int
    next_at: datetime
    began_at: datetime | None = None
    sent_at: datetime | None = None
    unsure: bool = False
    overdue_at: datetime | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """The change that queued a document: the version it gave, when, and which bytes were issued by it."""

    version: int
    at: datetime
    issued: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Queue:
    """One kind of document: where it stands, its history, its legs, and by which column these name it."""

    papers: Table
    changes: Table
    legs: Table
    of: str

    def waiting(self, connection: Connection, depots: Collection[str]) -> Sequence[str]:
        """Ids of what is queued, the longest first; some of them."""
        papers = self.papers
        query = select(papers.c.id).where(self._in(State.QUEUED, depots))
        query = query.order_by(papers.c.changed_at, papers.c.position).limit(AT_ONCE)
        return connection.execute(query).scalars().all()

    def queued_with(self, connection: Connection, paper: int) -> Queued:
        """The change that queued a document last."""
        changes = self.changes
        of_it = (changes.c[self.of] == paper) & (changes.c.what == What.QUEUED.value)
        query = select(changes.c.version, changes.c.at, changes.c.detail).where(of_it)
        row = connection.execute(query.order_by(changes.c.version.desc()).limit(1)).one()
        return Queued(row.version, row.at, row.detail)

    def leg(self, connection: Connection, paper: int, queued: int, number: str, now: datetime) -> Leg:
        """What is known of this time; written down as new where nothing is."""
        row = connection.execute(select(self.legs).where(self._at(paper, queued))).one_or_none()
        if row is not None:
            return self._leg(row)
        values = {self.of: paper, "queued": queued, "number": number, "attempts": 0, "next_at": now}
        connection.execute(insert(self.legs), values)
        return Leg(paper, queued, number, 0, now)

    def note(self, connection: Connection, of: Leg, **values: Any) -> None:
        """Write down what has become of it."""
        connection.execute(update(self.legs).where(self._at(of.paper, of.queued)).values(**values))

    def latest(self, connection: Connection, paper: int) -> Leg | None:
        """The last time that a document was queued and looked at."""
        query = select(self.legs).where(self.legs.c[self.of] == paper)
        row = connection.execute(query.order_by(self.legs.c.queued.desc()).limit(1)).one_or_none()
        return None if row is None else self._leg(row)

    def on_its_way(self, connection: Connection, paper: int) -> bool:
        """Whether a document is being sent at this moment, or was when the registry was killed."""
        found = self.latest(connection, paper)
        return found is not None and found.began_at is not None

    def left(self, connection: Connection, papers: Collection[int], number: str) -> set[int]:
        """Which of these documents have left under a number, whether they arrived or not."""
        place = self.legs.c[self.of]
        known = (place.in_(papers)) & (self.legs.c.number == number) & self.legs.c.sent_at.is_not(None)
        return set(connection.execute(select(place).where(known)).scalars())

    def unanswered_since(self, connection: Connection, depots: Collection[str]) -> datetime | None:
        """When the first document of these depots was sent that still has no answer; None where all have one."""
        query = select(func.min(self.legs.c.sent_at)).select_from(self._joined())
        found: datetime | None = connection.execute(query.where(self._in(State.SENT, depots))).scalar()
        return found

    def overdue(self, connection: Connection, before: datetime) -> Sequence[Leg]:
        """What was sent before a moment, has no answer, and nobody was told of yet."""
        late = (self.papers.c.state == State.SENT.value) & (self.legs.c.sent_at < before)
        query = select(self.legs).select_from(self._joined()).where(late & self.legs.c.overdue_at.is_(None))
        return [self._leg(row) for row in connection.execute(query.limit(AT_ONCE))]

    def _joined(self) -> FromClause:
        return self.papers.join(self.legs, self.legs.c[self.of] == self.papers.c.position)

    def _in(self, state: State, depots: Collection[str]) -> ColumnElement[bool]:
        return (self.papers.c.state == state.value) & self.papers.c.depot.in_(depots)

    def _at(self, paper: int, queued: int) -> ColumnElement[bool]:
        return (self.legs.c[self.of] == paper) & (self.legs.c.queued == queued)

    def _leg(self, row: Row[Any]) -> Leg:
        values = dict(row._mapping)
        return Leg(paper=values.pop(self.of), **values)


REPORTS = Queue(reports, report_changes, transmissions, "report")
CORRECTIONS = Queue(corrections, correction_changes, correction_transmissions, "correction")
QUEUES = (REPORTS, CORRECTIONS)
