"""The one connection that writes an outbox, and a transaction of it: whoever has an event stored waits for both."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType

from gateway.database import Transaction, opened
from gateway.outbox.letter import OutboxBroken
from gateway.outbox.write_ahead import CHECKPOINT_PAGES, WriteAheadLog


class Writer:
    """The connection with its lock and its log."""

    def __init__(self, path: Path) -> None:
        self.lock, self.log = threading.RLock(), WriteAheadLog(path)
        self.db = connection(path)
        self._durable: bool | None = None

    def close(self) -> None:
        """Close it once nobody writes; no harm when it is closed already."""
        with self.lock:
            self.db.close()

    def lay_log(self) -> None:
        """Give the log its length beforehand, where the disk has room."""
        with self.lock:
            self.log.lay(self.db)

    def promise(self, durable: bool) -> None:
        """What the transactions from now on are to promise."""
        if durable is not self._durable:
            self.db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable


class Writing(Transaction):
    """One transaction of a writer, alone. Raises `OutboxBroken` for what SQLite refuses.

    Inside another one of the same thread it is a part of that and promises what that does.
    """

    __slots__ = ("_durable", "_writer")

    def __init__(self, writer: Writer, durable: bool) -> None:
        super().__init__(writer.db)
        self._writer, self._durable = writer, durable

    def __enter__(self) -> Connection:
        self._writer.lock.acquire()
        try:
            if not self._db.in_transaction:
                self._writer.promise(self._durable)
            return super().__enter__()
        except BaseException as error:
            self._writer.lock.release()
            if isinstance(error, sqlite3.Error):
                raise refused(error) from error
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            super().__exit__(kind, error, trace)
            if kind is None and self._durable and not self._part:
                self._writer.log.committed(self._db)
            if isinstance(error, sqlite3.Error):
                raise error
        except sqlite3.Error as found:
            raise refused(found) from found
        finally:
            self._writer.lock.release()


def connection(path: Path) -> Connection:
    """A connection to an outbox, whose log is carried over by `WriteAheadLog`. Raises what SQLite raises."""
    db = opened(path)
    db.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}").fetchall()
    return db


def refused(error: sqlite3.Error) -> OutboxBroken:
    """What SQLite has raised, as whoever uses the outbox is told."""
    return OutboxBroken(f"the outbox cannot be used: {error}")
