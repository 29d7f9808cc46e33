"""Keeps the gate's memory in its database: open stays, what was received, and what was announced.

stays          a truck that is in the depot, with the visit that brought it in
received       what each draft received under its document
announcements  pre-advice as it came over MQTT or from a file; a withdrawn one is deleted
releases       the same for releases
tares          what trucks weighed that left empty, by their plates
noted          one number that counts the changes of these two, so that a gate sees those of another process
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TypeVar

from gateway.clerk.codec import ENTRY, STAY, TARE
from gateway.clerk.knowledge import Memory
from gateway.clerk.learnt_tare import LearntTare, LearntTares
from gateway.clerk.ledger import Entry, Ledger
from gateway.clerk.stay import OpenStay, Stays
from gateway.database import Migrations, atomic, opened
from gateway.folder import make_private
from gateway.preadvice.book import Announcements, Releases
from record.base import timestamp
from record.preadvice import Preadvice
from record.release import Release

N = TypeVar("N", Preadvice, Release)

migrations = Migrations("memory")


@migrations
def m001_memory(db: Connection) -> None:
    """Stays, receipts of goods, announcements and releases, each as JSON under its key."""
    for table in ("stays", "received", "announcements", "releases"):
        db.execute(f"CREATE TABLE {table} (id TEXT PRIMARY KEY, body TEXT NOT NULL)")


@migrations
def m002_noted(db: Connection) -> None:
    """How often announcements and releases were changed."""
    db.execute("CREATE TABLE noted (id INTEGER PRIMARY KEY CHECK (id = 1), changes INTEGER NOT NULL)")
    db.execute("INSERT INTO noted (id, changes) VALUES (1, 0)")


@migrations
def m003_tares(db: Connection) -> None:
    """Learnt tares, each as JSON under its plates."""
    db.execute("CREATE TABLE tares (id TEXT PRIMARY KEY, body TEXT NOT NULL)")


class MemoryStore:
    """The tables of one gate. Every method may be called from any thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        make_private(path)
        self._lock = threading.Lock()
        self._db = opened(path)
        self._db.execute("PRAGMA synchronous=FULL")
        migrations.apply(self._db)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def memory(self) -> Memory:
        """What the gate knew when it was last at work; what it learns from now on is kept."""
        return Memory(
            announcements=Announcements(self._announcements(), self._news(self._announcements)),
            releases=Releases(self._releases(), self._news(self._releases)),
            ledger=Ledger((ENTRY.load(body) for body in self._bodies("received")), self._received),
            stays=Stays((STAY.load(body) for body in self._bodies("stays")), self._stay),
            tares=LearntTares(filter(None, map(TARE.load, self._bodies("tares"))), self._tare),
        )

    def announced(self, *notices: Preadvice | Release) -> int:
        """Keep announcements or releases, all or none; how many were new, or newer than what was known."""
        with self._lock, atomic(self._db):
            newer = 0
            for each in notices:
                if self._is_newer(each):
                    self._write(_table(each), each.id, each.to_wire())
                    newer += 1
            self._note(newer > 0)
        return newer

    def withdrawn(self, table: str, identity: str) -> bool:
        """Forget an announcement or a release; False where there is none."""
        with self._lock, atomic(self._db):
            gone = self._delete(table, identity)
            self._note(gone)
        return gone

    def ids(self, table: str) -> frozenset[str]:
        """The ids of all announcements or releases that are kept."""
        with self._lock:
            return frozenset(identity for (identity,) in self._db.execute(f"SELECT id FROM {table}"))

    def forget_expired(self, before: datetime) -> int:
        """Forget the announcements and releases that were not valid any more at a moment; how many."""
        with self._lock, atomic(self._db):
            gone = 0
            for table in ("announcements", "releases"):
                cursor = self._db.execute(
                    f"DELETE FROM {table} WHERE json_extract(body, '$.valid_until') < ?", [timestamp(before)]
                )
                gone += cursor.rowcount
            self._note(gone > 0)
        return gone

    def _received(self, entry: Entry, is_kept: bool) -> None:
        if is_kept:
            self._put("received", entry.draft, ENTRY.dump(entry))
        else:
            self._forget("received", entry.draft)

    def _stay(self, stay: OpenStay, is_open: bool) -> None:
        if is_open:
            self._put("stays", stay.id, STAY.dump(stay))
        else:
            self._forget("stays", stay.id)

    def _tare(self, tare: LearntTare, is_kept: bool) -> None:
        if is_kept:
            self._put("tares", ",".join(tare.plates), TARE.dump(tare))
        else:
            self._forget("tares", ",".join(tare.plates))

    def _put(self, table: str, identity: str, body: Any) -> None:
        with self._lock, atomic(self._db):
            self._write(table, identity, body)

    def _forget(self, table: str, identity: str) -> None:
        with self._lock, atomic(self._db):
            self._delete(table, identity)

    def _write(self, table: str, identity: str, body: Any) -> None:
        self._db.execute(
            f"INSERT INTO {table} (id, body) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            [identity, json.dumps(body)],
        )

    def _delete(self, table: str, identity: str) -> bool:
        return self._db.execute(f"DELETE FROM {table} WHERE id = ?", [identity]).rowcount > 0

    def _is_newer(self, notice: Preadvice | Release) -> bool:
        row = self._db.execute(f"SELECT body FROM {_table(notice)} WHERE id = ?", [notice.id]).fetchone()
        known = json.loads(row[0]) if row else None
        return known is None or (known["version"] <= notice.version and known != notice.to_wire())

    def _note(self, changed: bool) -> None:
        if changed:
            self._db.execute("UPDATE noted SET changes = changes + 1")

    def _changes(self) -> int:
        with self._lock:
            return int(self._db.execute("SELECT changes FROM noted").fetchone()[0])

    def _announcements(self) -> list[Preadvice]:
        return [Preadvice.from_wire(body) for body in self._bodies("announcements")]

    def _releases(self) -> list[Release]:
        return [Release.from_wire(body) for body in self._bodies("releases")]

    def _news(self, read: Callable[[], list[N]]) -> Callable[[], list[N] | None]:
        """Reads all notices anew whenever they were changed since the last look."""
        seen = self._changes()

        def look() -> list[N] | None:
            nonlocal seen
            now = self._changes()
            if now == seen:
                return None
            seen = now
            return read()

        return look

    def _bodies(self, table: str) -> Iterator[Any]:
        with self._lock:
            rows = self._db.execute(f"SELECT body FROM {table} ORDER BY id").fetchall()
        return (json.loads(body) for (body,) in rows)


def _table(notice: Preadvice | Release) -> str:
    return "announcements" if isinstance(notice, Preadvice) else "releases"
