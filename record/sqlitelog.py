"""The write-ahead log of a new SQLite file: the gate's outbox and the registry's database turn it on alike."""

from __future__ import annotations

import sqlite3
import time

AGAIN_S = 0.005
"""Between two attempts; the other one's change takes about a millisecond."""


def write_ahead(db: sqlite3.Connection, patience_s: float) -> None:
    """Put a file into WAL mode, for good; one that is in it already stays as it is.

    For two that open a new file at once (a daemon and a command line beside it) one is told *locked* in the same
    moment: both read and want to write, and SQLite's own time-out waits for nobody who would wait for it (its
    documentation of `sqlite3_busy_handler`). So this asks again, for `patience_s` seconds. Raises
    `sqlite3.OperationalError` afterwards, and for everything else.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL").fetchall()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
        time.sleep(AGAIN_S)
