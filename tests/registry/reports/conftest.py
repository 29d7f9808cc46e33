"""A depot's office for tests of reports, on SQLite and, where Debian's PostgreSQL is there, on that too."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, text

from registry.database import migrate, open_engine, writing
from registry.schema import metadata

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
USER = "postgres"


class Postgres:
    """A server of one's own on a socket in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._programs = folder, PROGRAMS[-1]
        self._own(folder)
        self._run("initdb", "-D", folder / "data", "-A", "trust", "-U", USER, "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        self._run("pg_ctl", "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start")
        self.url = f"postgresql://{USER}@/postgres?host={folder}"
        engine = open_engine(self.url)
        migrate(engine)
        engine.dispose()

    def emptied(self) -> Engine:
        """Its database without anything in it; what guards rows that are never deleted looks away meanwhile."""
        engine = open_engine(self.url)
        with writing(engine) as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table in metadata.tables.values():
                connection.execute(delete(table))
        return engine

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._folder / "data", "-m", "immediate", "stop")

    def _own(self, folder: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(folder, USER)

    def _run(self, program: str, *arguments: object) -> None:
        become = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
        command = [*become, str(self._programs / program), *(str(each) for each in arguments)]
        done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert done.returncode == 0, done.stderr.decode()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    if not PROGRAMS:
        pytest.skip("PostgreSQL is not there: apt-get install postgresql")
    if os.geteuid() == 0:
        pwd.getpwnam(USER)
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/iie-postgres-XXXXXX"], text=True).strip())
    server = Postgres(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> Iterator[Engine]:
    """A database of the newest schema without anything in it, of each kind."""
    if request.param == "postgresql":
        engine = request.getfixturevalue("postgres").emptied()
    else:
        shutil.copy(empty_database, tmp_path / "registry.db")
        engine = open_engine(f"sqlite:///{tmp_path / 'registry.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def depot(depot_of: Callable[..., Any]) -> Any:
    return depot_of()
