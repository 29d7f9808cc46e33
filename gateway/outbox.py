"""The outbox: the durable queue of events that the registry has not yet received.

    put ──▶ new ──▶ sent ──▶ acknowledged ──▶ received
                     │  (broker's PUBACK)   (registry's receipt)
                     ├──▶ refused   the registry said no, for a reason that stays
                     └──▶ dead      the broker can never take it; a small event goes in its place

An event's identity, bytes, hash and signature are made in the transaction that stores it and are frozen then:
every resend is the same to the byte. Only a receipt takes a row out of the queue; an acknowledgement of the
broker does not, since a broker acknowledges from memory. Nothing that is not received is ever dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import uuid_utils
from sqlite_utils import Database

from gateway.outbox_event import Place, Sealed, seal_letter
from gateway.outbox_file import OutboxFile
from gateway.outbox_letter import COLUMNS, Change, Letter, OutboxBroken, State, Stored, now, stored
from record.base import timestamp
from record.event import EventType, InstallationOpened, RecordDead
from record.proof import PublicKey, SigningKey, seal, wire
from record.receipt import Receipt
from record.registry_state import Head
from record.topics import Gate

__all__ = ["Change", "Letter", "Outbox", "OutboxBroken", "State", "Stored", "now"]

WAITING = "'new', 'sent', 'acknowledged'"
SHOWN = ", ".join(COLUMNS)


class Outbox:
    """The queue in one SQLite file. Every method may be called from any thread."""

    def __init__(
        self,
        path: Path,
        gate: Gate,
        key: SigningKey,
        *,
        clock: Callable[[], datetime] = now,
        owner: bool = True,
    ) -> None:
        """Open the file, make it where there is none. Only its ``owner``, the gate's process, may do that;
        a command line beside it is none. Raises `OutboxBroken`."""
        if owner:
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.is_file():
            raise OutboxBroken(f"there is no outbox at {path}")
        self._gate, self._key, self._clock, self._owner = gate, key, clock, owner
        self._file = OutboxFile(path)
        self._wake: Callable[[], None] = lambda: None
        self.unclean = owner and not self._file.read("SELECT clean FROM runs")[0][0]
        if owner:
            self._note_run(clean=False)
            if not self._file.read("SELECT 1 FROM installations LIMIT 1"):
                self.open_installation("first")
        self.rows_before = int(self._file.read("SELECT coalesce(max(row), 0) FROM events")[0][0])

    @property
    def file(self) -> OutboxFile:
        """The file, for whoever copies or examines it."""
        return self._file

    @property
    def public_key(self) -> PublicKey:
        """The key that this outbox signs with."""
        return self._key.public

    def close(self) -> None:
        """Close the file, and note that it was closed. Nothing is lost by not calling it."""
        if self._owner:
            with suppress(OutboxBroken):
                self._note_run(clean=True)
        self._file.close()

    def _note_run(self, clean: bool) -> None:
        with self._file.writing() as db:
            db.execute("UPDATE runs SET clean = ?", [clean])

    def on_put(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` after each stored event."""
        self._wake = wake

    @property
    def source(self) -> str:
        """The CloudEvents source of the present installation."""
        return self._source(self._file.read("SELECT id FROM installations ORDER BY rowid DESC LIMIT 1"))

    def open_installation(self, reason: str) -> str:
        """Begin a new chain, whose first event names the one before. Returns the installation's id."""
        with self._file.writing(durable=True) as db:
            installation = self._open(db, reason)
        self._wake()
        return installation

    def put(self, *letters: Letter) -> list[Stored]:
        """Store events, all or none, and return after the commit.

        Raises:
            BadRecord: an event breaks the contract or is larger than 64 KiB.
            OutboxBroken: the database cannot take it (disk full, damaged); nothing of it is stored.
        """
        with self._file.writing(durable=True) as db:
            rows = [self._store(db, letter) for letter in letters]
            found = [_rows(db, "row = ?", [row])[0] for row in rows]
        self._wake()
        return found

    def head(self) -> Head | None:
        """Sequence and hash of the present installation's last event."""
        rows = self._file.read(HEAD, [self.source])
        return Head(sequence=rows[0][0], hash=rows[0][1]) if rows else None

    def first_since_opened(self, source: str) -> int | None:
        """The first sequence of a source that was made since this file was opened."""
        query = "SELECT min(sequence) FROM events WHERE source = ? AND row > ? AND stands_for IS NULL"
        first = self._file.read(query, [source, self.rows_before])[0][0]
        return None if first is None else int(first)

    def place(self, source: str, sequence: int) -> list[Stored]:
        """The event with that sequence, and what stands in for it where it is dead."""
        return self._find("source = ? AND sequence = ? ORDER BY row", [source, sequence])

    def aged_through(self, source: str) -> int:
        """Up to which sequence of a source received events have aged out, 0 for none."""
        installation = source.rsplit("/", 1)[-1]
        rows = self._file.read("SELECT aged_through FROM installations WHERE id = ?", [installation])
        return int(rows[0][0]) if rows else 0

    def waiting(self, limit: int) -> list[Stored]:
        """The oldest events that the registry has not received, in the order of their making."""
        return self._find(f"state IN ({WAITING}) ORDER BY row LIMIT ?", [limit])

    def find(self, *, states: Iterable[State] = tuple(State), limit: int = 1000) -> list[Stored]:
        """Events in any of ``states``, newest first."""
        wanted = [state.value for state in states]
        marks = ", ".join("?" for _ in wanted)
        return self._find(f"state IN ({marks}) ORDER BY row DESC LIMIT ?", [*wanted, limit])

    def get(self, event: str) -> Stored | None:
        """One event by its id."""
        rows = self._find("id = ?", [event])
        return rows[0] if rows else None

    def holds(self, kind: str, subject: str | None, revision: int | None = None) -> bool:
        """Whether an event of this type about this subject, in this revision, was put here before."""
        stored = self._find("type = ? AND subject IS ?", [kind, subject])
        return any(
            revision is None or json.loads(each.body)["data"]["revision"] == revision for each in stored
        )

    def counts(self) -> dict[State, int]:
        """How many events are in each state."""
        found = {State(state): count for state, count in self._file.read(COUNTS)}
        return {state: found.get(state, 0) for state in State}

    def mark(self, changes: Iterable[Change]) -> None:
        """Write what the link has learnt, all in one transaction. A finished event never goes back."""
        with self._file.writing() as db:
            for change in changes:
                sent = 1 if change.state is State.SENT else 0
                values = [change.state.value, sent, change.reason, self._time(), change.row]
                db.execute(MARK, values)

    def settle(self, receipts: Iterable[Receipt]) -> None:
        """Take the receipts in: each names its event by id and hash, or it is none of ours.

        A receipt may take a dead or refused event to received (the registry's answer is the later word), but
        nothing takes a received one back.
        """
        with self._file.writing() as db:
            for receipt in receipts:
                state = State.RECEIVED if receipt.answer.received else State.REFUSED
                reason = "; ".join(receipt.reasons) or None
                body = json.dumps(receipt.to_wire())
                db.execute(SETTLE, [state.value, reason, body, self._time(), receipt.event, receipt.hash])

    def again(self, source: str, first: int, last: int) -> int:
        """Queue events anew that the registry has answered but does not hold (any more); returns how many.

        Refused ones too: their place in the chain is the registry's only once it has refused them again.
        """
        with self._file.writing() as db:
            values = [self._time(), source, first, last]
            count = db.execute(AGAIN, values).rowcount
        self._wake()
        return count

    def bury(self, row: int, reason: str) -> None:
        """Put an event aside that can never be delivered, and queue a small one that takes its place.

        The small one has its sequence and names its hash, so that the chain has no hole. One that stands in
        for another already is put aside without any.
        """
        with self._file.writing(durable=True) as db:
            found = _rows(db, f"row = ? AND state IN ({WAITING})", [row])
            if found:
                db.execute(MARK, [State.DEAD.value, 0, reason, self._time(), row])
                if found[0].stands_for is None:
                    self._stand_in(db, found[0], reason)
        self._wake()

    def part(self, source: str, first: int) -> int:
        """The registry holds other events of ``source`` from ``first`` on: this file is an older copy.

        What was stored here from there on is issued anew, under its own id and time, in a new installation,
        where it cannot be taken for what the registry holds. Returns how many events that were.
        """
        with self._file.writing(durable=True) as db:
            moved = _rows(
                db,
                f"source = ? AND sequence >= ? AND stands_for IS NULL AND state IN ({WAITING}, 'dead')"
                " ORDER BY row",
                [source, first],
            )
            for event in moved:
                rows = "(SELECT row FROM events WHERE row = ? OR stands_for = ?)"
                db.execute(f"DELETE FROM queue WHERE row IN {rows}", [event.row, event.row])
                db.execute("DELETE FROM events WHERE row = ? OR stands_for = ?", [event.row, event.row])
            if source == self._present(db):
                self._open(db, "registry_ahead")
            for event in moved:
                self._store(db, _letter(event), event=event.id, time=event.created_at)
        self._wake()
        return len(moved)

    def command_reply(self, command: str) -> Mapping[str, Any] | None:
        """What was answered to a command that was obeyed already."""
        rows = self._file.read("SELECT reply FROM commands WHERE id = ?", [command])
        return json.loads(rows[0][0]) if rows else None

    def keep_command(self, command: str, name: str, expires: datetime, reply: Mapping[str, Any]) -> None:
        """Remember until ``expires`` that a command was obeyed. Forgets what has expired."""
        with self._file.writing() as db:
            db.execute("DELETE FROM commands WHERE expires < ?", [self._time()])
            values = [command, name, timestamp(expires), json.dumps(reply)]
            db.execute("INSERT OR IGNORE INTO commands VALUES (?, ?, ?, ?)", values)

    def signed(self, record: Mapping[str, Any]) -> bytes:
        """A record of the gate's own, sealed with its key, as it goes over the wire."""
        return wire(seal(record, self._key))

    def _open(self, db: Database, reason: str) -> str:
        before = self._present(db)
        head = _head(db, before) if before else None
        installation = str(uuid_utils.uuid7())
        db.execute(
            "INSERT INTO installations (id, opened_at, reason) VALUES (?, ?, ?)",
            [installation, self._time(), reason],
        )
        opened = InstallationOpened(
            installation=installation,
            key=str(self._key.public),
            reason=reason,
            before=before,
            before_sequence=head.sequence if head else None,
            before_hash=head.hash if head else None,
        )
        kind, topic = EventType.INSTALLATION_OPENED, self._gate.installation
        self._store(db, Letter(kind, topic, opened.to_wire(), subject=installation))
        return installation

    def _store(
        self, db: Database, letter: Letter, *, event: str | None = None, time: str | None = None
    ) -> int:
        """Give the letter its identity and write event and queue row; inside the caller's transaction."""
        source = self._present(db) or ""
        place = Place.after(source, _head(db, source))
        sealed = seal_letter(letter, place, event or _new_id(), time or self._time(), self._key)
        return self._insert(db, letter, place, sealed, None)

    def _stand_in(self, db: Database, dead: Stored, reason: str) -> None:
        before = json.loads(dead.body)
        place = Place(dead.source, dead.sequence, before["previous"])
        data = RecordDead(event=dead.id, hash=dead.hash, reason=reason[:500]).to_wire()
        kind, topic = EventType.RECORD_DEAD, self._gate.installation
        letter = Letter(kind, topic, data, subject=dead.subject, simulated=before["simulated"])
        sealed = seal_letter(letter, place, _new_id(), self._time(), self._key)
        self._insert(db, letter, place, sealed, dead.row)

    def _insert(
        self, db: Database, letter: Letter, place: Place, sealed: Sealed, stands_for: int | None
    ) -> int:
        kind = letter.type.value
        values = [sealed.id, place.source, place.sequence, kind, letter.subject, letter.topic]
        row = db.execute(INSERT, [*values, sealed.body, sealed.hash, sealed.time, stands_for]).lastrowid
        db.execute(QUEUE, [row, self._time()])
        return int(row or 0)

    def _present(self, db: Database) -> str | None:
        rows = db.execute("SELECT id FROM installations ORDER BY rowid DESC LIMIT 1").fetchall()
        return self._source(rows) if rows else None

    def _source(self, rows: list[tuple[Any, ...]]) -> str:
        if not rows:
            raise OutboxBroken("the outbox has no installation")
        return self._gate.source(rows[0][0])

    def _time(self) -> str:
        return timestamp(self._clock())

    def _find(self, where: str, parameters: list[Any]) -> list[Stored]:
        return [
            stored(row) for row in self._file.read(f"SELECT {SHOWN} FROM letters WHERE {where}", parameters)
        ]


HEAD = (
    "SELECT sequence, hash FROM events WHERE source = ? AND stands_for IS NULL ORDER BY sequence DESC LIMIT 1"
)
COUNTS = "SELECT state, COUNT(*) FROM queue GROUP BY state"
INSERT = (
    "INSERT INTO events (id, source, sequence, type, subject, topic, body, hash, created_at, stands_for)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
QUEUE = "INSERT INTO queue (row, state, attempts, changed_at) VALUES (?, 'new', 0, ?)"
MARK = (
    "UPDATE queue SET state = ?, attempts = attempts + ?, reason = coalesce(?, reason), changed_at = ?"
    " WHERE row = ? AND state NOT IN ('received', 'refused', 'dead')"
)
SETTLE = (
    "UPDATE queue SET state = ?, reason = ?, receipt = ?, changed_at = ?"
    " WHERE state != 'received' AND row = (SELECT row FROM events WHERE id = ? AND hash = ?)"
)
AGAIN = (
    "UPDATE queue SET state = 'new', changed_at = ? WHERE state IN ('received', 'refused', 'acknowledged')"
    " AND row IN (SELECT row FROM events WHERE source = ? AND sequence BETWEEN ? AND ?)"
)


def _rows(db: Database, where: str, parameters: list[Any]) -> list[Stored]:
    """Rows as they are inside the caller's transaction."""
    return [stored(row) for row in db.execute(f"SELECT {SHOWN} FROM letters WHERE {where}", parameters)]


def _head(db: Database, source: str) -> Head | None:
    row = db.execute(HEAD, [source]).fetchone()
    return Head(sequence=row[0], hash=row[1]) if row else None


def _letter(event: Stored) -> Letter:
    record = json.loads(event.body)
    kind = EventType(event.type)
    return Letter(kind, event.topic, record["data"], subject=event.subject, simulated=record["simulated"])


def _new_id() -> str:
    return str(uuid_utils.uuid7())
