"""The chain's writer: gives each letter its place after the one before, inside a transaction of the outbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection
from typing import Any

import uuid_utils

from gateway.outbox.event import Place, Sealed, seal_letter
from gateway.outbox.letter import COLUMNS, Letter, State, Stored, stored
from record.base import timestamp
from record.event import EventType, InstallationOpened, RecordDead
from record.proof import SigningKey
from record.topics import Gate

SHOWN = ", ".join(COLUMNS)
PRESENT = "SELECT id FROM installations ORDER BY rowid DESC LIMIT 1"
HEAD = (
    "SELECT sequence, hash FROM events WHERE source = ? AND stands_for IS NULL ORDER BY sequence DESC LIMIT 1"
)
INSERT = (
    "INSERT INTO events (id, source, sequence, type, subject, topic, body, hash, created_at, stands_for)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
QUEUE = "INSERT INTO queue (row, state, attempts, changed_at) VALUES (?, 'new', 0, ?)"


@dataclass(frozen=True, slots=True)
class Chain:
    """Writes events of one gate; every method runs in the caller's transaction.

    ``simulated``: there is no real gate, as the first event of each installation says too.
    """

    gate: Gate
    key: SigningKey
    clock: Callable[[], datetime]
    simulated: bool = False

    def source(self, db: Connection) -> str | None:
        """The source of the present installation, None before the first."""
        row = db.execute(PRESENT).fetchone()
        return self.gate.source(row[0]) if row else None

    def open(self, db: Connection, reason: str) -> str:
        """Begin a new installation, whose first event names the one before; its id."""
        before = self.source(db)
        last = last_of(db, before) if before else None
        installation = new_id()
        db.execute(
            "INSERT INTO installations (id, opened_at, reason) VALUES (?, ?, ?)",
            [installation, self.time(), reason],
        )
        opened = InstallationOpened(
            installation=installation,
            key=str(self.key.public),
            reason=reason,
            before=before,
            before_sequence=last[0] if last else None,
            before_hash=last[1] if last else None,
        )
        kind, topic = EventType.INSTALLATION_OPENED, self.gate.installation
        opening = Letter(kind, topic, opened.to_wire(), subject=installation, simulated=self.simulated)
        self.add(db, opening)
        return installation

    def add(
        self, db: Connection, letter: Letter, *, event: str | None = None, time: str | None = None
    ) -> Stored:
        """Add a letter to the present chain, by default under a new id and now."""
        return self.add_at(db, self.next(db), letter, event=event, time=time)

    def next(self, db: Connection) -> Place:
        """The place after the last event of the present installation."""
        source = self.source(db) or ""
        return Place.after(source, last_of(db, source))

    def add_at(
        self,
        db: Connection,
        place: Place,
        letter: Letter,
        *,
        event: str | None = None,
        time: str | None = None,
    ) -> Stored:
        """Add a letter at the next place, which the caller knows, by default under a new id and now."""
        moment = self.time()
        sealed = seal_letter(letter, place, event or new_id(), time or moment, self.key)
        return self._insert(db, letter, place, sealed, None, moment)

    def stand_in(self, db: Connection, dead: Stored, reason: str) -> None:
        """Put a small event in the place of a dead one: its sequence, its ``previous``, naming its hash."""
        moment, before = self.time(), json.loads(dead.body)
        place = Place(dead.source, dead.sequence, before["previous"])
        data = RecordDead(event=dead.id, hash=dead.hash, reason=reason[:500]).to_wire()
        kind, topic = EventType.RECORD_DEAD, self.gate.installation
        letter = Letter(kind, topic, data, subject=dead.subject, simulated=before["simulated"])
        sealed = seal_letter(letter, place, new_id(), moment, self.key)
        self._insert(db, letter, place, sealed, dead.row, moment)

    def time(self) -> str:
        """Now, as records write it."""
        return timestamp(self.clock())

    def _insert(
        self,
        db: Connection,
        letter: Letter,
        place: Place,
        sealed: Sealed,
        stands_for: int | None,
        moment: str,
    ) -> Stored:
        kind = letter.type.value
        values = (
            sealed.id,
            place.source,
            place.sequence,
            kind,
            letter.subject,
            letter.topic,
            sealed.body,
            sealed.hash,
            sealed.time,
            stands_for,
        )
        row = db.execute(INSERT, values).lastrowid
        db.execute(QUEUE, (row, moment))
        return Stored(
            row=int(row or 0),
            id=sealed.id,
            source=place.source,
            sequence=place.sequence,
            type=kind,
            subject=letter.subject,
            topic=letter.topic,
            body=sealed.body,
            hash=sealed.hash,
            created_at=sealed.time,
            state=State.NEW,
            attempts=0,
            reason=None,
            receipt=None,
            changed_at=moment,
            stands_for=stands_for,
        )


def last_of(db: Connection, source: str) -> tuple[int, str] | None:
    """Sequence and hash of a source's last event."""
    row: tuple[int, str] | None = db.execute(HEAD, [source]).fetchone()
    return row


def rows(db: Connection, where: str, parameters: list[Any]) -> list[Stored]:
    """Events as they are inside the caller's transaction; ``where`` is our own words, its values are bound."""
    query = f"SELECT {SHOWN} FROM letters WHERE {where}"  # noqa: S608
    return [stored(row) for row in db.execute(query, parameters)]


def letter_of(event: Stored) -> Letter:
    """The letter that an event was made from."""
    record = json.loads(event.body)
    kind = EventType(event.type)
    return Letter(kind, event.topic, record["data"], subject=event.subject, simulated=record["simulated"])


def new_id() -> str:
    """A UUIDv7 (RFC 9562)."""
    return str(uuid_utils.uuid7())
