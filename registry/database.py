"""The registry's database: opened, brought to the newest schema, written in transactions that are on disk.

SQLite runs in WAL mode with ``synchronous=FULL``: a commit has reached the disk when it returns. A writing
transaction takes the write lock when it begins (``BEGIN IMMEDIATE``), so that what it read stays true.

PostgreSQL writes under READ COMMITTED, where workers hold `locks` over what must stay true, and reads under
REPEATABLE READ, so that what many queries say together was true at one moment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, IntegrityError, InternalError, OperationalError
from sqlalchemy.pool import NullPool

from record.errors import IieError
from record.sqlitelog import write_ahead
from registry.locks import hold, taken

SCHEMA = "0013"
"""The newest step in `registry.migrations`."""

BUSY_MS = 30_000
"""How long a transaction waits for another process that writes."""

SESSION = (
    "synchronous_commit=on",
    f"lock_timeout={BUSY_MS}",
    "idle_in_transaction_session_timeout=60000",
    "max_parallel_workers_per_gather=0",
    "tcp_keepalives_idle=15",
    "tcp_keepalives_interval=5",
    "tcp_keepalives_count=3",
)
"""What each PostgreSQL session is told, whatever the server's file says: a commit is on the disk, the locks of a worker
that hangs or whose machine is gone are free within a minute, and a page of fifty rows starts no further processes."""

DEAD_SERVER = {"connect_timeout": 10, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
"""How soon a server that is gone is given up, in seconds and attempts (libpq, 34.1.2)."""

SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""How PostgreSQL is read: many queries, one state."""

OVERTAKEN = frozenset({"40001", "40P01"})
"""SQLSTATE of a transaction that PostgreSQL has ended because of another one's: serialization, deadlock."""


class BadDatabase(IieError):
    """The database cannot be opened, or is not the registry's; the message names it."""

    advice = "registry.unusable_database"


class DatabaseAway(BadDatabase):
    """The database is there, and another program holds it, or its server does not answer. A later try may succeed."""

    retry = True
    advice = "registry.database_away"


def unusable(url: str | URL, error: Exception) -> BadDatabase:
    """What a database's error means to a person; the address is told without its password."""
    cause = getattr(error, "orig", None) or error
    parsed = make_url(url)
    place = str(parsed.database) if parsed.get_backend_name() == "sqlite" else parsed.render_as_string()
    message = f"{place}: {' '.join(str(cause).split())}"
    if isinstance(cause, sqlite3.Error):
        away = getattr(cause, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    else:
        away = isinstance(error, OperationalError)
    return DatabaseAway(message) if away else BadDatabase(message)


def open_engine(url: str) -> Engine:
    """An engine for a database URL; nothing is opened yet. Each connection gets its pragmas or settings.

    Errors tell statements without their values: what people look for is in no log.
    """
    if make_url(url).get_backend_name() != "sqlite":
        return _postgres(url)
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _postgres(url: str) -> Engine:
    parsed = make_url(url)
    own = parsed.query.get("options", ())
    options = [*([own] if isinstance(own, str) else own), *(f"-c {setting}" for setting in SESSION)]
    arguments = {**DEAD_SERVER, "options": " ".join(options)}
    return create_engine(
        parsed.difference_update_query(["options"]),
        connect_args=arguments,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def open_readonly(path: Path) -> Engine:
    """An engine on a registry's SQLite file that cannot write. Raises `BadDatabase` for any other file."""
    if not path.is_file():
        raise BadDatabase(f"{path}: no such database file")
    uri = f"{path.resolve().as_uri()}?mode=ro"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True), poolclass=NullPool)
    event.listen(engine, "connect", _patient)
    event.listen(engine, "begin", _begin)
    try:
        with reading(engine) as connection:
            if not newest(connection):
                raise BadDatabase(f"{path}: not a registry's database of this version")
    except DatabaseError as error:
        raise unusable(f"sqlite:///{path}", error) from error
    return engine


def open_to_read(url: str) -> Engine:
    """An engine for commands that only look; it makes no file and no table. Raises `BadDatabase`."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return open_readonly(Path(str(parsed.database)))
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            if not newest(connection):
                raise BadDatabase(f"{parsed.render_as_string()}: not a registry's database of this version")
    except DatabaseError as error:
        raise unusable(parsed, error) from error
    return engine


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema, in one transaction. Raises `BadDatabase`."""
    try:
        with reading(engine) as connection:
            if newest(connection):
                return
    except DatabaseError as error:
        raise unusable(engine.url, error) from error
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.files("registry") / "migrations"))
    config.set_main_option("path_separator", "os")
    try:
        with engine.begin() as connection:
            hold(connection, ["migrations"])
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except (DatabaseError, OSError) as error:
        raise unusable(engine.url, error) from error


def newest(connection: Connection) -> bool:
    """Whether the database has the schema of this version. False also for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    held = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(held) == [SCHEMA]


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes; committed at the end, rolled back where an error leaves it."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, from one state of the database."""
    options = SNAPSHOT if engine.dialect.name == "postgresql" else {"reads_only": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def turn(engine: Engine, name: str) -> Iterator[bool]:
    """Whether it is this worker's turn at what one does at a time; on SQLite, which has one worker, it always is."""
    if engine.dialect.name != "postgresql":
        yield True
        return
    with reading(engine) as connection:
        yield taken(connection, name)


def passing(error: Exception) -> bool:
    """Whether the same transaction may succeed later by itself: locked, full, gone away, a standby."""
    return isinstance(error, (OperationalError, InternalError))


def overtaken(error: Exception) -> bool:
    """Whether another worker's transaction has stood in the way: the same one succeeds at once."""
    if isinstance(error, IntegrityError):
        return True
    return getattr(getattr(error, "orig", None), "sqlstate", None) in OVERTAKEN


def _patient(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}").close()


def _pragmas(connection: Any, record: object) -> None:
    _patient(connection, record)
    write_ahead(connection, BUSY_MS / 1000)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
