"""The outbox: the durable queue of events that the registry has not yet received.

    put ──▶ new ──▶ sent ──▶ acknowledged ──▶ received
                     │  (broker's PUBACK)   (registry's receipt)
                     ├──▶ refused   the registry said no, for a reason that stays
                     └──▶ dead      the broker can never take it; it keeps its place in the chain

An event's identity, bytes, hash and signature are made in the transaction that stores it and are frozen then:
every resend is the same to the byte. Only a receipt takes a row out of the queue; an acknowledgement of the
broker does not, since a broker acknowledges from memory. Nothing that is not received is ever dropped.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import uuid_utils
from sqlite_utils import Database

from gateway.outbox_schema import migrations
from record.base import timestamp
from record.errors import BadRecord, IieError
from record.event import MAX_BYTES, Event, EventType, InstallationOpened
from record.proof import GENESIS, SigningKey, seal, wire
from record.receipt import Receipt
from record.registry_state import Head
from record.topics import Gate


class State(StrEnum):
    """Where an event is on its way."""

    NEW = "new"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    RECEIVED = "received"
    REFUSED = "refused"
    DEAD = "dead"

    @property
    def waiting(self) -> bool:
        """Whether the outbox still has to bring the event to the registry."""
        return self in (State.NEW, State.SENT, State.ACKNOWLEDGED)


class OutboxBroken(IieError):
    """The outbox cannot store: the disk is full or the database is damaged. The lane keeps its facts."""

    retry = True
    advice = "error.outbox"


@dataclass(frozen=True, slots=True)
class Letter:
    """What the gateway wants told: everything of an event but its identity."""

    type: EventType
    topic: str
    data: Mapping[str, Any]
    subject: str | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """One event of the outbox with its state."""

    row: int
    id: str
    source: str
    sequence: int
    type: str
    subject: str | None
    topic: str
    body: bytes
    hash: str
    created_at: str
    state: State
    attempts: int
    reason: str | None
    receipt: Mapping[str, Any] | None


COLUMNS = tuple(field.name for field in fields(Stored))
WAITING = "'new', 'sent', 'acknowledged'"


def now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """One step of one event on its way, as the link saw it."""

    row: int
    state: State
    reason: str | None = None


class Outbox:
    """The queue in one SQLite file. Every method may be called from any thread."""

    def __init__(
        self, path: Path, gate: Gate, key: SigningKey, *, clock: Callable[[], datetime] = now
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._gate, self._key, self._clock = gate, key, clock
        self._lock = threading.RLock()
        self._db = Database(sqlite3.connect(path, check_same_thread=False, timeout=10))
        self._db.execute("PRAGMA journal_mode=WAL").fetchall()
        self._db.execute("PRAGMA synchronous=FULL")
        migrations.apply(self._db)
        self._wake: Callable[[], None] = lambda: None
        if self._installation() is None:
            self.open_installation("first")

    def close(self) -> None:
        """Close the file. Nothing is lost by not calling it."""
        with self._lock:
            self._db.conn.close()

    def on_put(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` after each stored event."""
        self._wake = wake

    @property
    def source(self) -> str:
        """The CloudEvents source of the present installation."""
        with self._lock:
            installation = self._installation()
        if installation is None:
            raise OutboxBroken("the outbox has no installation")
        return self._gate.source(installation)

    def open_installation(self, reason: str) -> str:
        """Begin a new chain, whose first event names the one before. Returns the installation's id."""
        with self._lock, self._db.atomic():
            before = self._installation()
            head = self.head() if before else None
            installation = str(uuid_utils.uuid7())
            self._db.table("installations").insert(
                {"id": installation, "opened_at": timestamp(self._clock()), "reason": reason}
            )
            opened = InstallationOpened(
                installation=installation,
                key=str(self._key.public),
                reason=reason,
                before=self._gate.source(before) if before else None,
                before_sequence=head.sequence if head else None,
                before_hash=head.hash if head else None,
            )
            letter = Letter(
                EventType.INSTALLATION_OPENED, self._gate.installation, opened.to_wire(), subject=installation
            )
            self._store(letter)
        self._wake()
        return installation

    def put(self, *letters: Letter) -> list[Stored]:
        """Store events, all or none, and return after the commit.

        Raises:
            BadRecord: an event breaks the contract or is larger than 64 KiB.
            OutboxBroken: the database cannot take it (disk full, damaged); nothing of it is stored.
        """
        try:
            with self._lock, self._db.atomic():
                rows = [self._store(letter) for letter in letters]
                stored = [self._read("row = ?", [row])[0] for row in rows]
        except sqlite3.Error as error:
            raise OutboxBroken(f"the outbox cannot store: {error}") from error
        self._wake()
        return stored

    def head(self) -> Head | None:
        """Sequence and hash of the present installation's last event."""
        with self._lock:
            return self._head(self.source)

    def hash_at(self, source: str, sequence: int) -> str | None:
        """Hash of an event of this outbox, None where it holds none with that sequence."""
        with self._lock:
            row = self._db.execute(
                "SELECT hash FROM events WHERE source = ? AND sequence = ?", [source, sequence]
            ).fetchone()
        return row[0] if row else None

    def waiting(self, limit: int) -> list[Stored]:
        """The oldest events that the registry has not received, in the order of their making."""
        with self._lock:
            return self._read(f"state IN ({WAITING}) ORDER BY row LIMIT ?", [limit])

    def find(self, *, states: Iterable[State] = tuple(State), limit: int = 1000) -> list[Stored]:
        """Events in any of ``states``, newest first."""
        wanted = [state.value for state in states]
        marks = ", ".join("?" for _ in wanted)
        with self._lock:
            return self._read(f"state IN ({marks}) ORDER BY row DESC LIMIT ?", [*wanted, limit])

    def get(self, event: str) -> Stored | None:
        """One event by its id."""
        with self._lock:
            rows = self._read("id = ?", [event])
        return rows[0] if rows else None

    def counts(self) -> dict[State, int]:
        """How many events are in each state."""
        with self._lock:
            rows = self._db.execute("SELECT state, COUNT(*) FROM queue GROUP BY state").fetchall()
        found = {State(state): count for state, count in rows}
        return {state: found.get(state, 0) for state in State}

    def mark(self, changes: Iterable[Change]) -> None:
        """Write what the link has learnt, all in one transaction. A finished event never goes back."""
        with self._lock, self._db.atomic():
            for change in changes:
                self._db.execute(
                    "UPDATE queue SET state = ?, attempts = attempts + ?, reason = coalesce(?, reason),"
                    " changed_at = ? WHERE row = ? AND state NOT IN ('received', 'refused', 'dead')",
                    [
                        change.state.value,
                        1 if change.state is State.SENT else 0,
                        change.reason,
                        timestamp(self._clock()),
                        change.row,
                    ],
                )

    def settle(self, receipts: Iterable[Receipt]) -> None:
        """Take the receipts in: each names its event by id and hash, or it is none of ours.

        A receipt may take a dead or refused event to received (the registry's answer is the later word), but
        nothing takes a received one back.
        """
        with self._lock, self._db.atomic():
            for receipt in receipts:
                state = State.RECEIVED if receipt.answer.received else State.REFUSED
                self._db.execute(
                    "UPDATE queue SET state = ?, reason = ?, receipt = ?, changed_at = ?"
                    " WHERE state != 'received' AND row ="
                    " (SELECT row FROM events WHERE id = ? AND hash = ?)",
                    [
                        state.value,
                        "; ".join(receipt.reasons) or None,
                        json.dumps(receipt.to_wire()),
                        timestamp(self._clock()),
                        receipt.event,
                        receipt.hash,
                    ],
                )

    def again(self, source: str, first: int, last: int) -> int:
        """Queue events anew that the registry asked for; returns how many. Refused ones stay refused."""
        with self._lock, self._db.atomic():
            cursor = self._db.execute(
                "UPDATE queue SET state = 'new', changed_at = ? WHERE state IN ('received', 'acknowledged')"
                " AND row IN (SELECT row FROM events WHERE source = ? AND sequence BETWEEN ? AND ?)",
                [timestamp(self._clock()), source, first, last],
            )
            count = cursor.rowcount
        self._wake()
        return count

    def _store(self, letter: Letter) -> int:
        """Give the letter its identity and write event and queue row; inside the caller's transaction."""
        source = self.source
        head = self._head(source)
        record = {
            "specversion": "1.0",
            "id": str(uuid_utils.uuid7()),
            "source": source,
            "type": letter.type.value,
            "time": timestamp(self._clock()),
            "datacontenttype": "application/json",
            "dataschema": letter.type.schema,
            "sequence": head.sequence + 1 if head else 1,
            "previous": head.hash if head else GENESIS,
            "simulated": letter.simulated,
            "data": dict(letter.data),
        }
        if letter.subject is not None:
            record["subject"] = letter.subject
        sealed = seal(record, self._key)
        body = wire(sealed)
        if len(body) > MAX_BYTES:
            raise BadRecord(f"the event has {len(body)} bytes, {MAX_BYTES} are allowed")
        event = Event.from_wire(sealed)
        cursor = self._db.execute(
            "INSERT INTO events (id, source, sequence, type, subject, topic, body, hash, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                event.id,
                source,
                event.sequence,
                event.type.value,
                event.subject,
                letter.topic,
                body,
                sealed["proof"].split(".")[1],
                record["time"],
            ],
        )
        self._db.execute(
            "INSERT INTO queue (row, state, attempts, changed_at) VALUES (?, 'new', 0, ?)",
            [cursor.lastrowid, record["time"]],
        )
        return int(cursor.lastrowid or 0)

    def _installation(self) -> str | None:
        row = self._db.execute("SELECT id FROM installations ORDER BY rowid DESC LIMIT 1").fetchone()
        return row[0] if row else None

    def _head(self, source: str) -> Head | None:
        row = self._db.execute(
            "SELECT sequence, hash FROM events WHERE source = ? ORDER BY sequence DESC LIMIT 1", [source]
        ).fetchone()
        return Head(sequence=row[0], hash=row[1]) if row else None

    def _read(self, where: str, parameters: list[Any]) -> list[Stored]:
        rows = self._db.execute(
            f"SELECT {', '.join(COLUMNS)} FROM letters WHERE {where}",
            parameters,
        ).fetchall()
        return [_stored(row) for row in rows]


def _stored(row: tuple[Any, ...]) -> Stored:
    found = dict(zip(COLUMNS, row, strict=True))
    receipt = json.loads(found["receipt"]) if found["receipt"] else None
    return Stored(**{**found, "state": State(found["state"]), "receipt": receipt})
