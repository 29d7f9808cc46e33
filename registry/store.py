"""A batch of findings becomes rows, in one transaction, and answers to publish once it has committed.

id known, same hash        duplicate     the first answer again
id known, other hash       refused       alarm: two events claim one identity
place in the chain taken   refused       alarm: two events claim one (source, sequence)
key handed over before     refused       alarm: the gate signs with its new key from there on
draft of another gate      refused       alarm
else                       accepted      event, receipt, draft with its number, revision, head
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update

from record.base import utc
from record.draft import Draft
from record.event import EventType, KeyChanged
from record.proof import PublicKey, SigningKey
from record.topics import Gate
from record.upload import named
from registry import answers, heads, keyring, locks, numbers
from registry.answers import Reply
from registry.evidence import book
from registry.handover import Handover, handovers, last_signed
from registry.held import Held
from registry.intake import Finding, Parked, Reason, Refused, Sound
from registry.rows import Rows, event_row, parked_row, refusal_row
from registry.tables import parked, refusals

CANCELLED = "cancelled"
"""Status of a draft that its gate has voided."""

KEPT_PARKED = 1000
"""Parked events of one gate that are kept; the gate has the others, since they get no answer."""

KEPT_PARKED_IN_ALL = 20_000
"""The same over all gates, the unknown ones included."""

KEPT_REFUSED = 10_000
"""Refusals that prove nothing and are kept; further ones are only counted in the log."""


NOT_YET = 0
"""The row of an event that this transaction is about to write."""


class Outcome(StrEnum):
    """What became of one arrival."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Result:
    """One arrival's outcome and, where somebody waits for one, its answer."""

    outcome: Outcome
    reply: Reply | None = None
    refused: Refused | None = None
    fresh: bool = True


class Batch:
    """The decisions of one transaction. Use once: `decide` each finding in order, then `write`."""

    def __init__(
        self, connection: Connection, key: SigningKey, now: datetime, findings: Sequence[Finding]
    ) -> None:
        self._connection, self._key, self._now = connection, key, utc(now)
        self._rows = Rows()
        self._sources: dict[str, Gate] = {}
        self._places: dict[str, dict[int, str | None]] = {}
        self.accepted_keys: list[tuple[Gate, PublicKey]] = []
        locks.hold(connection, _contended(findings))
        self._held = Held(connection, findings)
        owners = {keyring.owner(each.gate) for each in findings if each.gate is not None}
        self._ended = handovers(connection, owners) if owners else {}
        self._wanted = Counter(self._new_drafts(findings).values())
        self._numbers: dict[str, list[int]] = {}

    def decide(self, finding: Finding) -> Result:
        """What becomes of one finding."""
        match finding:
            case Parked():
                return self._park(finding)
            case Refused():
                return self._refuse_or_repeat(finding)
            case Sound():
                return self._take(finding)

    def write(self) -> None:
        """Write all rows and move the heads."""
        self._rows.write(self._connection)
        for source, gate in self._sources.items():
            heads.advance(self._connection, source, gate, self._now, self._places[source])

    def _take(self, sound: Sound) -> Result:
        event = sound.event
        held = self._held.hashes.get(event.id)
        if held == sound.hash:
            return self._repeat(sound.gate, event.id)
        if held is not None:
            return self._refuse(_clash(sound, Reason.SAME_ID, f"id {event.id} is held with hash {held}"))
        ended = self._end_of(sound)
        if ended is not None:
            return self._refuse(_clash(sound, Reason.ENDED_KEY, _after(ended, sound.key)))
        place = (event.source, event.sequence)
        if place in self._held.places:
            detail = f"sequence {event.sequence} of {event.source} is held by {self._held.places[place]}"
            return self._refuse(_clash(sound, Reason.SAME_SEQUENCE, detail))
        row = self._held.drafts.get(sound.draft) if sound.draft else None
        if row is not None and (row["depot"], row["gate"]) != (sound.gate.depot, sound.gate.gate):
            detail = f"draft {sound.draft} belongs to another gate"
            return self._refuse(_clash(sound, Reason.OTHER_GATES_DRAFT, detail, keeps_place=True))
        return self._accept(sound)

    def _accept(self, sound: Sound) -> Result:
        event = sound.event
        self._sources[event.source] = sound.gate
        self._places.setdefault(event.source, {})[event.sequence] = sound.link
        self._rows.events.append(event_row(sound, self._now))
        if isinstance(sound.data, Draft):
            files = named(sound.data.evidence)
            self._rows.evidence += book.rows_of(sound.gate.depot, event.id, self._now, files)
        number = self._draft(sound)
        body = answers.accepted(sound.identity, self._key, self._now, sound.draft, number)
        self._held.add(sound, body)
        self._rows.receipts.append({"event": event.id, "at": self._now, "body": body})
        if isinstance(sound.data, KeyChanged):
            self._accept_key(sound, PublicKey.parse(sound.data.key))
        return Result(Outcome.ACCEPTED, Reply(sound.gate, body))

    def _draft(self, sound: Sound) -> str | None:
        """Lay a revision or a cancellation into the drafts; the draft's número de entrega."""
        if sound.draft is None:
            return None
        row = self._held.drafts.get(sound.draft)
        if sound.columns is not None:
            row = self._revise(sound, sound.draft, dict(sound.columns), row)
        elif sound.event.type is EventType.DRAFT_CANCELLED:
            self._held.cancelled.add(sound.draft)
            if row is not None:
                row |= {"status": CANCELLED, "pending": True}
                self._rows.draft(row, new=False)
        return None if row is None else str(row["delivery_number"])

    def _revise(
        self, sound: Sound, draft: str, columns: dict[str, Any], row: dict[str, Any] | None
    ) -> dict[str, Any]:
        revision = {"event": sound.event.id, "draft": draft, "revision": columns["revision"]}
        self._rows.revisions.append({**revision, "status": columns["status"]})
        if draft in self._held.cancelled:
            columns["status"] = CANCELLED
        if row is None:
            row = {
                **columns,
                "draft": draft,
                "delivery_number": self._number(sound),
                "depot": sound.gate.depot,
                "gate": sound.gate.gate,
                "received_at": self._now,
                "simulated": sound.event.simulated,
                "event": sound.event.id,
                "pending": True,
            }
            self._held.drafts[draft] = row
            self._rows.draft(row, new=True)
        elif columns["revision"] >= row["revision"]:
            row |= {**columns, "event": sound.event.id, "simulated": sound.event.simulated, "pending": True}
            self._rows.draft(row, new=False)
        return row

    def _number(self, sound: Sound) -> str:
        depot, year = sound.member.depot, numbers.year_of(self._now)
        if not self._numbers.get(depot.oce):
            wanted = self._wanted.get(depot.oce, 1)
            taken = numbers.reserve(self._connection, depot.oce, year, depot.first_number, wanted)
            self._numbers[depot.oce] = list(reversed(taken))
        return numbers.written(depot.oce, year, self._numbers[depot.oce].pop(), depot.channel)

    def _accept_key(self, sound: Sound, key: PublicKey) -> None:
        if key.id == sound.key:
            return  # its own first event: it is in force
        owner, event = keyring.owner(sound.gate), sound.event
        keyring.announce(self._connection, owner, key, event.id, self._now)
        self.accepted_keys.append((sound.gate, key))
        self._ended.setdefault((owner, sound.key), Handover(event.source, event.sequence, NOT_YET))

    def _end_of(self, finding: Sound | Refused) -> Handover | None:
        """Where the key of an event was handed over, if that was before this event."""
        if not self._ended or finding.gate is None or finding.key is None or finding.identity is None:
            return None
        ended, identity = self._ended.get((keyring.owner(finding.gate), finding.key)), finding.identity
        if ended is None or identity.sequence <= last_signed(self._connection, ended, identity.source):
            return None
        return ended

    def _repeat(self, gate: Gate, event: str) -> Result:
        """The answer of the first time again."""
        first = self._held.receipt(event)
        return Result(Outcome.DUPLICATE, Reply(gate, answers.duplicate(first, self._key)), fresh=False)

    def _refuse_or_repeat(self, finding: Refused) -> Result:
        """What was accepted once stays accepted, also when the settings have changed since."""
        identity = finding.identity
        gate = finding.gate if finding.authentic else None
        if gate and identity and self._held.hashes.get(identity.event) == identity.hash:
            return self._repeat(gate, identity.event)
        ended = self._end_of(finding) if finding.authentic else None
        if ended is not None:
            detail = _after(ended, finding.key)
            finding = replace(finding, reason=Reason.ENDED_KEY, detail=detail, authentic=False, alarm=True)
        return self._refuse(finding)

    def _refuse(self, finding: Refused) -> Result:
        arrival = finding.arrival
        same = (refusals.c.digest == arrival.digest, refusals.c.topic == arrival.topic[:255])
        held = self._connection.execute(select(refusals.c.receipt).where(*same)).one_or_none()
        if held is not None:
            again = {"times": refusals.c.times + 1, "last_at": self._now}
            self._connection.execute(update(refusals).where(*same).values(again))
            return Result(Outcome.REFUSED, _reply(finding, held.receipt), finding, fresh=False)
        receipt = None
        if finding.gate is not None and finding.identity is not None:
            receipt = answers.refused(finding.identity, self._key, self._now, finding.reasons)
        if finding.authentic or self._unproven_kept() < KEPT_REFUSED:
            self._connection.execute(insert(refusals).values(refusal_row(finding, receipt, self._now)))
        if finding.authentic and finding.gate and finding.identity:
            self._sources[finding.identity.source] = finding.gate
            self._places.setdefault(finding.identity.source, {}).setdefault(finding.identity.sequence)
        return Result(Outcome.REFUSED, _reply(finding, receipt), finding)

    def _unproven_kept(self) -> int:
        query = select(func.count()).select_from(refusals).where(~refusals.c.authentic)
        return int(self._connection.execute(query).scalar_one())

    def _park(self, finding: Parked) -> Result:
        arrival, gate = finding.arrival, finding.gate
        same = (parked.c.digest == arrival.digest, parked.c.topic == arrival.topic)
        again = {"times": parked.c.times + 1, "last_at": self._now}
        if self._connection.execute(update(parked).where(*same).values(again)).rowcount:
            return Result(Outcome.PARKED, fresh=False)
        of_gate = (parked.c.depot == gate.depot) & (parked.c.gate == gate.gate)
        counts = select(func.count(), func.count(case((of_gate, 1)))).select_from(parked)
        in_all, of_this = self._connection.execute(counts).one()
        if of_this < KEPT_PARKED and in_all < KEPT_PARKED_IN_ALL:
            row = parked_row(finding, self._now)
            self._connection.execute(insert(parked).values(row))
        return Result(Outcome.PARKED)

    def _new_drafts(self, findings: Sequence[Finding]) -> dict[str, str]:
        """The drafts that may need a number, each with its operator's code: all are reserved in one go."""
        return {
            each.draft: each.member.depot.oce
            for each in findings
            if isinstance(each, Sound) and each.columns and each.draft and each.draft not in self._held.drafts
        }


def _contended(findings: Sequence[Finding]) -> set[str]:
    """What other workers may be about to write too: the chains of the batch, and the counters of its operators."""
    known = [each for each in findings if not isinstance(each, Parked)]
    counters = {f"numbers/{each.member.depot.oce}" for each in known if isinstance(each, Sound)}
    return counters | {each.identity.source for each in known if each.identity}


def _clash(sound: Sound, reason: Reason, detail: str, keeps_place: bool = False) -> Refused:
    return Refused(
        sound.arrival,
        reason,
        detail,
        sound.gate,
        sound.identity,
        authentic=keeps_place,
        previous=sound.event.previous,
        key=sound.key,
        alarm=True,
    )


def _after(ended: Handover, key: str | None) -> str:
    return f"key {key} was handed over with sequence {ended.sequence} of {ended.source}"


def _reply(finding: Refused, receipt: bytes | None) -> Reply | None:
    return None if receipt is None or finding.gate is None else Reply(finding.gate, receipt)
