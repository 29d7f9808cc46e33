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

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.outbox.ageing import age_out
from gateway.outbox.aside import Aside, set_aside
from gateway.outbox.chain import PRESENT, Chain, rows
from gateway.outbox.contents import Contents
from gateway.outbox.file import OutboxFile, lock_file
from gateway.outbox.letter import (
    WAITING,
    Change,
    Letter,
    OutboxBroken,
    Settled,
    State,
    Stored,
    now,
)
from gateway.outbox.parting import Former, Parting, no_former
from gateway.outbox.tip import Tip
from record.base import timestamp
from record.errors import BadRecord
from record.proof import PublicKey, SigningKey, seal_written
from record.receipt import Receipt
from record.topics import Gate

__all__ = ["Change", "Letter", "Outbox", "OutboxBroken", "Settled", "State", "Stored", "now"]

log = logging.getLogger(__name__)


class Outbox(Contents):
    """The queue in one SQLite file. Every method may be called from any thread."""

    def __init__(
        self,
        path: Path,
        gate: Gate,
        key: SigningKey,
        *,
        clock: Callable[[], datetime] = now,
        owner: bool = True,
        simulated: bool = False,
        former: Former = no_former,
    ) -> None:
        """Open the file, make it where there is none. Only its ``owner``, the gate's process, may do that;
        a command line beside it is none. ``simulated`` marks the installations of a gate that is not real;
        ``former`` finds earlier keys of the gate. Raises `OutboxBroken`."""
        if owner:
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.is_file():
            raise OutboxBroken(f"there is no outbox at {path}")
        self._key, self._owner = key, owner
        self._chain = Chain(gate, key, clock, simulated)
        self._tip = Tip(self._chain)
        self._parting = Parting(self._chain, former)
        super().__init__(OutboxFile(path), gate)
        self._lock = _locked(path) if owner else None
        self._wake: Callable[[], None] = lambda: None
        try:
            self.unclean = owner and not self._file.read("SELECT clean FROM runs")[0][0]
            if owner:
                self._note_run(clean=False)
                self._file.lay_log()
                if not self._file.read(PRESENT):
                    self.open_installation("first")
            self.rows_before = int(self._file.read("SELECT coalesce(max(row), 0) FROM events")[0][0])
        except OutboxBroken:
            self._owner = False
            self.close()
            raise

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
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _note_run(self, clean: bool) -> None:
        with self._file.writing() as db:
            db.execute("UPDATE runs SET clean = ?", [clean])

    def on_put(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` after each stored event."""
        self._wake = wake

    def open_installation(self, reason: str) -> str:
        """Begin a new chain, whose first event names the one before. Returns the installation's id."""
        with self._file.writing(durable=True) as db:
            installation = self._chain.open(db, reason)
        self._wake()
        return installation

    def put(self, *letters: Letter) -> list[Stored]:
        """Store events, all or none, and return after the commit.

        Raises:
            BadRecord: an event breaks the contract or is larger than 64 KiB.
            OutboxBroken: the database cannot take it (disk full, damaged); nothing of it is stored.
        """
        with self._file.writing(durable=True) as db:
            place, added = self._tip.next(db), []
            for letter in letters:
                added.append(event := self._chain.add_at(db, place, letter))
                place = place.next(event.hash)
            known = self._tip.reached(db, place)
        self._tip.remember(db, known)
        self._wake()
        return added

    def keep(self, *letters: Letter) -> list[Aside]:
        """Store events, all or none, as `put` does; what no event can hold is set aside and returned.

        Raises `OutboxBroken`; nothing is stored or set aside then.
        """
        refused: list[Aside] = []
        if not letters:
            return refused
        with self._file.writing(durable=True) as db:
            for letter in letters:
                try:
                    self._chain.add(db, letter)
                except BadRecord as error:
                    refused.append(set_aside(db, letter, str(error), self._chain.time()))
        self._wake()
        return refused

    def mark(self, changes: Iterable[Change]) -> None:
        """Write what the link has learnt, all in one transaction. A finished event never goes back."""
        moment = self._chain.time()
        values = [(each.state.value, each.sends, each.reason, moment, each.row) for each in changes]
        with self._file.writing() as db:
            db.executemany(MARK, values)

    def settle(self, receipts: Iterable[Receipt]) -> None:
        """Take receipts in: each names its event by id and hash, or it is none of ours."""
        answered = [
            Settled(row[0], receipt, receipt.to_text())
            for receipt in receipts
            for row in self._file.read(NAMED, [receipt.event, receipt.hash])
        ]
        self.settled(answered)

    def settled(self, answered: Iterable[Settled]) -> None:
        """Write that events have their receipts, all in one transaction.

        A receipt may take a dead or refused event to received (the registry's answer is the later word), but
        nothing takes a received one back.
        """
        moment = self._chain.time()
        values = [
            (
                (State.RECEIVED if each.receipt.answer.received else State.REFUSED).value,
                each.sends,
                "; ".join(each.receipt.reasons) or None,
                each.text,
                moment,
                each.row,
            )
            for each in answered
        ]
        with self._file.writing() as db:
            db.executemany(SETTLE, values)

    def again(self, source: str, first: int, last: int) -> int:
        """Queue events anew that the registry has answered but does not hold (any more); returns how many.

        Refused ones too: their place in the chain is the registry's only once it has refused them again.
        """
        with self._file.writing() as db:
            values = [self._chain.time(), source, first, last]
            count = db.execute(AGAIN, values).rowcount
        self._wake()
        return count

    def bury(self, row: int, reason: str) -> None:
        """Put an event aside that can never be delivered, and queue a small one that takes its place.

        The small one has its sequence and names its hash, so that the chain has no hole. One that stands in
        for another already is put aside without any.
        """
        with self._file.writing(durable=True) as db:
            found = rows(db, f"row = ? AND state IN ({WAITING})", [row])
            if found:
                db.execute(MARK, [State.DEAD.value, 0, reason, self._chain.time(), row])
                if found[0].stands_for is None:
                    self._chain.stand_in(db, found[0], reason)
        self._wake()

    def part(self, source: str, first: int, *, key_ended: bool = False) -> int:
        """The registry holds other events of ``source`` from ``first`` on: this file is an older copy. Or, with
        ``key_ended``, it takes no more by the key that signed them: that was handed over.

        What was stored here from there on is issued anew, under its own id and time, in a new installation,
        where it cannot be taken for what the registry holds. Returns how many events that were.
        """
        with self._file.writing(durable=True) as db:
            moved = self._parting.part(db, source, first, key_ended=key_ended)
        self._wake()
        return moved

    def age_out(self, keep: timedelta) -> int:
        """Delete what was received longer than ``keep`` ago, from each chain's oldest event on.

        The last event of a chain stays, and so does everything that is not received, and what comes after it.
        Returns how many events went.
        """
        return age_out(self._file, self._gate, timestamp(self._chain.clock() - keep))

    def keep_command(self, command: str, name: str, expires: datetime, reply: Mapping[str, Any]) -> None:
        """Remember until ``expires`` that a command was obeyed. Forgets what has expired."""
        with self._file.writing() as db:
            db.execute("DELETE FROM commands WHERE expires < ?", [self._chain.time()])
            values = [command, name, timestamp(expires), json.dumps(reply)]
            db.execute("INSERT OR IGNORE INTO commands VALUES (?, ?, ?, ?)", values)

    def signed(self, record: Mapping[str, Any]) -> bytes:
        """A record of the gate's own, sealed with its key, as it goes over the wire."""
        return seal_written(record, self._key)


MARK = (
    "UPDATE queue SET state = ?, attempts = attempts + ?, reason = coalesce(?, reason), changed_at = ?"
    " WHERE row = ? AND state NOT IN ('received', 'refused', 'dead')"
)
SETTLE = (
    "UPDATE queue SET state = ?, attempts = attempts + ?, reason = ?, receipt = ?, changed_at = ?"
    " WHERE row = ? AND state != 'received'"
)
NAMED = "SELECT row FROM events WHERE id = ? AND hash = ?"
AGAIN = (
    "UPDATE queue SET state = 'new', changed_at = ? WHERE state IN ('received', 'refused', 'acknowledged')"
    " AND row IN (SELECT row FROM events WHERE source = ? AND sequence BETWEEN ? AND ?)"
)


def _locked(path: Path) -> int:
    """Show that the file has an owner. That there is another one is told, and harms nothing but speed."""
    lock = os.open(lock_file(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        log.warning("outbox: %s is in use by another process of this gate", path)
    return lock
