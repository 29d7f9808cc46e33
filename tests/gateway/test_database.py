"""SQLite as the gate uses it."""

import sqlite3
import threading
from contextlib import closing

import pytest

from gateway.database import Migrations, atomic, opened


def names(db):
    return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def steps(*functions):
    made = Migrations("things")
    for each in functions:
        made(each)
    return made


def m001_things(db):
    db.execute("CREATE TABLE things (name TEXT)")


def m002_second(db):
    db.execute("CREATE TABLE second (name TEXT)")
    db.execute("INSERT INTO second VALUES ('one')")


def test_a_step_is_taken_once(tmp_path):
    with closing(opened(tmp_path / "a.db")) as db:
        steps(m001_things).apply(db)
        steps(m001_things, m002_second).apply(db)
        steps(m001_things, m002_second).apply(db)
        assert {"things", "second"} <= names(db)
        assert db.execute("SELECT count(*) FROM second").fetchone() == (1,)


def test_a_step_that_fails_leaves_nothing_and_is_taken_again(tmp_path):
    def m002_second(db):
        db.execute("CREATE TABLE second (name TEXT)")
        db.execute("INSERT INTO nowhere VALUES (1)")

    with closing(opened(tmp_path / "a.db")) as db:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            steps(m001_things, m002_second).apply(db)
        assert "second" not in names(db)
        steps(m001_things, globals()["m002_second"]).apply(db)
        assert {"things", "second"} <= names(db)


def test_the_book_of_steps_that_earlier_versions_wrote_is_read(tmp_path):
    with closing(opened(tmp_path / "a.db")) as db:
        db.execute(
            'CREATE TABLE "_sqlite_migrations" (\n   "id" INTEGER PRIMARY KEY,\n   "migration_set" TEXT,\n'
            '   "name" TEXT,\n   "applied_at" TEXT\n)'
        )
        db.execute(
            'CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"\n'
            '    ON "_sqlite_migrations" ("migration_set", "name")'
        )
        db.execute(
            "INSERT INTO _sqlite_migrations VALUES (1, 'things', 'm001_things', '2026-11-20 12:00:00+00:00')"
        )
        steps(m001_things, m002_second).apply(db)
        assert "things" not in names(db)
        assert "second" in names(db)


def test_two_that_begin_at_once_take_each_step_once(tmp_path):
    def begin():
        with closing(opened(tmp_path / "a.db")) as db:
            steps(m001_things, m002_second).apply(db)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with closing(opened(tmp_path / "a.db")) as db:
        assert db.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall() == [
            ("m001_things",),
            ("m002_second",),
        ]


def test_a_name_stands_for_one_step():
    with pytest.raises(ValueError, match="m001_things"):
        steps(m001_things, m001_things)


def test_a_transaction_is_whole_or_not_there(tmp_path):
    with closing(opened(tmp_path / "a.db")) as db:
        db.execute("CREATE TABLE things (name TEXT)")
        with pytest.raises(KeyError), atomic(db):
            db.execute("INSERT INTO things VALUES ('a')")
            with atomic(db):
                db.execute("INSERT INTO things VALUES ('b')")
            raise KeyError
        assert db.execute("SELECT count(*) FROM things").fetchone() == (0,)


def test_what_a_trigger_keeps_is_not_replaced(tmp_path):
    with closing(opened(tmp_path / "a.db")) as db:
        db.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, name TEXT)")
        db.execute("CREATE TRIGGER stays BEFORE DELETE ON kept BEGIN SELECT RAISE(ABORT, 'kept'); END")
        db.execute("INSERT INTO kept VALUES (1, 'a')")
        with pytest.raises(sqlite3.IntegrityError, match="kept"):
            db.execute("INSERT OR REPLACE INTO kept VALUES (1, 'b')")
