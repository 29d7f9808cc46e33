"""The book of evidence: which files the drafts of a depot name, and what has become of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from record.topics import Gate
from record.upload import FileKind
from registry import bulk
from registry.database import reading, writing
from registry.evidence.shelf import Shelf
from registry.evidence.tables import Keeping, evidence


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that a draft names."""

    depot: str
    digest: str
    kind: FileKind
    state: Keeping
    media_type: str | None
    size: int | None
    settled_at: datetime | None


def rows_of(depot: str, event: str, now: datetime, files: Mapping[str, FileKind]) -> list[dict[str, Any]]:
    """The rows of the files that an event names."""
    return [
        {
            "depot": depot,
            "digest": digest,
            "kind": kind.value,
            "state": Keeping.AWAITED.value,
            "event": event,
            "named_at": now,
        }
        for digest, kind in files.items()
    ]


def note(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write down what events name; a file that is known stays as it is. In one order: workers never lock crosswise."""
    bulk.insert_new(connection, evidence, sorted(rows, key=lambda row: (row["depot"], row["digest"])))


def entry(connection: Connection, depot: str, digest: str) -> Entry | None:
    """One file of a depot, None where no draft names it."""
    return entries(connection, depot, [digest]).get(digest)


def entries(connection: Connection, depot: str, digests: Iterable[str]) -> dict[str, Entry]:
    """Those of the files that drafts of the depot name."""
    query = select(evidence).where(evidence.c.depot == depot, evidence.c.digest.in_(list(digests)))
    return {
        row.digest: Entry(
            row.depot,
            row.digest,
            FileKind(row.kind),
            Keeping(row.state),
            row.media_type,
            row.size,
            row.settled_at,
        )
        for row in connection.execute(query)
    }


def settle(
    engine: Engine, found: Entry, state: Keeping, now: datetime, gate: Gate | None = None, **values: Any
) -> None:
    """Note what has become of a file."""
    changes = {"state": state.value, "settled_at": now, **values}
    if gate is not None:
        changes["gate"] = gate.gate
    with writing(engine) as connection:
        connection.execute(
            update(evidence)
            .where(evidence.c.depot == found.depot, evidence.c.digest == found.digest)
            .values(changes)
        )


ERASED_AT_ONCE = 500
"""Files that one sweep erases; the next goes on."""


def erase_old(engine: Engine, shelf: Shelf, ages: Mapping[FileKind, timedelta], now: datetime) -> int:
    """Erase what has been held for longer than its kind may be; how many files that were.

    The row stays, so that nobody sends the file again and a page can say that it was erased. Raises `OSError`.
    """
    gone = 0
    for kind, age in ages.items():
        query = (
            select(evidence.c.depot, evidence.c.digest)
            .where(evidence.c.state == Keeping.HELD.value, evidence.c.kind == kind.value)
            .where(evidence.c.settled_at < now - age)
            .limit(ERASED_AT_ONCE)
        )
        with reading(engine) as connection:
            places = connection.execute(query).all()
            old = [found for place in places if (found := entry(connection, place.depot, place.digest))]
        for each in old:
            if each.media_type is not None:
                shelf.remove(each.depot, each.digest, each.media_type)
            settle(engine, each, Keeping.ERASED, now, size=None)
            gone += 1
    for path in shelf.stale_parts((now - timedelta(days=7)).timestamp()):
        path.unlink(missing_ok=True)
    return gone
