"""A throw-away PostgreSQL: a cluster of one's own on a socket in a folder, gone with it.

Debian's programs lie beyond PATH, one folder a version. A server refuses to run as root (PostgreSQL 15, 19.1):
there the package's own user runs it, in a folder that this user can reach.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from registry.database import migrate, open_engine

USER = "postgres"
EMPTY = "empty"
"""The database that all others are copies of: the registry's newest schema and nothing in it."""

AS_IN_PRODUCTION = ("listen_addresses=",)
FORGETFUL = ("listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Settings for tests, which survive no power cut and need not."""


class NoPostgres(Exception):
    """PostgreSQL is not installed, or does not start; the message says what it said."""


def programs() -> Path:
    """The folder of the newest version's programs. Raises `NoPostgres`."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parents[1].name)
    )
    if not found:
        raise NoPostgres("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1].parent


class Postgres:
    """As a context it runs. `fresh` makes a database, `stop` and `start` are a server that goes and comes."""

    def __init__(self, settings: tuple[str, ...] = FORGETFUL) -> None:
        self._programs, self.settings = programs(), settings
        self._folder = Path(tempfile.mkdtemp(prefix="iie-postgres-", dir="/tmp"))
        self._numbers = count(1)
        if os.geteuid() == 0:
            shutil.chown(self._folder, USER)

    def __enter__(self) -> Self:
        self._run(
            "initdb", "-D", self._data, "-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8", "--locale", "C"
        )
        self.start()
        self._admin(f"CREATE DATABASE {EMPTY}")
        engine = open_engine(self.url(EMPTY))
        migrate(engine)
        engine.dispose()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop("immediate")
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start the server and wait until it serves. Raises `NoPostgres`."""
        options = " ".join(["-k", str(self._folder), *(f"-c {each}" for each in self.settings)])
        self._run("pg_ctl", "-D", self._data, "-o", options, "-l", self._folder / "log", "-w", "start")

    def stop(self, how: str = "fast") -> None:
        """End it: ``fast`` breaks connections off and saves, ``immediate`` is a crash."""
        self._run("pg_ctl", "-D", self._data, "-m", how, "-w", "stop")

    def fresh(self, template: str = EMPTY) -> str:
        """The URL of a new database, a copy of the empty one; ``template0`` gives one without any table."""
        name = f"registry_{next(self._numbers)}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Delete a database, whoever is still connected to it."""
        self._admin(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def url(self, database: str) -> str:
        """How SQLAlchemy reaches a database of this server."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self._folder}"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _admin(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(statement))

    def _run(self, program: str, *arguments: object) -> None:
        become = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
        command = [*become, str(self._programs / program), *(str(each) for each in arguments)]
        # The server inherits what it is given: a pipe would stay open as long as it lives.
        with (self._folder / f"{program}.out").open("wb") as out:
            done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        if done.returncode:
            said = (self._folder / f"{program}.out").read_text(errors="replace")
            raise NoPostgres(f"{program} ended with {done.returncode}: {said[-500:]}")
