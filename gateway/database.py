"""SQLite as the gate uses it: a file is opened, a transaction is whole or not there, tables grow in steps.

The standard library's `sqlite3` alone: what a gate needs of it is below, and is there in a moment when it starts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from record.sqlitelog import write_ahead

BUSY_S = 10
"""How long a write waits for another process, such as a command line beside the daemon."""

Step = Callable[[sqlite3.Connection], None]


def opened(path: Path) -> sqlite3.Connection:
    """A connection in WAL mode that begins no transaction by itself and may be used from any thread, one at a time.

    A trigger that refuses a deletion refuses one by ``REPLACE`` too.
    """
    db = sqlite3.connect(path, check_same_thread=False, timeout=BUSY_S, isolation_level=None)
    try:
        db.execute("PRAGMA recursive_triggers=ON")
        write_ahead(db, BUSY_S)
    except sqlite3.Error:
        db.close()
        raise
    return db


class Transaction:
    """As `atomic` makes it. A class of its own since the outbox begins one with each event, and waits for it."""

    __slots__ = ("_db", "_part")

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> sqlite3.Connection:
        self._part = self._db.in_transaction
        if not self._part:
            self._db.execute("BEGIN IMMEDIATE")
        return self._db

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._part:
            return
        if kind is not None:
            self._db.rollback()
            return
        try:
            self._db.execute("COMMIT")
        except BaseException:
            self._db.rollback()
            raise


def atomic(db: sqlite3.Connection) -> Transaction:
    """One transaction, all or nothing; inside another one it is a part of that.

    It begins as a writer (``BEGIN IMMEDIATE``), so that it waits for another process's commit instead of failing
    after it has read.
    """
    return Transaction(db)


class Migrations:
    """The steps that one set of tables has taken, by name and in order; each is taken once in a file's life.

    A step that fails leaves nothing behind and is taken at the next start.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._steps: dict[str, Step] = {}

    def __call__(self, step: Step) -> Step:
        """Add a step under its function's name. Raises `ValueError` for a name that is there already."""
        if step.__name__ in self._steps:
            raise ValueError(f"{self.name} has a step {step.__name__} already")
        self._steps[step.__name__] = step
        return step

    def apply(self, db: sqlite3.Connection) -> None:
        """Take the steps that this file has not taken yet. Raises what SQLite raises."""
        missing = self._missing(db)
        if missing:
            with atomic(db):
                for statement in TAKEN:
                    db.execute(statement)
        for name in missing:
            self._take(db, name)

    def _take(self, db: sqlite3.Connection, name: str) -> None:
        with atomic(db):
            if name not in self._missing(db):
                return  # another process was faster
            self._steps[name](db)
            db.execute(
                "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)",
                [self.name, name, str(datetime.now(UTC))],
            )

    def _missing(self, db: sqlite3.Connection) -> list[str]:
        """Names of the steps that the file has not taken, in order."""
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
            return list(self._steps)
        taken = db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", [self.name])
        known = {name for (name,) in taken}
        return [name for name in self._steps if name not in known]


TAKEN = (
    "CREATE TABLE IF NOT EXISTS _sqlite_migrations ("
    " id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)",
    "CREATE UNIQUE INDEX IF NOT EXISTS idx__sqlite_migrations_migration_set_name"
    " ON _sqlite_migrations (migration_set, name)",
)
"""The book of steps, under the names that files of earlier versions have."""
