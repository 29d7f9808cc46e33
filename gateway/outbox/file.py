"""The outbox's SQLite file: one connection that writes, one that reads, and what each of them promises.

    writing(durable=True)    on the disk when it returns, as far as the disk tells the truth: events
    writing()                may be lost at a power cut, never torn: what the link learns, and learns again
    read()                   what was committed last; waits for nobody who writes

In WAL mode a commit with ``synchronous=NORMAL`` does not wait for the disk, and the next one with ``FULL``
takes all before it along.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gateway.database import BUSY_S
from gateway.folder import make_private
from gateway.outbox.schema import migrations
from gateway.outbox.writer import Writer, Writing, connection, refused

DATABASE = "gateway.db"
"""The file's name in a site's data folder."""


class OutboxFile:
    """Both connections. Every method may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reading = threading.Lock()
        with broken():
            with suppress(OSError):  # SQLite says better what is wrong with the place
                make_private(path)
            self._writer, self._reader = Writer(path), connection(path)
            try:
                migrations.apply(self._writer.db)
            except sqlite3.Error:
                self.close()
                raise

    def close(self) -> None:
        """Close the file; no harm when it is closed already."""
        self._writer.close()
        with self._reading:
            self._reader.close()

    def writing(self, *, durable: bool = False) -> Writing:
        """One transaction as `atomic` has them. Raises `OutboxBroken` for what SQLite refuses."""
        return Writing(self._writer, durable)

    def lay_log(self) -> None:
        """Give the log its length beforehand, where the disk has room."""
        self._writer.lay_log()

    def read(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, of the last commit. Raises `OutboxBroken` for what SQLite refuses."""
        with self._reading, broken():
            return self._reader.execute(query, parameters).fetchall()

    def copy(self, target: Path) -> None:
        """A whole and consistent copy while everything goes on. Raises `OutboxBroken`, `OSError`."""
        with broken():
            make_private(target)
            source, copy = sqlite3.connect(self.path, timeout=BUSY_S), sqlite3.connect(target)
            try:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE").fetchall()
            finally:
                copy.close()
                source.close()

    def damage(self) -> list[str]:
        """What SQLite's ``quick_check`` finds, nothing where the file is whole. Reads on a connection of its
        own and holds nobody up."""
        with broken():
            connection = sqlite3.connect(self.path, timeout=BUSY_S)
            try:
                found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
            except sqlite3.DatabaseError as error:
                return [str(error)]
            finally:
                connection.close()
        return [] if found == ["ok"] else found


def lock_file(path: Path) -> Path:
    """The file whose lock the owner of an outbox holds."""
    return path.with_name(path.name + ".lock")


@contextmanager
def broken() -> Iterator[None]:
    """Turns what SQLite raises into `OutboxBroken`."""
    try:
        yield
    except sqlite3.Error as error:
        raise refused(error) from error
