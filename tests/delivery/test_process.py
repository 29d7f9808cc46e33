"""What the chaos judges by: a program that ends by itself, a database that does not answer, progress."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

import pytest

from benchmarks import rig as benchmarks_rig
from benchmarks.process import Process, until


def program(tmp_path, *words):
    return Process([sys.executable, "-c", *words], tmp_path / "log")


def test_an_end_that_nobody_asked_for_is_noted_once(tmp_path):
    process = program(tmp_path, "raise SystemExit(3)")
    process.start()
    process.wait()
    assert process.died
    process.kill()
    process.kill()
    assert process.ended == [3]
    assert not process.died, "it was noted"
    process.start()
    process.wait()
    process.start()
    assert process.ended == [3, 3]
    process.kill()


def test_a_program_that_was_killed_or_told_to_end_has_not_ended_by_itself(tmp_path):
    process = program(tmp_path, "import time; time.sleep(60)")
    process.start()
    process.kill()
    process.start()
    process.terminate()
    process.wait()
    process.start()
    process.stop()
    assert process.ended == []


def test_a_wait_goes_on_while_it_comes_nearer():
    steps = iter(range(3, -1, -1))
    left = [4]

    def nearer():
        left[0] = next(steps, 0)
        return left[0]

    until(lambda: not left[0], "the end", 0.04, nearer)
    with pytest.raises(TimeoutError, match=r"the end did not come within .* after 7"):
        until(lambda: False, "the end", 0.01, lambda: 7)


def test_a_database_that_cannot_be_read_is_no_empty_one(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmarks_rig, "BUSY_S", 0.1)
    path = tmp_path / "x.db"
    assert benchmarks_rig._ask(path, "SELECT 1 FROM events") == []
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE other (x)")
        assert benchmarks_rig._ask(path, "SELECT 1 FROM events") == []
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
        db.execute("INSERT INTO other VALUES (1)")
        db.commit()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            benchmarks_rig._ask(path, "SELECT 1 FROM other")
