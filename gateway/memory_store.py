"""Keeps the gate's memory in its database: open stays, what was received, and what was announced.

stays          a truck that is in the depot, with the visit that brought it in
received       what each draft received under its document
announcements  pre-advice as it came over MQTT; a withdrawn one is deleted
releases       the same for releases
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from gateway.codec import ENTRY, STAY
from gateway.knowledge import Memory
from gateway.ledger import Entry, Ledger
from gateway.preadvice import Announcements, Releases
from gateway.stay import OpenStay, Stays
from record.preadvice import Preadvice
from record.release import Release

migrations = Migrations("memory")


@migrations()
def m001_memory(db: Database) -> None:
    """Stays, receipts of goods, announcements and releases, each as JSON under its key."""
    for table in ("stays", "received", "announcements", "releases"):
        db.execute(f"CREATE TABLE {table} (id TEXT PRIMARY KEY, body TEXT NOT NULL)")


class MemoryStore:
    """The tables of one gate. Every method may be called from any thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = Database(sqlite3.connect(path, check_same_thread=False, timeout=10))
        self._db.execute("PRAGMA journal_mode=WAL").fetchall()
        self._db.execute("PRAGMA synchronous=FULL")
        migrations.apply(self._db)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.conn.close()

    def memory(self) -> Memory:
        """What the gate knew when it was last at work; what it learns from now on is kept."""
        return Memory(
            announcements=Announcements(Preadvice.from_wire(body) for body in self._bodies("announcements")),
            releases=Releases(Release.from_wire(body) for body in self._bodies("releases")),
            ledger=Ledger((ENTRY.load(body) for body in self._bodies("received")), self._received),
            stays=Stays((STAY.load(body) for body in self._bodies("stays")), self._stay),
        )

    def announced(self, preadvice: Preadvice) -> None:
        """Keep an announcement."""
        self._put("announcements", preadvice.id, preadvice.to_wire())

    def released(self, release: Release) -> None:
        """Keep a release."""
        self._put("releases", release.id, release.to_wire())

    def withdrawn(self, table: str, identity: str) -> None:
        """Forget an announcement or a release."""
        with self._lock, self._db.atomic():
            self._db.execute(f"DELETE FROM {table} WHERE id = ?", [identity])

    def _received(self, entry: Entry, is_kept: bool) -> None:
        if is_kept:
            self._put("received", entry.draft, ENTRY.dump(entry))
        else:
            self.withdrawn("received", entry.draft)

    def _stay(self, stay: OpenStay, is_open: bool) -> None:
        if is_open:
            self._put("stays", stay.id, STAY.dump(stay))
        else:
            self.withdrawn("stays", stay.id)

    def _put(self, table: str, identity: str, body: Any) -> None:
        with self._lock, self._db.atomic():
            self._db.execute(
                f"INSERT INTO {table} (id, body) VALUES (?, ?)"
                " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                [identity, json.dumps(body)],
            )

    def _bodies(self, table: str) -> Iterator[Any]:
        with self._lock:
            rows = self._db.execute(f"SELECT body FROM {table} ORDER BY id").fetchall()
        return (json.loads(body) for (body,) in rows)
