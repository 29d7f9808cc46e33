"""How webhooks stand: what waits, what was given up, what went wrong last; for the console and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from registry.hooks.book import Fate, in_use
from registry.hooks.tables import hook_deliveries
from registry.reports.tables import reports


@dataclass(frozen=True, slots=True)
class Standing:
    """One hook as a page shows it."""

    hook: Row[Any]
    counts: dict[Fate, int]
    last: datetime | None
    trouble: str | None


def standing(connection: Connection) -> list[Standing]:
    """Every hook in use, with what has become of its deliveries."""
    query = select(hook_deliveries.c.hook, hook_deliveries.c.state, func.count()).group_by(
        hook_deliveries.c.hook, hook_deliveries.c.state
    )
    counts: dict[tuple[str, str], int] = {(hook, state): n for hook, state, n in connection.execute(query)}
    return [
        Standing(
            hook,
            {fate: counts.get((hook.id, fate.value), 0) for fate in Fate},
            _last(connection, hook.id),
            _trouble(connection, hook.id),
        )
        for hook in in_use(connection)
    ]


def _last(connection: Connection, hook: str) -> datetime | None:
    query = (
        select(hook_deliveries.c.settled_at)
        .where(hook_deliveries.c.hook == hook, hook_deliveries.c.state == Fate.DELIVERED.value)
        .order_by(hook_deliveries.c.settled_at.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _trouble(connection: Connection, hook: str) -> str | None:
    """What the receiver last said instead of taking a change that waits or was given up."""
    query = (
        select(hook_deliveries.c.status, hook_deliveries.c.error)
        .where(hook_deliveries.c.hook == hook, hook_deliveries.c.state != Fate.DELIVERED.value)
        .where(hook_deliveries.c.attempts > 0)
        .order_by(hook_deliveries.c.next_at.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else row.error or f"HTTP {row.status}"


def given_up(connection: Connection, hook: str, count: int = 50) -> Sequence[Row[Any]]:
    """The newest deliveries of a hook that were given up, with the reports that they are about."""
    query = (
        select(hook_deliveries, reports.c.id.label("report_id"), reports.c.delivery_number)
        .join(reports, reports.c.position == hook_deliveries.c.report)
        .where(hook_deliveries.c.hook == hook, hook_deliveries.c.state == Fate.GIVEN_UP.value)
        .order_by(hook_deliveries.c.position.desc())
        .limit(count)
    )
    return connection.execute(query).all()
