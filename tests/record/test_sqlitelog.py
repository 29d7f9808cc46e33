"""A new SQLite file is put into WAL mode, also while another process has it."""

import sqlite3
from contextlib import closing

import pytest

from record import sqlitelog
from record.sqlitelog import write_ahead


@pytest.fixture
def both(tmp_path):
    """Two connections to a new file, the second of which is writing."""
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE things (name TEXT)")
        other.execute("BEGIN IMMEDIATE")
        yield db, other


def test_it_waits_for_another_one_that_writes(both, monkeypatch):
    db, other = both
    waits = []

    def ended(seconds):
        waits.append(seconds)
        other.execute("COMMIT")

    monkeypatch.setattr(sqlitelog.time, "sleep", ended)
    db.execute("PRAGMA busy_timeout=0").close()
    write_ahead(db, 10)
    assert len(waits) == 1
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_it_says_locked_when_its_patience_ends(both):
    db, _ = both
    db.execute("PRAGMA busy_timeout=0").close()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        write_ahead(db, 0)


def test_what_is_no_database_is_told_at_once(tmp_path):
    path = tmp_path / "text.db"
    path.write_text("no database at all, but long enough to be read as a header " * 4)
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.DatabaseError, match="not a database"):
        write_ahead(db, 10)
