"""The tables of the gate's database, as named and ordered migrations, each atomic.

installations   one row a life of this database; the last one is the present
events          what was said: frozen bytes, never changed
queue           where each event is on its way to the registry
letters         both together, for reading
"""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("outbox")


@migrations()
def m001_outbox(db: Database) -> None:
    """Installations, events and their queue."""
    for statement in (
        "CREATE TABLE installations (id TEXT NOT NULL UNIQUE, opened_at TEXT NOT NULL, reason TEXT NOT NULL)",
        "CREATE TABLE events ("
        " row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, sequence INTEGER NOT NULL,"
        " type TEXT NOT NULL, subject TEXT, topic TEXT NOT NULL, body BLOB NOT NULL, hash TEXT NOT NULL,"
        " created_at TEXT NOT NULL, UNIQUE (source, sequence))",
        "CREATE TABLE queue ("
        " row INTEGER PRIMARY KEY REFERENCES events (row), state TEXT NOT NULL,"
        " attempts INTEGER NOT NULL, reason TEXT, receipt TEXT, changed_at TEXT NOT NULL)",
        "CREATE INDEX queue_waiting ON queue (row) WHERE state IN ('new', 'sent', 'acknowledged')",
        "CREATE VIEW letters AS SELECT queue.row, id, source, sequence, type, subject, topic, body, hash,"
        " created_at, state, attempts, reason, receipt, changed_at"
        " FROM queue JOIN events ON events.row = queue.row",
    ):
        db.execute(statement)
