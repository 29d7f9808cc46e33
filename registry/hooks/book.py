"""The book of webhooks: who is told, up to where changes have become deliveries, what became of each.

    report_outbox ─fan out─▶ hook_deliveries (waiting) ─▶ delivered
                                                       └─▶ given_up, after `give_up_days`; a person may try again

Only so many wait at once for one hook; what is behind them waits in the outbox of reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import uuid_utils
from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from record.errors import IieError
from registry.hooks.tables import hook_deliveries, hook_places, hooks
from registry.people.users import BadUser, clean
from registry.reports.tables import report_chains, report_outbox

MOST_WAITING = 1000
"""Deliveries of one hook that wait at once."""

FIRST, LONGEST = timedelta(seconds=5), timedelta(hours=1)
"""The wait after a failure is doubled each time, from the first to the second."""


class Fate(StrEnum):
    """What has become of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class BadHook(IieError):
    """A webhook that cannot be made, or that is not there; the message says why."""

    advice = "api.hook.bad"


def pause(failures: int) -> timedelta:
    """How long after so many failures in a row the next attempt is made."""
    return min(FIRST * (1 << min(max(failures - 1, 0), 20)), LONGEST)


def add(
    connection: Connection, name: str, url: str, now: datetime, by: str, depots: Sequence[str] | None = None
) -> str:
    """A new hook, told of what changes from now on: its id. Raises `BadHook`."""
    try:
        written = clean(name)
    except BadUser as error:
        raise BadHook(str(error)) from error
    row = {
        "id": str(uuid_utils.uuid7()),
        "name": written,
        "url": url,
        "depots": None if depots is None else sorted(set(depots)),
        "created_at": now,
        "created_by": by[:64],
        "failures": 0,
        "next_at": now,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(hooks).values(row))
    except IntegrityError as error:
        raise BadHook(f"there is a webhook {written!r} already; remove it, or take another name") from error
    for depot in connection.execute(select(report_chains.c.depot)).scalars().all():
        last = select(func.max(report_outbox.c.position)).where(report_outbox.c.depot == depot)
        place = connection.execute(last).scalar() or 0
        connection.execute(insert(hook_places).values(hook=row["id"], depot=depot, position=place))
    return str(row["id"])


def remove(connection: Connection, hook: str, now: datetime) -> bool:
    """Tell a receiver nothing more; False where there is none, or it was removed before."""
    gone = update(hooks).where(hooks.c.id == hook, hooks.c.removed_at.is_(None)).values(removed_at=now)
    if connection.execute(gone).rowcount != 1:
        return False
    waiting = (hook_deliveries.c.hook == hook) & (hook_deliveries.c.state == Fate.WAITING.value)
    connection.execute(
        update(hook_deliveries).where(waiting).values(state=Fate.GIVEN_UP.value, settled_at=now)
    )
    return True


def in_use(connection: Connection) -> Sequence[Row[Any]]:
    """The hooks that are not removed, by their names."""
    return connection.execute(select(hooks).where(hooks.c.removed_at.is_(None)).order_by(hooks.c.name)).all()


def by_name(connection: Connection, name: str) -> Row[Any] | None:
    """The hook of a name that is not removed."""
    query = select(hooks).where(hooks.c.name == name, hooks.c.removed_at.is_(None))
    return connection.execute(query).one_or_none()


def fan_out(connection: Connection, hook: Row[Any], now: datetime) -> int:
    """Make deliveries of the changes that a hook has not had: how many. Runs in one transaction."""
    waiting = select(func.count()).where(
        hook_deliveries.c.hook == hook.id, hook_deliveries.c.state == Fate.WAITING.value
    )
    room = MOST_WAITING - connection.execute(waiting).scalar_one()
    made = 0
    for depot, place in _places(connection, hook).items():
        if room - made <= 0:
            break
        query = (
            select(report_outbox)
            .where(report_outbox.c.depot == depot, report_outbox.c.position > place)
            .order_by(report_outbox.c.position)
            .limit(room - made)
        )
        rows = connection.execute(query).all()
        if rows:
            connection.execute(insert(hook_deliveries), [_delivery(hook.id, row) for row in rows])
            _move(connection, hook.id, depot, rows[-1].position)
            made += len(rows)
    return made


def _places(connection: Connection, hook: Row[Any]) -> dict[str, int]:
    """Per depot that a hook is told of, up to where it was; a depot that is new is told of from its beginning."""
    depots = connection.execute(select(report_chains.c.depot).order_by(report_chains.c.depot)).scalars().all()
    query = select(hook_places.c.depot, hook_places.c.position).where(hook_places.c.hook == hook.id)
    held = {row.depot: row.position for row in connection.execute(query)}
    return {depot: held.get(depot, 0) for depot in depots if hook.depots is None or depot in hook.depots}


def _move(connection: Connection, hook: str, depot: str, position: int) -> None:
    here = (hook_places.c.hook == hook) & (hook_places.c.depot == depot)
    if connection.execute(update(hook_places).where(here).values(position=position)).rowcount == 0:
        connection.execute(insert(hook_places).values(hook=hook, depot=depot, position=position))


def _delivery(hook: str, event: Row[Any]) -> dict[str, Any]:
    return {
        "hook": hook,
        "event": event.id,
        "report": event.report,
        "state": Fate.WAITING.value,
        "made_at": event.created_at,
        "next_at": event.created_at,
        "attempts": 0,
    }


def due(connection: Connection, hook: str, now: datetime, count: int) -> Sequence[Row[Any]]:
    """Deliveries to be tried now, with their events: of each report the first that waits."""
    earlier = hook_deliveries.alias()
    before = exists().where(
        earlier.c.hook == hook,
        earlier.c.state == Fate.WAITING.value,
        earlier.c.report == hook_deliveries.c.report,
        earlier.c.position < hook_deliveries.c.position,
    )
    query = (
        select(hook_deliveries, report_outbox.c.body)
        .outerjoin(report_outbox, report_outbox.c.id == hook_deliveries.c.event)
        .where(
            hook_deliveries.c.hook == hook,
            hook_deliveries.c.state == Fate.WAITING.value,
            hook_deliveries.c.next_at <= now,
            ~before,
        )
        .order_by(hook_deliveries.c.position)
        .limit(count)
    )
    return connection.execute(query).all()


def delivered(connection: Connection, position: int, status: int, now: datetime) -> None:
    """Note that a receiver has a change."""
    values = {
        "state": Fate.DELIVERED.value,
        "settled_at": now,
        "status": status,
        "error": None,
        "attempts": hook_deliveries.c.attempts + 1,
    }
    connection.execute(update(hook_deliveries).where(_one(position)).values(values))


def failed(
    connection: Connection,
    row: Row[Any],
    status: int | None,
    error: str | None,
    now: datetime,
    wait: bool = True,
) -> None:
    """Note that a receiver has not taken a change; it is tried again after a ``wait``, or with the next attempt."""
    attempts = row.attempts + 1
    next_at = now + pause(attempts) if wait else now
    values = {"attempts": attempts, "status": status, "error": error, "next_at": next_at}
    connection.execute(update(hook_deliveries).where(_one(row.position)).values(values))


def give_up(connection: Connection, before: datetime, now: datetime) -> int:
    """Give up what changed before a moment and still waits: how much that is."""
    old = (hook_deliveries.c.state == Fate.WAITING.value) & (hook_deliveries.c.made_at < before)
    values = {"state": Fate.GIVEN_UP.value, "settled_at": now}
    return connection.execute(update(hook_deliveries).where(old).values(values)).rowcount


def lost(connection: Connection, position: int, now: datetime) -> None:
    """Give up a delivery whose event is no longer kept."""
    values = {"state": Fate.GIVEN_UP.value, "settled_at": now, "error": "no longer kept"}
    connection.execute(update(hook_deliveries).where(_one(position)).values(values))


def _one(position: int) -> Any:
    return hook_deliveries.c.position == position


def rest(connection: Connection, hook: Row[Any], away: bool, wait_s: int, now: datetime) -> None:
    """Note whether a receiver answers; one that does not is left in peace for a while."""
    failures = hook.failures + 1 if away else 0
    wait = max(pause(failures), timedelta(seconds=wait_s)) if away else timedelta(0)
    connection.execute(
        update(hooks).where(hooks.c.id == hook.id).values(failures=failures, next_at=now + wait)
    )


def retry(connection: Connection, hook: str, now: datetime) -> int:
    """Try again at once: what waits, and what was given up and is still kept; how much was given up.

    The days until it is given up are counted from now.
    """
    connection.execute(update(hooks).where(hooks.c.id == hook).values(failures=0, next_at=now))
    of_hook = hook_deliveries.c.hook == hook
    connection.execute(
        update(hook_deliveries)
        .where(of_hook, hook_deliveries.c.state == Fate.WAITING.value)
        .values(next_at=now)
    )
    kept = select(report_outbox.c.id).where(report_outbox.c.id == hook_deliveries.c.event)
    again = update(hook_deliveries).where(
        of_hook, hook_deliveries.c.state == Fate.GIVEN_UP.value, exists(kept)
    )
    values = {"state": Fate.WAITING.value, "settled_at": None, "made_at": now, "next_at": now}
    return connection.execute(again.values(values)).rowcount


def forget(connection: Connection, before: datetime) -> None:
    """Delete deliveries that were settled before a moment."""
    connection.execute(delete(hook_deliveries).where(hook_deliveries.c.settled_at < before))
