"""Verifying the outbox: every kind of change is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from gateway.outbox.outbox import Letter, Outbox
from gateway.outbox.verify import verified
from record.event import EventType, KeyChanged
from record.proof import Proof, SigningKey, seal, unwire, wire


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gateway.db"


@pytest.fixture
def filled(outbox, letter):
    outbox.put(*(letter(str(number)) for number in range(5)))
    outbox.open_installation("restored")
    _, poison, _ = outbox.put(letter("a"), letter("b"), letter("c"))
    outbox.bury(poison.row, "poison")
    return outbox


def problems(outbox, key):
    report = verified(outbox.file, key.public)
    return [phrase.params["problem"].code.rpartition(".")[2] for phrase in report.problems]


def change(path, statement, *values):
    with closing(sqlite3.connect(path)) as db:
        db.execute(statement, values)
        db.commit()


def rewrite(path, row, key, **changes):
    """An event written anew with other content, sealed by ``key``, its columns fitting."""
    with closing(sqlite3.connect(path)) as db:
        body = db.execute("SELECT body FROM events WHERE row = ?", [row]).fetchone()[0]
        record = seal(unwire(body) | changes, key)
        values = [wire(record), Proof.parse(record["proof"]).hash, row]
        db.execute("UPDATE events SET body = ?, hash = ? WHERE row = ?", values)
        db.commit()


def test_what_the_gate_made_is_unbroken(filled, gate_key):
    report = verified(filled.file, gate_key.public)
    assert report.unbroken
    assert (report.chains, report.events) == (2, 11)
    assert list(report.lines("en")) == ["11 events in 2 chains: all unbroken"]


def test_a_changed_byte_is_found(filled, path, gate_key):
    change(path, "UPDATE events SET body = replace(body, CAST('\"2\"' AS BLOB), '\"7\"') WHERE row = 4")
    change(path, "UPDATE events SET body = CAST(body AS BLOB) WHERE row = 4")
    assert problems(filled, gate_key) == ["proof"]


def test_another_way_of_writing_the_same_is_found(filled, path, gate_key):
    change(path, "UPDATE events SET body = body || CAST(' ' AS BLOB) WHERE row = 4")
    change(path, "UPDATE events SET body = CAST(body AS BLOB) WHERE row = 4")
    assert problems(filled, gate_key) == ["proof"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("subject", "other"), ("type", "ec.iie.visit.closed"), ("created_at", "2020"), ("hash", "0" * 64)],
)
def test_a_changed_column_is_found(filled, path, gate_key, column, value):
    change(path, f"UPDATE events SET {column} = ? WHERE row = 6", value)
    assert "column" in problems(filled, gate_key)


def test_a_missing_event_is_found(filled, path, gate_key):
    change(path, "DELETE FROM queue WHERE row = 3")
    change(path, "DELETE FROM events WHERE row = 3")
    assert problems(filled, gate_key) == ["missing"]


def test_an_event_missing_at_the_end_is_found(outbox, letter, path, gate_key):
    outbox.put(letter(), letter())
    change(path, "DELETE FROM queue WHERE row = 3")
    change(path, "DELETE FROM events WHERE row = 3")
    assert problems(outbox, gate_key) == ["missing"]


def test_a_missing_queue_row_is_found(filled, path, gate_key):
    change(path, "DELETE FROM queue WHERE row = 3")
    assert "missing" in problems(filled, gate_key)


def test_an_event_that_was_written_anew_with_the_right_key_breaks_the_chain(filled, path, gate_key):
    rewrite(path, 4, gate_key, data={"text": "forged"})
    assert problems(filled, gate_key) == ["chain"]


def test_two_events_that_changed_places_are_found(filled, path, gate_key):
    rewrite(path, 3, gate_key, sequence=4)
    rewrite(path, 4, gate_key, sequence=3)
    change(path, "UPDATE events SET sequence = 100 WHERE row = 3")
    change(path, "UPDATE events SET sequence = 3 WHERE row = 4")
    change(path, "UPDATE events SET sequence = 4 WHERE row = 3")
    assert problems(filled, gate_key).count("chain") == 3


def test_a_foreign_key_is_found(filled, path, gate_key):
    rewrite(path, 6, SigningKey.generate())
    assert problems(filled, gate_key) == ["foreign_key"]


def test_another_stand_in_is_found(filled, path, gate_key):
    row = filled.find(limit=1)[0].row
    rewrite(path, row, gate_key, data={"event": "x", "hash": "0" * 64, "reason": "r"})
    assert problems(filled, gate_key) == ["chain"]


def test_a_key_that_handed_over_in_the_chain_was_ours(tmp_path, gate, letter):
    old, new = SigningKey.generate(), SigningKey.generate()
    path = tmp_path / "rotated.db"
    box = Outbox(path, gate, old)
    box.put(letter())
    data = KeyChanged(key=str(new.public), reason="yearly").to_wire()
    box.put(Letter(EventType.KEY_CHANGED, gate.installation, data))
    box.close()
    box = Outbox(path, gate, new)
    assert "foreign_key" in problems(box, new)
    box.put(letter())
    assert problems(box, new) == []
    assert "foreign_key" in problems(box, SigningKey.generate())
    box.close()
