"""Figures of the day: visits by the hour, what waits, what cameras have read, weights against declarations.

Each is read from an index and bounded, so that the page costs the same after five years.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, Connection, literal_column, select

from registry.daes import book as declarations
from registry.daes.ledger import ledgers
from registry.numbers import ECUADOR
from registry.people.who import Who
from registry.reports import query
from registry.reports.state import State
from registry.reports.tables import reports
from registry.reports.tray import Tray
from registry.tables import drafts, events

HOURS = 24
DAYS = 14
"""Days of the rate of reading."""

MOST_VISITS = 50_000
MOST_DRAFTS = 20_000
MOST_DOCUMENTS = 100
"""Newest documents whose weights are compared."""

WAITS = (Tray.COMPLETE, Tray.REVIEW, Tray.EXPORT, Tray.WAITING, Tray.REFUSED, Tray.PROPOSED)
BUCKETS = (-10.0, -5.0, -1.0, 1.0, 5.0, 10.0)
"""Where differences of weight are divided, in percent of what was declared."""

VISITS: ColumnElement[bool] = literal_column("events.type = 'ec.iie.visit.closed'")
"""As the partial index has it: a bound value would not be recognised (SQLite, partial indexes, 3)."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is called, how high it is, and how much of it is of the second kind."""

    label: str
    value: int
    part: int = 0


def visits(connection: Connection, depots: Sequence[str], day: date) -> list[Bar]:
    """Visits that have closed on a day, by the hour of Ecuador in which the gate says so."""
    begin = datetime.combine(day, time(0), tzinfo=ECUADOR).astimezone(UTC)
    query_ = (
        select(events.c.time)
        .where(VISITS, events.c.depot.in_(depots), events.c.time >= begin)
        .where(events.c.time < begin + timedelta(days=1))
        .limit(MOST_VISITS)
    )
    counts = Counter(moment.astimezone(ECUADOR).hour for moment in connection.execute(query_).scalars())
    return [Bar(f"{hour:02d}", counts[hour]) for hour in range(HOURS)]


def waiting(connection: Connection, who: Who) -> list[Bar]:
    """Reports in each tray."""
    counts = query.counts(connection, who)
    return [Bar(each.value, counts[each]) for each in WAITS]


def oldest(connection: Connection, who: Who) -> datetime | None:
    """Since when the report has waited that has waited longest for a person."""
    found = [query.tray(connection, who, each, 1) for each in (Tray.COMPLETE, Tray.REVIEW)]
    return min((row.entered_at for rows in found for row in rows), default=None)


def reading_rates(connection: Connection, depots: Sequence[str], day: date) -> list[Bar]:
    """Reports with a container, by day of entry; ``part`` are those whose number is the gate's, nobody changed it."""
    first = day - timedelta(days=DAYS - 1)
    begin = datetime.combine(first, time(0), tzinfo=ECUADOR).astimezone(UTC)
    found = (
        select(reports.c.entered_at, reports.c.container, drafts.c.container.label("seen"))
        .join(drafts, drafts.c.draft == reports.c.draft)
        .where(reports.c.depot.in_(depots), reports.c.entered_at >= begin, reports.c.container.is_not(None))
        .where(reports.c.state != State.WITHDRAWN.value)
        .order_by(reports.c.entered_at.desc())
        .limit(MOST_DRAFTS)
    )
    total, read = Counter[date](), Counter[date]()
    for row in connection.execute(found):
        on = row.entered_at.astimezone(ECUADOR).date()
        total[on] += 1
        read[on] += row.container == row.seen
    days = [first + timedelta(days=each) for each in range(DAYS)]
    return [Bar(each.isoformat(), total[each], read[each]) for each in days]


def weights(connection: Connection, who: Who) -> list[Bar]:
    """The newest documents by how much more or less was received than declared; bars from less to more."""
    counts = [0] * (len(BUCKETS) + 1)
    newest = declarations.page(connection, who, count=MOST_DOCUMENTS)[0]
    for each in ledgers(connection, newest):
        found = each.differences()["weight_kg"]
        if found is not None:
            counts[sum(found[1] > edge for edge in BUCKETS)] += 1
    return [Bar(label, count) for label, count in zip(_labels(), counts, strict=True)]


def _labels() -> list[str]:
    edges = [f"{edge:+.0f}" for edge in BUCKETS]
    between = [f"{low}…{high}" for low, high in pairwise(edges)]
    return [f"≤{edges[0]}", *between, f">{edges[-1]}"]
