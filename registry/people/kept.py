"""Forms that came when their session had ended: kept for who typed them, shown to them again, never acted upon."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from registry.people.tables import kept_forms
from registry.people.who import Who

KEPT = timedelta(hours=24)
"""For so long a form waits for its person to log in."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One form: ``action`` is the path that it was sent to, ``fields`` what stood in it."""

    id: str
    action: str
    fields: Mapping[str, str]


def keep(connection: Connection, user: str, action: str, fields: Mapping[str, str], now: datetime) -> str:
    """Keep a form: its id. It takes the place of what the same person sent there before."""
    same = (kept_forms.c.user == user) & (kept_forms.c.action == action)
    connection.execute(delete(kept_forms).where(same))
    name = secrets.token_urlsafe(18)
    row = {"id": name, "user": user, "action": action, "fields": dict(fields), "at": now}
    connection.execute(insert(kept_forms).values(row))
    return name


def find(connection: Connection, who: Who, name: str, now: datetime) -> Kept | None:
    """The form of this person under an id; None where it is nobody's, somebody else's, or too old."""
    if len(name) > 36 or not name.isascii() or not name.isprintable():
        return None
    query = select(kept_forms).where(
        kept_forms.c.id == name, kept_forms.c.user == who.id, kept_forms.c.at >= now - KEPT
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Kept(row.id, row.action, dict(row.fields))


def sweep(connection: Connection, now: datetime) -> None:
    """Forget what nobody has come back for: people's names may stand in it."""
    connection.execute(delete(kept_forms).where(kept_forms.c.at < now - KEPT))


def forget(connection: Connection, who: Who, name: str) -> None:
    """The form was sent again: there is no need of it any more."""
    connection.execute(delete(kept_forms).where(kept_forms.c.id == name, kept_forms.c.user == who.id))
