"""Who was to come is forgotten at its age: announcements name drivers and plates, and are kept for longer than that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from registry.notices.tables import notice_keys, notices

AT_ONCE = 500
DRIVER = "driver"
PLATES = "plates"


def forget_people(connection: Connection, before: datetime) -> int:
    """Take driver and plates out of what was withdrawn, ran out or was last changed before a moment; of how many.

    What is still in force keeps them: gates compare who comes with who was announced.
    """
    ended = func.coalesce(notices.c.withdrawn_at, notices.c.valid_until, notices.c.changed_at)
    plated = select(notice_keys.c.notice).where(notice_keys.c.kind == "plate")
    named = or_(notices.c.body[DRIVER].as_string().is_not(None), notices.c.position.in_(plated))
    query = select(notices.c.position, notices.c.body).where(ended < before, named).limit(AT_ONCE)
    rows = connection.execute(query.with_for_update(skip_locked=True)).all()
    for row in rows:
        values = {"body": _without_people(row.body)}
        connection.execute(update(notices).where(notices.c.position == row.position).values(values))
        found = (notice_keys.c.notice == row.position) & (notice_keys.c.kind == "plate")
        connection.execute(delete(notice_keys).where(found))
    return len(rows)


def _without_people(body: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in body.items() if name != DRIVER}
    keys = kept.get("keys") or {}
    return kept | {"keys": {name: value for name, value in keys.items() if name != PLATES}}
