"""Tokens of other systems: one string in the system's hands, its SHA-256 in the database.

    iie_Zm9v…            43 characters of 32 random bytes: nothing that anybody guesses, so a fast hash is enough

A token has scopes, sees all depots or some, may expire, and is revoked, never removed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import uuid_utils
from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from record.errors import IieError
from registry.api.scope import Scope
from registry.api.tables import tokens
from registry.people.role import Role
from registry.people.users import BadUser, clean
from registry.people.who import Who

FORM = re.compile(r"iie_[A-Za-z0-9_-]{43}")
TOUCHED_EVERY = timedelta(seconds=60)
"""A token's use is written down at most this often."""


class BadToken(IieError):
    """A token that cannot be made, or that is not there; the message says why."""

    advice = "api.token.bad"


WORKING = frozenset({Scope.REPORTS_WRITE, Scope.ANSWERS_WRITE})
"""Scopes of a system that works with reports; every other one only looks at them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The system that a token speaks for. ``depots`` are those that it sees; None means all."""

    id: str
    name: str
    scopes: frozenset[Scope]
    depots: tuple[str, ...] | None = None
    stale: bool = False

    def may(self, scope: Scope) -> bool:
        """Whether the token has a scope."""
        return scope in self.scopes

    @property
    def who(self) -> Who:
        """The system as somebody who sees reports of its depots, and works with them where its scopes let it."""
        role = Role.SYSTEM if WORKING & self.scopes else Role.CUSTOMS
        return Who(self.id, self.name, role, self.depots)


def add(
    connection: Connection,
    name: str,
    scopes: Iterable[Scope],
    now: datetime,
    by: str,
    depots: Sequence[str] | None = None,
    life: timedelta | None = None,
) -> tuple[str, str]:
    """A new token: its id, and the token itself, which nobody can show again. Raises `BadToken`."""
    wanted = sorted({scope.value for scope in scopes})
    if not wanted:
        raise BadToken("a token without any scope lets nobody do anything")
    try:
        written = clean(name)
    except BadUser as error:
        raise BadToken(str(error)) from error
    token = f"iie_{secrets.token_urlsafe(32)}"
    row = {
        "id": str(uuid_utils.uuid7()),
        "name": written,
        "hash": hashed(token),
        "scopes": wanted,
        "depots": None if depots is None else sorted(set(depots)),
        "created_at": now,
        "created_by": by[:64],
        "expires_at": None if life is None else now + life,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(tokens).values(row))
    except IntegrityError as error:
        raise BadToken(f"there is a token {written!r} already; revoke it, or take another name") from error
    return str(row["id"]), token


def find(connection: Connection, token: str, now: datetime) -> Caller | None:
    """The system that a token speaks for; None for one that is none, revoked or expired."""
    if FORM.fullmatch(token) is None:
        return None
    row = connection.execute(select(tokens).where(tokens.c.hash == hashed(token))).one_or_none()
    return None if row is None or not stands(row, now) else caller(row, now)


def by_id(connection: Connection, token: str, now: datetime) -> Caller | None:
    """The system of a token's id, as long as the token stands."""
    row = connection.execute(select(tokens).where(tokens.c.id == token)).one_or_none()
    return None if row is None or not stands(row, now) else caller(row, now)


def stands(row: Row[Any], now: datetime) -> bool:
    """Whether a token is neither revoked nor expired."""
    return row.revoked_at is None and (row.expires_at is None or now < row.expires_at)


def caller(row: Row[Any], now: datetime) -> Caller:
    """A token's row as the system that rules speak of. Scopes of a newer version are passed over."""
    known = {scope.value for scope in Scope}
    scopes = frozenset(Scope(name) for name in row.scopes if name in known)
    stale = row.used_at is None or now - row.used_at > TOUCHED_EVERY
    return Caller(row.id, row.name, scopes, None if row.depots is None else tuple(row.depots), stale)


def touch(connection: Connection, token: str, now: datetime, address: str) -> None:
    """Write down that a token is in use, and where from."""
    values = {"used_at": now, "address": address[:64]}
    connection.execute(update(tokens).where(tokens.c.id == token).values(values))


def revoke(connection: Connection, token: str, now: datetime) -> bool:
    """Let a token speak for nobody from now on; False where there is none, or it was revoked before."""
    query = update(tokens).where(tokens.c.id == token, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    return connection.execute(query).rowcount == 1


def by_name(connection: Connection, name: str) -> Row[Any] | None:
    """The token of a name that is not revoked."""
    query = select(tokens).where(tokens.c.name == name, tokens.c.revoked_at.is_(None))
    return connection.execute(query).one_or_none()


def everybody(connection: Connection) -> Sequence[Row[Any]]:
    """All tokens, those that stand first, by their names."""
    return connection.execute(
        select(tokens).order_by(tokens.c.revoked_at.is_not(None), tokens.c.name, tokens.c.created_at)
    ).all()


def hashed(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
