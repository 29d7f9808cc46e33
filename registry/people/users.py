"""Users: added by a supervisor or on the command line, disabled when they leave, never removed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import uuid_utils
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from record.errors import IieError
from registry.people.role import OF_PEOPLE, Role
from registry.people.tables import login_links, sessions, users
from registry.people.who import Who

LONGEST_NAME = 64


class BadUser(IieError):
    """A user that cannot be added or is not there; ``advice`` says what is wrong."""

    advice = "console.people.bad_user"


def may_be_added(connection: Connection, name: str, role: Role) -> str:
    """The name as it is kept. Raises `BadUser` for a name that is taken or cannot be one, and for a role that people
    do not have."""
    written = clean(name)
    if role not in OF_PEOPLE:
        raise BadUser(f"{role.value} is not a role of people: {', '.join(OF_PEOPLE)} are")
    if by_name(connection, written) is not None:
        raise BadUser(f"there is a user {written!r} already")
    return written


def add(
    connection: Connection, name: str, role: Role, now: datetime, depots: Iterable[str] | None = None
) -> str:
    """A new user without a password: its id. Raises `BadUser` for a name that is taken or cannot be one, and for a
    role that people do not have."""
    written = may_be_added(connection, name, role)
    row = {
        "id": str(uuid_utils.uuid7()),
        "name": written,
        "role": role.value,
        "depots": None if depots is None else sorted(set(depots)),
        "created_at": now,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(users).values(row))
    except IntegrityError as error:
        raise BadUser(f"there is a user {written!r} already") from error
    return str(row["id"])


def clean(name: str) -> str:
    """A name as it is kept: one form of each character, single spaces. Raises `BadUser`."""
    written = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(written) <= LONGEST_NAME or not written.isprintable():
        raise BadUser(f"a user's name has 1 to {LONGEST_NAME} visible characters: {name[:80]!r}")
    return written


def by_name(connection: Connection, name: str) -> Row[Any] | None:
    """The user of a name, disabled ones too."""
    try:
        written = clean(name)
    except BadUser:
        return None
    return connection.execute(select(users).where(users.c.name == written)).one_or_none()


def by_id(connection: Connection, user: str) -> Row[Any] | None:
    """The user of an id, disabled ones too."""
    return connection.execute(select(users).where(users.c.id == user)).one_or_none()


def everybody(connection: Connection) -> Sequence[Row[Any]]:
    """All users by their names."""
    return connection.execute(select(users).order_by(users.c.name)).all()


def set_password(connection: Connection, user: str, hashed: str) -> None:
    """Give a user another password; every session and link of theirs ends."""
    connection.execute(update(users).where(users.c.id == user).values(password=hashed))
    end_sessions(connection, user)


def set_role(connection: Connection, user: str, role: Role, depots: Sequence[str] | None) -> None:
    """Give a user another role and other depots; they log in again."""
    values = {"role": role.value, "depots": None if depots is None else sorted(set(depots))}
    connection.execute(update(users).where(users.c.id == user).values(values))
    end_sessions(connection, user)


def disable(connection: Connection, user: str, now: datetime) -> None:
    """Let a user not log in any more; every session and link of theirs ends."""
    connection.execute(update(users).where(users.c.id == user).values(disabled_at=now))
    end_sessions(connection, user)


def enable(connection: Connection, user: str) -> None:
    """Let a disabled user log in again."""
    connection.execute(update(users).where(users.c.id == user).values(disabled_at=None))


def end_sessions(connection: Connection, user: str, but: str = "") -> None:
    """End a user's sessions, ``but`` one, and the links that would log them in."""
    connection.execute(delete(sessions).where(sessions.c.user == user, sessions.c.id != but))
    connection.execute(delete(login_links).where(login_links.c.user == user))


def who(row: Row[Any]) -> Who:
    """A user's row as the person that rules speak of."""
    return Who(row.id, row.name, Role(row.role), None if row.depots is None else tuple(row.depots))
