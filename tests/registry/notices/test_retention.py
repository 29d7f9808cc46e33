"""Drivers and plates of announcements are forgotten at their age, and no sooner."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select

from registry.database import reading, writing
from registry.notices.retention import forget_people
from registry.notices.tables import notice_keys, notices


def test_a_driver_is_forgotten_at_its_age(engine, clock):
    now, day = clock(), timedelta(days=1)
    ends = {"over": now - 91 * day, "fresh": now - 89 * day, "ahead": now + day, "no end": None}
    rows = [
        {"kind": "preadvice", "depot": "depot", "id": name, "version": 1, "origin": "file"}
        | {
            "body": {"id": name, "driver": "1710034065", "keys": {"plates": ["GBO0123"]}},
            "valid_until": end,
            "withdrawn_at": None,
        }
        | {"taken_at": now - 200 * day, "changed_at": now - 100 * day}
        for name, end in ends.items()
    ]
    rows.append({**rows[2], "id": "withdrawn", "withdrawn_at": now - 95 * day})
    with writing(engine) as connection:
        connection.execute(insert(notices), rows)
        places = connection.execute(select(notices.c.position)).scalars().all()
        plates = [{"notice": each, "kind": "plate", "value": "GBO0123"} for each in places]
        connection.execute(insert(notice_keys), plates)
        assert forget_people(connection, now - 90 * day) == 3
        assert forget_people(connection, now - 90 * day) == 0
    with reading(engine) as connection:
        bodies = {row.id: row.body for row in connection.execute(select(notices))}
        kept = select(notices.c.id).join(notice_keys)
        assert set(connection.execute(kept).scalars()) == {"fresh", "ahead"}
    assert {name for name, body in bodies.items() if "driver" in body} == {"fresh", "ahead"}
    assert bodies["over"] == {"id": "over", "keys": {}}
