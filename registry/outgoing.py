"""What leaves the registry for others, in numbers: documents for customs, and changes for webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from registry.hooks.book import Fate
from registry.hooks.tables import hook_deliveries
from registry.reports.state import State
from registry.transmission.queue import QUEUES, Queue
from registry.transmission.tables import transmission_answers

WAITING = (State.QUEUED, State.SENT, State.ERROR)
OUTCOMES = ("applied", "known", "contradicts", "unclear", "unknown")


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many of one kind in one state, and how long the oldest has been there, in seconds; 0 where none is."""

    kind: str
    state: str
    count: int
    oldest_s: float


def documents(connection: Connection, now: datetime) -> Iterator[Waiting]:
    """Reports and corrections that are queued, sent without an answer, or did not arrive."""
    for queue in QUEUES:
        for state in WAITING:
            yield _documents(connection, queue, state, now)


def _documents(connection: Connection, queue: Queue, state: State, now: datetime) -> Waiting:
    papers = queue.papers
    query = select(func.count(), func.min(papers.c.changed_at)).where(papers.c.state == state.value)
    count, first = connection.execute(query).one()
    return Waiting(queue.of, state.value, count, _age(first, now))


def answers(connection: Connection) -> dict[str, int]:
    """Answers of customs that were heard, by what came of them."""
    query = select(transmission_answers.c.outcome, func.count()).group_by(transmission_answers.c.outcome)
    return dict.fromkeys(OUTCOMES, 0) | {name: int(count) for name, count in connection.execute(query)}


def deliveries(connection: Connection, now: datetime) -> Iterator[Waiting]:
    """Changes for webhooks that wait, were given up, or were delivered and are not forgotten yet."""
    state = hook_deliveries.c.state
    query = select(state, func.count(), func.min(hook_deliveries.c.made_at)).group_by(state)
    found = {name: (count, first) for name, count, first in connection.execute(query)}
    for fate in Fate:
        count, first = found.get(fate.value, (0, None))
        yield Waiting("change", fate.value, count, _age(first, now) if fate is Fate.WAITING else 0.0)


def _age(first: datetime | None, now: datetime) -> float:
    return 0.0 if first is None else max(0.0, (now - first).total_seconds())
