"""The tables of the gate's database, as named and ordered migrations, each atomic.

installations   one row a life of this database; the last one is the present
events          what was said: frozen bytes, never changed
queue           where each event is on its way to the registry
letters         both together, for reading
runs            one row: whether the program that used the file last has closed it
commands        what the registry has asked for and this gate has done, until it expires
aside           what no event can hold, with the reason
"""

from __future__ import annotations

from sqlite3 import Connection

from gateway.database import Migrations

migrations = Migrations("outbox")


@migrations
def m001_outbox(db: Connection) -> None:
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


@migrations
def m002_stand_ins(db: Connection) -> None:
    """An event may stand in the place of a dead one; a row's number is never given twice."""
    columns = "row, id, source, sequence, type, subject, topic, body, hash, created_at"
    for statement in (
        "DROP VIEW letters",
        "CREATE TABLE newer ("
        " row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL,"
        " sequence INTEGER NOT NULL, type TEXT NOT NULL, subject TEXT, topic TEXT NOT NULL,"
        " body BLOB NOT NULL, hash TEXT NOT NULL, created_at TEXT NOT NULL,"
        " stands_for INTEGER REFERENCES events (row))",
        f"INSERT INTO newer ({columns}) SELECT {columns} FROM events ORDER BY row",  # noqa: S608 - own words
        "DROP TABLE events",
        "ALTER TABLE newer RENAME TO events",
        "CREATE UNIQUE INDEX events_place ON events (source, sequence) WHERE stands_for IS NULL",
        "CREATE UNIQUE INDEX events_stand_in ON events (stands_for) WHERE stands_for IS NOT NULL",
        "CREATE VIEW letters AS SELECT queue.row, id, source, sequence, type, subject, topic, body, hash,"
        " created_at, state, attempts, reason, receipt, changed_at, stands_for"
        " FROM queue JOIN events ON events.row = queue.row",
    ):
        db.execute(statement)


@migrations
def m003_life(db: Connection) -> None:
    """How far events have aged out, whether the last program ended cleanly, which commands were obeyed."""
    for statement in (
        "ALTER TABLE installations ADD COLUMN aged_through INTEGER NOT NULL DEFAULT 0",
        "CREATE TABLE runs (id INTEGER PRIMARY KEY CHECK (id = 1), clean INTEGER NOT NULL)",
        "INSERT INTO runs VALUES (1, 1)",
        "CREATE TABLE commands ("
        " id TEXT PRIMARY KEY, name TEXT NOT NULL, expires TEXT NOT NULL, reply TEXT NOT NULL)",
    ):
        db.execute(statement)


@migrations
def m004_aside(db: Connection) -> None:
    """What no event can hold."""
    db.execute(
        "CREATE TABLE aside ("
        " row INTEGER PRIMARY KEY, type TEXT NOT NULL, subject TEXT, revision INTEGER,"
        " reason TEXT NOT NULL, at TEXT NOT NULL, topic TEXT NOT NULL, data TEXT NOT NULL)"
    )
