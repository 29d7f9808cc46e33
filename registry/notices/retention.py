"""Who was to drive a truck is forgotten at its age: announcements name drivers, and are kept for longer than that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from registry.notices.tables import notices

AT_ONCE = 500
DRIVER = "driver"


def forget_drivers(connection: Connection, before: datetime) -> int:
    """Take the driver out of what was withdrawn, ran out or was last changed before a moment; of how many.

    What is still in force keeps its driver: gates compare who comes with who was announced.
    """
    ended = func.coalesce(notices.c.withdrawn_at, notices.c.valid_until, notices.c.changed_at)
    named = notices.c.body[DRIVER].as_string().is_not(None)
    query = select(notices.c.position, notices.c.body).where(ended < before, named).limit(AT_ONCE)
    rows = connection.execute(query.with_for_update(skip_locked=True)).all()
    for row in rows:
        body = {name: value for name, value in row.body.items() if name != DRIVER}
        connection.execute(update(notices).where(notices.c.position == row.position).values(body=body))
    return len(rows)
