"""The trail of what people did at the console: one row each, never changed. What reports became is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from registry.people.tables import audit
from registry.people.who import COMMAND_LINE as COMMAND_LINE
from registry.people.who import Who


class Action(StrEnum):
    """What is written down."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGIN_LINK = "login_link"
    LOGOUT = "logout"
    USER_ADDED = "user_added"
    USER_CHANGED = "user_changed"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    PASSWORD = "password"  # noqa: S105 - the name of what was done
    LINK_MADE = "link_made"
    LISTED = "listed"
    DOCUMENT = "document"
    EVIDENCE = "evidence"
    PACKAGE = "package"
    TOKEN_ADDED = "token_added"  # noqa: S105 - the name of what was done
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    HOOK_ADDED = "hook_added"
    HOOK_REMOVED = "hook_removed"
    HOOK_RETRIED = "hook_retried"


def note(
    connection: Connection,
    now: datetime,
    who: Who | str,
    action: Action,
    subject: str | None = None,
    address: str | None = None,
    **detail: Any,
) -> None:
    """Write down what somebody did; ``who`` is a name alone where nobody is logged in."""
    named = who if isinstance(who, str) else who.name
    row = {
        "at": now,
        "user": None if isinstance(who, str) else who.id,
        "name": named[:64],
        "action": action.value,
        "subject": None if subject is None else subject[:128],
        "detail": detail,
        "address": None if address is None else address[:64],
    }
    connection.execute(insert(audit).values(row))


def latest(connection: Connection, before: int | None = None, count: int = 100) -> Sequence[Row[Any]]:
    """The newest rows, before a position."""
    query = select(audit).order_by(audit.c.position.desc()).limit(count)
    if before is not None:
        query = query.where(audit.c.position < before)
    return connection.execute(query).all()
