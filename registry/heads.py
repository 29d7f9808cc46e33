"""Per source: the last event without a gap before it, and the gaps that are asked for again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from record.proof import GENESIS
from record.registry_state import Head
from record.topics import Gate
from registry.tables import events, heads, refusals

STEP = 500
"""Places of a chain that are looked at in one go."""

TOLD = 300
"""Sources that the retained state names: those heard of last. It stays below 64 KiB."""

PATIENCE = timedelta(seconds=30)
"""A gap younger than this closes by itself: other workers, other order."""

LONGEST_WAIT = timedelta(hours=1)
"""The same gap is asked for after 30 s, 1, 2, 4 … minutes, and then each hour."""


HEAD = select(heads).where(heads.c.source == bindparam("of"))
MOVE = (
    update(heads)
    .where(heads.c.source == bindparam("of"))
    .values(
        {
            name: bindparam(name)
            for name in ("sequence", "hash", "highest", "received_at", "gap_since", "asked_at", "asked")
        }
    )
)
ACCEPTED = (
    select(events.c.sequence, events.c.link)
    .where(events.c.source == bindparam("of"), events.c.sequence > bindparam("after"))
    .order_by(events.c.sequence)
    .limit(bindparam("count"))
)
REFUSED = (
    select(refusals.c.sequence, refusals.c.hash)
    .where(
        refusals.c.source == bindparam("of"), refusals.c.authentic, refusals.c.sequence > bindparam("after")
    )
    .order_by(refusals.c.sequence)
    .limit(bindparam("count"))
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Events of a source that are missing although later ones are there; both ends included."""

    gate: Gate
    source: str
    first: int
    last: int
    asked: int


def advance(
    connection: Connection, source: str, gate: Gate, now: datetime, new: Mapping[int, str | None]
) -> None:
    """Move a source's head over all that is held without a gap. Runs in the transaction that stored it.

    ``new`` are the places that it has filled, each with its link; None where that has to be read. What is held beyond
    them is read only where there is any: nothing lies beyond ``highest``.
    """
    row = connection.execute(HEAD, {"of": source}).one_or_none()
    start, link, highest = (row.sequence, row.hash, row.highest) if row else (0, GENESIS, 0)
    sequence, link = _followed(start, link, new)
    highest, count = max(highest, sequence, *new), 1
    while row is None or sequence < highest:
        before = sequence
        sequence, link = _followed(sequence, link, _held(connection, source, sequence, count))
        if sequence - before < count:
            break
        count = STEP
    highest = max(highest, sequence)
    values = {"sequence": sequence, "hash": link, "highest": highest, "received_at": now}
    if row is None:
        fresh = {"gap_since": now if highest > sequence else None, "asked_at": None, "asked": 0}
        names = {"source": source, "depot": gate.depot, "gate": gate.gate}
        connection.execute(insert(heads).values(**names, **values, **fresh))
        return
    if highest == sequence:
        values |= {"gap_since": None, "asked_at": None, "asked": 0}
    elif row.gap_since is None or sequence > start:
        values |= {"gap_since": now, "asked_at": None, "asked": 0}
    kept = {"gap_since": row.gap_since, "asked_at": row.asked_at, "asked": row.asked}
    connection.execute(MOVE, {"of": source, **kept, **values})


def _followed(sequence: int, link: str, held: Mapping[int, str | None]) -> tuple[int, str]:
    """The last place without a gap before it, with its link."""
    while (following := held.get(sequence + 1)) is not None:
        sequence, link = sequence + 1, following
    return sequence, link


def _held(connection: Connection, source: str, after: int, count: int) -> dict[int, str]:
    """The next places of a chain that are held, each with its link; accepted events before refused ones."""
    place = {"of": source, "after": after, "count": count}
    held = {row.sequence: row.hash for row in connection.execute(REFUSED, place).all()}
    held |= {row.sequence: row.link for row in connection.execute(ACCEPTED, place).all()}
    return held


def told(connection: Connection) -> dict[str, Head]:
    """The heads that the retained state names."""
    query = select(heads).where(heads.c.sequence > 0).order_by(heads.c.received_at.desc(), heads.c.source)
    return {
        row.source: Head(sequence=row.sequence, hash=row.hash)
        for row in connection.execute(query.limit(TOLD))
    }


def due(connection: Connection, now: datetime) -> list[Gap]:
    """The gaps that are to be asked for at ``now``."""
    query = select(heads).where(heads.c.gap_since <= now - PATIENCE)
    return [
        _gap(connection, row)
        for row in connection.execute(query).all()
        if row.asked_at is None or now - row.asked_at >= _wait(row.asked)
    ]


def asked(connection: Connection, gap: Gap, now: datetime) -> None:
    """Note that a gap was asked for."""
    connection.execute(
        update(heads).where(heads.c.source == gap.source).values(asked_at=now, asked=heads.c.asked + 1)
    )


def _gap(connection: Connection, row: Row[Any]) -> Gap:
    source, sequence = str(row.source), int(row.sequence)
    gate = Gate(row.depot, row.gate)
    held = _held(connection, source, sequence, 1)
    return Gap(gate, source, sequence + 1, min(held, default=sequence + 2) - 1, int(row.asked))


def _wait(asked: int) -> timedelta:
    return min(PATIENCE * (1 << min(asked, 12)), LONGEST_WAIT)
