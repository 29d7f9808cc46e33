"""Attempts to log in: after some that fail each further one has to wait, per user name and per address.

An attempt counts when it begins, so that many at once gain nothing; one that succeeds clears its counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from registry.people.tables import login_failures

FREE = {"user": 5, "address": 20}
"""Attempts that fail before waiting begins; behind one address sit several people."""

FIRST, LONGEST = timedelta(seconds=2), timedelta(minutes=15)
"""The wait is doubled with each failure, from the first to the second."""

FORGOTTEN = timedelta(hours=1)
"""After so long without an attempt it all begins anew."""


def subjects(name: str, address: str) -> tuple[str, str]:
    """What attempts are counted by. Names of any length and kind have keys of one length."""
    digest = hashlib.sha256(name.casefold().encode("utf-8", "replace")).hexdigest()
    return f"user:{digest}", f"address:{address[:64]}"


def pause(subject: str, count: int) -> timedelta:
    """How long after the last attempt the next one may come."""
    beyond = count - FREE[subject.partition(":")[0]]
    return timedelta(0) if beyond < 0 else min(FIRST * 2 ** min(beyond, 20), LONGEST)


def attempt(connection: Connection, of: Iterable[str], now: datetime) -> timedelta:
    """Count an attempt. The time that it has to wait, zero where it may go on; one that waits does not count.

    Must run in a transaction that writes.
    """
    of = tuple(of)
    query = select(login_failures).where(login_failures.c.subject.in_(of)).with_for_update()
    held = {row.subject: row for row in connection.execute(query)}
    current = {subject: row.failures for subject, row in held.items() if now - row.last_at <= FORGOTTEN}
    waits = [held[subject].last_at + pause(subject, count) - now for subject, count in current.items()]
    wait = max(waits, default=timedelta(0))
    if wait > timedelta(0):
        return wait
    for subject in of:
        values = {"failures": current.get(subject, 0) + 1, "last_at": now}
        if subject in held:
            same = login_failures.c.subject == subject
            connection.execute(update(login_failures).where(same).values(values))
        else:
            connection.execute(insert(login_failures).values(subject=subject, **values))
    return timedelta(0)


def succeeded(connection: Connection, of: Iterable[str]) -> None:
    """Forget the attempts of somebody who has logged in."""
    connection.execute(delete(login_failures).where(login_failures.c.subject.in_(tuple(of))))
