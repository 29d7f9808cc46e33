"""Sessions and one-time links: a token in the person's hands, its SHA-256 in the database.

A session ends after `idle` without use, after `LONGEST` in any case, and with its user's disabling. One that ended
by itself is remembered for a while: a form of one of its pages is still known as its user's.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from registry.people.tables import login_links, sessions, users
from registry.people.users import who
from registry.people.who import Who

LONGEST = timedelta(hours=12)
TOUCHED_EVERY = timedelta(seconds=60)
"""A session's use is written down at most this often."""

REMEMBERED = timedelta(days=4)
"""After its last use: a page that was open on Friday is sent on Monday."""

LINK_LIFE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Session:
    """A logged-in person. ``csrf`` goes with every form of theirs; ``stale``: its use is to be written down."""

    id: str
    who: Who
    csrf: str
    stale: bool


def begin(connection: Connection, user: str, address: str, now: datetime) -> str:
    """A new session of a user: the token for the cookie."""
    token = secrets.token_urlsafe(32)
    row = {
        "id": hashed(token),
        "user": user,
        "csrf": secrets.token_urlsafe(32),
        "address": address[:64],
        "created_at": now,
        "seen_at": now,
    }
    connection.execute(insert(sessions).values(row))
    return token


def find(connection: Connection, token: str, now: datetime, idle: timedelta) -> Session | None:
    """The session of a token, if it still stands."""
    query = (
        select(sessions.c.csrf, sessions.c.created_at, sessions.c.seen_at, users)
        .join(users, users.c.id == sessions.c.user)
        .where(sessions.c.id == hashed(token))
    )
    row = connection.execute(query).one_or_none()
    if row is None or row.disabled_at is not None:
        return None
    if now - row.seen_at > idle or now - row.created_at > LONGEST:
        return None
    return Session(hashed(token), who(row), row.csrf, stale=now - row.seen_at > TOUCHED_EVERY)


def user_of_form(connection: Connection, csrf: str) -> str | None:
    """The user on whose pages this token stands, also where the session has ended by itself; None for anything else."""
    query = (
        select(users.c.id)
        .join(sessions, users.c.id == sessions.c.user)
        .where(sessions.c.csrf == csrf, users.c.disabled_at.is_(None))
    )
    return None if not csrf else connection.execute(query).scalar_one_or_none()


def touch(connection: Connection, session: str, now: datetime) -> None:
    """Write down that a session is in use."""
    connection.execute(update(sessions).where(sessions.c.id == session).values(seen_at=now))


def end(connection: Connection, session: str) -> None:
    """End one session."""
    connection.execute(delete(sessions).where(sessions.c.id == session))


def sweep(connection: Connection, now: datetime) -> None:
    """Forget what ended by itself long ago."""
    connection.execute(delete(sessions).where(sessions.c.seen_at < now - REMEMBERED))
    connection.execute(delete(login_links).where(login_links.c.expires_at < now - LONGEST))


def link(connection: Connection, user: str, now: datetime, life: timedelta = LINK_LIFE) -> str:
    """A token that logs a user in once; the one before is worth nothing any more."""
    token = secrets.token_urlsafe(32)
    connection.execute(delete(login_links).where(login_links.c.user == user))
    row = {"id": hashed(token), "user": user, "expires_at": now + life}
    connection.execute(insert(login_links).values(row))
    return token


def use_link(connection: Connection, token: str, now: datetime) -> str | None:
    """The user that a link logs in, now and never again; None for a link that is none, used, or too old."""
    row = connection.execute(
        update(login_links)
        .where(
            login_links.c.id == hashed(token),
            login_links.c.used_at.is_(None),
            login_links.c.expires_at >= now,
        )
        .values(used_at=now)
        .returning(login_links.c.user)
    ).one_or_none()
    return None if row is None else str(row.user)


def hashed(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
