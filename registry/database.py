"""The registry's database: opened, brought to the newest schema, written in transactions that are on disk.

SQLite runs in WAL mode with ``synchronous=FULL``: a commit has reached the disk when it returns. A writing
transaction takes the write lock when it begins (``BEGIN IMMEDIATE``), so that what it read stays true.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from record.errors import IieError

BUSY_MS = 30_000
"""How long a transaction waits for another process that writes."""


class BadDatabase(IieError):
    """The database cannot be opened, or is not the registry's; the message names it."""

    advice = "error.bad_database"


def open_engine(url: str) -> Engine:
    """An engine for a database URL; nothing is opened yet. SQLite gets its pragmas with every connection."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url)
    engine = create_engine(url)
    event.listen(engine, "connect", _pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def open_readonly(path: Path) -> Engine:
    """An engine on a SQLite file that cannot write. Raises `BadDatabase` where there is no such file."""
    if not path.is_file():
        raise BadDatabase(f"{path}: no such database file")
    uri = f"{path.resolve().as_uri()}?mode=ro"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True, timeout=BUSY_MS / 1000))


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema, in one transaction. Raises `BadDatabase`."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("registry") / "migrations"))
    config.set_main_option("path_separator", "os")
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except (DatabaseError, OSError) as error:
        raise BadDatabase(f"{engine.url.render_as_string()}: {_cause(error)}") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes; committed at the end, rolled back where an error leaves it."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, from one state of the database."""
    with engine.connect().execution_options(reads_only=True) as connection, connection.begin():
        yield connection


def passing(error: Exception) -> bool:
    """Whether the same transaction may succeed later by itself: locked, full, gone away."""
    return isinstance(error, OperationalError)


def _pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)
