"""The outbox's log: the file in which SQLite writes what is committed, before it goes into the database.

    laid out ──▶ commits fill it ──▶ carried over into the database ──▶ written from its beginning again
                                     (a thread of its own)              (once nothing of it is left)

A commit waits for the disk. It waits longer where the log becomes longer by it, and longest where it has to carry
the log over itself; neither happens here, however fast events come.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shutil import disk_usage
from sqlite3 import Connection

from gateway.database import BUSY_S

log = logging.getLogger(__name__)

LOG_BYTES = 4 * 1024 * 1024
"""How long the log grows before it is carried over."""

LAID_BYTES = 2 * LOG_BYTES
"""How long it is made beforehand: a commit that makes a file longer waits for its new length too, a third more."""

LEAST_ROOM = 16 * LAID_BYTES
"""A disk with less room than this is left to the records."""

CARRIED_EVERY = 225
"""Drafts between two looks at the log; so many fill some 6 MB of it."""

CHECKPOINT_PAGES = 40_000
"""How long it grows, 160 MB, before a commit has to do that and wait for the disk."""

CARRY = "PRAGMA wal_checkpoint(PASSIVE)"
"""Takes over what no reader needs in its place any more; waits for nobody."""


class WriteAheadLog:
    """The log of one database. All but the carrying is done by whoever may write just then."""

    def __init__(self, database: Path) -> None:
        self._database, self._path = database, database.with_name(database.name + "-wal")
        self._commits = 0
        self._carrying: threading.Thread | None = None

    def lay(self, db: Connection) -> None:
        """Let the disk give the log its length beforehand; where it does not, commits make it longer as they come.

        A transaction that outgrows a small cache is written to the log and taken back: the log is as long then, and
        the database holds nothing of it.
        """
        with suppress(OSError, sqlite3.OperationalError):
            if self._bytes() >= LAID_BYTES or disk_usage(self._path.parent).free < LEAST_ROOM:
                return
            (pages,) = db.execute("PRAGMA cache_size").fetchone()
            db.execute("PRAGMA cache_size=10")
            try:
                db.execute("BEGIN IMMEDIATE")
                db.execute("CREATE TABLE room (bytes BLOB)")
                db.execute("INSERT INTO room VALUES (zeroblob(?))", [LAID_BYTES])
            finally:
                db.rollback()
                db.execute(f"PRAGMA cache_size={pages}")

    def committed(self, db: Connection) -> None:
        """Have a long log carried over by a thread for which nobody waits.

        Commits go on meanwhile, so that something is always left when it has ended; the next commit carries those few
        pages over. Without that a log under steady writing is never written from its beginning again.
        """
        self._commits += 1
        if self._carrying is not None and not self._carrying.is_alive():
            self._carrying = None
            with _told():
                db.execute(CARRY).fetchall()
        if self._commits % CARRIED_EVERY or self._carrying or self._bytes() < LOG_BYTES:
            return
        self._carrying = threading.Thread(target=self._carry, name="outbox-log", daemon=True)
        self._carrying.start()

    def _carry(self) -> None:
        with _told(), closing(sqlite3.connect(self._database, timeout=BUSY_S)) as db:
            db.execute(CARRY).fetchall()

    def _bytes(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong here is tried again later, and costs no event."""
    try:
        yield
    except sqlite3.Error as error:
        log.warning("outbox: the log cannot be carried over now: %s", error)
