"""The book of evidence: which files the drafts of a depot name, and what has become of each."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, or_, select, update

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
    return {row.digest: _entry(row) for row in connection.execute(query)}


def _entry(row: Row[Any]) -> Entry:
    kind, state = FileKind(row.kind), Keeping(row.state)
    return Entry(row.depot, row.digest, kind, state, row.media_type, row.size, row.settled_at)


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

OF_THE_DISK = frozenset({errno.EROFS, errno.EIO})
"""Errors that every file of the folder would have."""


def erase_old(
    engine: Engine,
    shelf: Shelf,
    ages: Mapping[FileKind, timedelta],
    now: datetime,
    refused: Callable[[Path, OSError], None],
) -> int:
    """Erase what has been held for longer than its kind may be; how many files that were.

    The row stays, so that nobody sends the file again and a page can say that it was erased. A file that cannot be
    removed is told to ``refused`` and tried again by the next sweep; the others go on. Raises `OSError` where the
    disk itself is in trouble.
    """
    gone = 0
    for kind, age in ages.items():
        for each in _held(engine, kind, now - age):
            if gone == ERASED_AT_ONCE:
                return gone
            if each.media_type is None or _removed(
                shelf.path(each.depot, each.digest, each.media_type), refused
            ):
                settle(engine, each, Keeping.ERASED, now, size=None)
                gone += 1
    for path in shelf.stale_parts((now - timedelta(days=7)).timestamp()):
        _removed(path, refused)
    return gone


def _held(engine: Engine, kind: FileKind, before: datetime) -> Iterator[Entry]:
    """The files of a kind that are held since before a time, the oldest first, page by page."""
    last: Entry | None = None
    while True:
        query = (
            select(evidence)
            .where(evidence.c.state == Keeping.HELD.value, evidence.c.kind == kind.value)
            .where(evidence.c.settled_at < before)
            .order_by(evidence.c.settled_at, evidence.c.depot, evidence.c.digest)
            .limit(ERASED_AT_ONCE)
        )
        if last is not None:
            query = query.where(_after(last))
        with reading(engine) as connection:
            found = [_entry(row) for row in connection.execute(query)]
        yield from found
        if len(found) < ERASED_AT_ONCE:
            return
        last = found[-1]


def _after(last: Entry) -> ColumnElement[bool]:
    at, depot, digest = evidence.c.settled_at, evidence.c.depot, evidence.c.digest
    next_of_same = or_(depot > last.depot, and_(depot == last.depot, digest > last.digest))
    return or_(at > last.settled_at, and_(at == last.settled_at, next_of_same))


def _removed(path: Path, refused: Callable[[Path, OSError], None]) -> bool:
    """Whether a file is gone now; no harm where it was. Raises `OSError` of the disk."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in OF_THE_DISK:
            raise
        refused(path, error)
        return False
    return True
