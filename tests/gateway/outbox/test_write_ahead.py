"""The outbox's log: laid out beforehand, and no longer however much is put."""

from __future__ import annotations

import threading

import pytest

from gateway.outbox.write_ahead import CARRIED_EVERY, LAID_BYTES


@pytest.fixture
def log(tmp_path):
    return tmp_path / "gateway.db-wal"


def carried():
    """Wait for the thread that carries the log over."""
    for thread in threading.enumerate():
        if thread.name == "outbox-log":
            thread.join()


def test_the_log_is_as_long_beforehand_as_it_will_be(outbox, letter, log):
    laid = log.stat().st_size
    assert laid >= LAID_BYTES
    for _ in range(20):
        outbox.put(letter())
    assert log.stat().st_size == laid
    assert outbox.file.read("SELECT name FROM sqlite_master WHERE name = 'room'") == []
    assert outbox.file.damage() == []


def test_a_log_that_is_added_to_while_it_is_carried_over_stays_as_long_as_it_is(outbox, letter, log):
    laid = log.stat().st_size
    for _ in range(6):
        for _ in range(CARRIED_EVERY + 20):
            outbox.put(letter())
        carried()
    assert log.stat().st_size < laid + LAID_BYTES
    assert outbox.file.damage() == []


def test_a_disk_with_little_room_is_left_to_the_records(open_outbox, letter, log, monkeypatch):
    monkeypatch.setattr("gateway.outbox.write_ahead.LEAST_ROOM", 2**62)
    open_outbox().put(letter())
    assert log.stat().st_size < LAID_BYTES


def test_a_log_that_cannot_be_carried_over_loses_no_event(outbox, letter, log, monkeypatch, caplog):
    monkeypatch.setattr("gateway.outbox.write_ahead.CARRY", "PRAGMA broken(")
    for _ in range(CARRIED_EVERY):
        outbox.put(letter())
    carried()
    (stored,) = outbox.put(letter())
    assert outbox.get(stored.id) == stored
    assert "cannot be carried over" in caplog.text
