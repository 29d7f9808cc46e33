"""The database: its schema in steps, its pragmas, and files that are none."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from importlib import resources

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.exc import DatabaseError, OperationalError

from registry.database import (
    SCHEMA,
    BadDatabase,
    migrate,
    open_engine,
    open_readonly,
    reading,
    unusable,
    writing,
)
from registry.schema import metadata
from registry.tables import Moment, counters, drafts

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


def test_the_steps_make_the_tables_that_the_code_uses(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_newest_step_is_the_one_that_is_named():
    config = Config()
    config.set_main_option("script_location", str(resources.files("registry") / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA]


def test_a_commit_is_on_the_disk(file_engine):
    with reading(file_engine) as connection:
        pragmas = [
            connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")
        ]
    assert pragmas == ["wal", 2]


def test_two_processes_may_open_a_new_database_at_once(tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    code = "import sys; from registry.database import *; migrate(open_engine(sys.argv[1]))"
    both = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]


def test_a_second_migration_changes_nothing(engine):
    with writing(engine) as connection:
        connection.execute(counters.insert().values(oce="01234567", year=2026, last=5))
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(counters.select()).all() == [("01234567", 2026, 5)]


def test_a_read_only_engine_reads_and_cannot_write(file_engine, tmp_path):
    readonly = open_readonly(tmp_path / "registry.db")
    with pytest.raises(OperationalError, match="readonly"), readonly.begin() as connection:
        connection.execute(counters.insert().values(oce="01234567", year=2026, last=5))
    readonly.dispose()


def test_another_file_is_no_database(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear customs, " * 100)
    with pytest.raises(BadDatabase, match=r"letter\.txt: file is not a database"):
        open_readonly(tmp_path / "letter.txt")
    with pytest.raises(BadDatabase, match=r"letter\.txt"):
        migrate(open_engine(f"sqlite:///{tmp_path / 'letter.txt'}"))


def test_another_programs_database_is_told_apart(tmp_path):
    other = create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    with other.begin() as connection:
        connection.execute(text("CREATE TABLE songs (name)"))
    other.dispose()
    with pytest.raises(BadDatabase, match="not a registry's database"):
        open_readonly(tmp_path / "other.db")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadDatabase, match=r"nothing\.db: no such database file"):
        open_readonly(tmp_path / "nothing.db")


def test_a_database_that_others_hold_is_no_broken_one(file_engine, tmp_path, monkeypatch):
    monkeypatch.setattr("registry.database.BUSY_MS", 1)
    other = open_engine(f"sqlite:///{tmp_path / 'registry.db'}")
    with writing(file_engine), pytest.raises(OperationalError) as raised, writing(other):
        pass
    other.dispose()
    found = unusable("sqlite:///registry.db", raised.value)
    assert (found.retry, found.advice) == (True, "registry.database_away")
    gone = unusable("postgresql://u:secret@h/d", OperationalError("", {}, Exception("refused")))
    assert gone.retry and "secret" not in str(gone)
    with pytest.raises(BadDatabase) as nowhere:
        migrate(open_engine(f"sqlite:///{tmp_path / 'none' / 'registry.db'}"))
    assert not nowhere.value.retry


@pytest.mark.parametrize("table", ["audit", "report_changes"])
def test_what_people_did_is_never_changed(engine, table):
    row = {
        "audit": "(position, at, name, action, detail) VALUES (1, '2026-11-24', 'Ana', 'login', '{}')",
        "report_changes": (
            "(position, report, version, at, what, after, reason, detail)"
            " VALUES (1, 1, 1, '2026-11-24', 'received', 'draft', '', '{}')"
        ),
    }[table]
    changes = [f"UPDATE {table} SET at = '2027-01-01'", f"DELETE FROM {table}"]
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        else:
            connection.exec_driver_sql("ALTER TABLE report_changes DROP CONSTRAINT fk_report_changes_report")
            changes.append(f"TRUNCATE {table}")
        connection.execute(text(f"INSERT INTO {table} {row}"))
        for change in changes:
            with pytest.raises(DatabaseError, match="append-only"), connection.begin_nested():
                connection.execute(text(change))
        connection.rollback()


def test_drafts_from_before_reports_wait_for_theirs(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    config = Config()
    config.set_main_option("script_location", str(resources.files("registry") / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        columns = [column for column in drafts.columns if column.name not in ("position", "pending")]
        row = {column.name: NOON if isinstance(column.type, Moment) else 1 for column in columns}
        connection.execute(text("INSERT INTO events SELECT 1,'1',1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"))
        connection.execute(insert(drafts).values(row))
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(select(drafts.c.pending)).scalars().all() == [True]
    engine.dispose()
