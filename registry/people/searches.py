"""What somebody looks for, kept by an id: plates and numbers stand in no address, no log, no browser's history."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from registry.people.tables import searches
from registry.people.who import Who

KEPT = timedelta(hours=24)
"""For longer than any session."""


def keep(connection: Connection, who: Who, asked: Mapping[str, str], now: datetime) -> str:
    """Write down what somebody looks for: its id. What is old is forgotten."""
    connection.execute(delete(searches).where(searches.c.at < now - KEPT))
    name = secrets.token_urlsafe(18)
    connection.execute(insert(searches).values(id=name, user=who.id, asked=dict(asked), at=now))
    return name


def find(connection: Connection, who: Who, name: str) -> dict[str, Any] | None:
    """What this person looks for under an id; None where it is nobody's or somebody else's."""
    if len(name) > 36 or not name.isascii() or not name.isprintable():
        return None
    query = select(searches.c.asked).where(searches.c.id == name, searches.c.user == who.id)
    asked = connection.execute(query).scalar_one_or_none()
    return None if asked is None else dict(asked)
