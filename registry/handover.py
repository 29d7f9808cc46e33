"""Keys that were handed over: where in a gate's chains each of them ends.

    source A   1 … 40              known before, up to the 40 that B's first event names
    source B   1 … 17  18 | 19 …   18 is the key.changed by the old key: it signs up to there and nowhere after
    source C   1 …                 begun later, or by somebody who has found the old key: the old key opens nothing

A gate that has changed its key signs with the new one from the next event on, whatever the old key signs later is
not the gate's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from record.errors import BadRecord
from record.event import Event, EventType, InstallationOpened
from record.proof import unwire
from registry.content import read
from registry.tables import events, keys

LIVES = 100
"""Installations that are followed back at most."""

SETTINGS = "settings"
HANDED_OVER = (
    select(keys.c.owner, events.c.key, events.c.source, events.c.sequence, events.c.position)
    .join(events, events.c.id == keys.c.accepted_by)
    .where(keys.c.accepted_by != SETTINGS, events.c.key != keys.c.id)
    .order_by(events.c.position.desc())
)
OF_OWNERS = HANDED_OVER.where(keys.c.owner.in_(bindparam("owners", expanding=True)))
FIRST = select(events.c.type, events.c.body).where(events.c.source == bindparam("of"), events.c.sequence == 1)

Owned = tuple[str, str]
"""A gate as the table of keys names it, and the id of a key."""


@dataclass(frozen=True, slots=True)
class Handover:
    """The last event that a key may sign. What the registry stored before ``position``, the row of that event, was
    signed while the key was in force."""

    source: str
    sequence: int
    position: int


def handovers(connection: Connection, owners: Collection[str] | None = None) -> dict[Owned, Handover]:
    """What each key that was handed over ended with: of all gates, or of some. The first time counts."""
    if owners is None:
        rows = connection.execute(HANDED_OVER)
    else:
        rows = connection.execute(OF_OWNERS, {"owners": sorted(owners)})
    return {(row.owner, row.key): Handover(row.source, row.sequence, row.position) for row in rows}


def last_signed(connection: Connection, ended: Handover, source: str) -> int:
    """The last sequence of a source that a key which ended so may have signed, 0 for none."""
    if source == ended.source:
        return ended.sequence
    return lives_before(connection, ended.source).get(source, 0)


def lives_before(connection: Connection, source: str) -> Mapping[str, int]:
    """The installations before one, as the first event of each names them, with the last sequence of each."""
    found: dict[str, int] = {}
    while len(found) < LIVES:
        opened = _opened(connection, source)
        if opened is None or opened.before is None or opened.before in found:
            break
        found[opened.before] = opened.before_sequence or 0
        source = opened.before
    return found


def _opened(connection: Connection, source: str) -> InstallationOpened | None:
    row = connection.execute(FIRST, {"of": source}).one_or_none()
    if row is None or row.type != EventType.INSTALLATION_OPENED.value:
        return None
    try:
        data = read(Event.from_wire(unwire(row.body)))
    except BadRecord:
        return None
    return data if isinstance(data, InstallationOpened) else None
