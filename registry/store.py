"""A batch of findings becomes rows, in one transaction, and answers to publish once it has committed.

id known, same hash        duplicate     the first answer again
id known, other hash       refused       alarm: two events claim one identity
place in the chain taken   refused       alarm: two events claim one (source, sequence)
draft of another gate      refused       alarm
else                       accepted      event, receipt, draft with its number, revision, head
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select, update

from record.base import utc
from record.event import EventType, KeyChanged
from record.proof import PublicKey, SigningKey
from record.topics import Gate
from registry import answers, heads, keyring, numbers
from registry.answers import Reply
from registry.intake import KEPT_UNPROVEN, Finding, Parked, Reason, Refused, Sound
from registry.tables import drafts, events, parked, receipts, refusals, revisions

CANCELLED = "cancelled"
"""Status of a draft that its gate has voided."""

KEPT_PARKED = 1000
"""Parked events of one gate that are kept; the gate has the others, since they get no answer."""

KEPT_REFUSED = 10_000
"""Refusals that prove nothing and are kept; further ones are only counted in the log."""


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


@dataclass(slots=True)
class Rows:
    """What a batch is going to write."""

    events: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    new_drafts: list[str] = field(default_factory=list)
    changed_drafts: set[str] = field(default_factory=set)


class Batch:
    """The decisions of one transaction. Use once: `decide` each finding in order, then `write`."""

    def __init__(
        self, connection: Connection, key: SigningKey, now: datetime, findings: Sequence[Finding]
    ) -> None:
        self._connection, self._key, self._now = connection, key, utc(now)
        self._rows = Rows()
        self._sources: dict[str, Gate] = {}
        self.accepted_keys: list[tuple[Gate, PublicKey]] = []
        sound = [finding for finding in findings if isinstance(finding, Sound)]
        identities = [each.identity for each in findings if not isinstance(each, Parked) and each.identity]
        self._hashes = self._held_hashes(identity.event for identity in identities)
        self._places = self._held_places(sound)
        self._rows.drafts = self._held_drafts(each.draft for each in sound)
        self._cancelled = self._held_cancellations(each.draft for each in sound)
        self._first_receipts: dict[str, bytes] = {}

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
        rows = self._rows
        self._insert(events, rows.events)
        self._insert(receipts, rows.receipts)
        self._insert(drafts, [rows.drafts[draft] for draft in rows.new_drafts])
        self._insert(revisions, rows.revisions)
        self._update_drafts([rows.drafts[draft] for draft in rows.changed_drafts])
        for source, gate in self._sources.items():
            heads.advance(self._connection, source, gate, self._now)

    def _take(self, sound: Sound) -> Result:
        event = sound.event
        held = self._hashes.get(event.id)
        if held == sound.hash:
            return self._repeat(sound.gate, event.id)
        if held is not None:
            return self._refuse(_clash(sound, Reason.SAME_ID, f"id {event.id} is held with hash {held}"))
        place = (event.source, event.sequence)
        if place in self._places:
            detail = f"sequence {event.sequence} of {event.source} is held by {self._places[place]}"
            return self._refuse(_clash(sound, Reason.SAME_SEQUENCE, detail))
        row = self._rows.drafts.get(sound.draft) if sound.draft else None
        if row is not None and (row["depot"], row["gate"]) != (sound.gate.depot, sound.gate.gate):
            detail = f"draft {sound.draft} belongs to another gate"
            return self._refuse(_clash(sound, Reason.OTHER_GATES_DRAFT, detail, keeps_place=True))
        return self._accept(sound)

    def _accept(self, sound: Sound) -> Result:
        event = sound.event
        self._hashes[event.id] = sound.hash
        self._places[event.source, event.sequence] = event.id
        self._sources[event.source] = sound.gate
        self._rows.events.append(self._event_row(sound))
        number = self._draft(sound)
        body = answers.accepted(sound.identity, self._key, self._now, sound.draft, number)
        self._first_receipts[event.id] = body
        self._rows.receipts.append({"event": event.id, "at": self._now, "body": body})
        if isinstance(sound.data, KeyChanged):
            self._accept_key(sound, PublicKey.parse(sound.data.key))
        return Result(Outcome.ACCEPTED, Reply(sound.gate, body))

    def _event_row(self, sound: Sound) -> dict[str, Any]:
        event = sound.event
        return {
            "id": event.id,
            "source": event.source,
            "sequence": event.sequence,
            "type": event.type.value,
            "time": event.time,
            "previous": event.previous,
            "hash": sound.hash,
            "link": sound.link,
            "key": sound.key,
            "depot": sound.gate.depot,
            "gate": sound.gate.gate,
            "topic": sound.arrival.topic,
            "draft": sound.draft,
            "simulated": event.simulated,
            "received_at": self._now,
            "digest": sound.arrival.digest,
            "body": sound.arrival.body,
        }

    def _draft(self, sound: Sound) -> str | None:
        """Lay a revision or a cancellation into the drafts; the draft's número de entrega."""
        if sound.draft is None:
            return None
        row = self._rows.drafts.get(sound.draft)
        if sound.columns is not None:
            row = self._revise(sound, sound.draft, dict(sound.columns), row)
        elif sound.event.type is EventType.DRAFT_CANCELLED:
            self._cancelled.add(sound.draft)
            if row is not None:
                row["status"] = CANCELLED
                self._changed(sound.draft)
        return None if row is None else str(row["delivery_number"])

    def _revise(
        self, sound: Sound, draft: str, columns: dict[str, Any], row: dict[str, Any] | None
    ) -> dict[str, Any]:
        revision = {"event": sound.event.id, "draft": draft, "revision": columns["revision"]}
        self._rows.revisions.append({**revision, "status": columns["status"]})
        if draft in self._cancelled:
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
            }
            self._rows.drafts[draft] = row
            self._rows.new_drafts.append(draft)
        elif columns["revision"] >= row["revision"]:
            row |= {**columns, "event": sound.event.id, "simulated": sound.event.simulated}
            self._changed(draft)
        return row

    def _changed(self, draft: str) -> None:
        if draft not in self._rows.new_drafts:
            self._rows.changed_drafts.add(draft)

    def _number(self, sound: Sound) -> str:
        depot, year = sound.member.depot, numbers.year_of(self._now)
        sequence = numbers.reserve(self._connection, depot.oce, year, depot.first_number)
        return numbers.written(depot.oce, year, sequence, depot.channel)

    def _accept_key(self, sound: Sound, key: PublicKey) -> None:
        keyring.accept(self._connection, keyring.owner(sound.gate), key, sound.event.id, self._now)
        self.accepted_keys.append((sound.gate, key))

    def _repeat(self, gate: Gate, event: str) -> Result:
        """The answer of the first time again."""
        first = self._first_receipts.get(event)
        if first is None:
            query = select(receipts.c.body).where(receipts.c.event == event)
            first = bytes(self._connection.execute(query).scalar_one())
        return Result(Outcome.DUPLICATE, Reply(gate, answers.duplicate(first, self._key)), fresh=False)

    def _refuse_or_repeat(self, finding: Refused) -> Result:
        """What was accepted once stays accepted, also when the settings have changed since."""
        identity = finding.identity
        gate = finding.gate if finding.authentic else None
        if gate and identity and self._hashes.get(identity.event) == identity.hash:
            return self._repeat(gate, identity.event)
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
            self._connection.execute(insert(refusals).values(self._refusal_row(finding, receipt)))
        if finding.authentic and finding.gate and finding.identity:
            self._sources[finding.identity.source] = finding.gate
        return Result(Outcome.REFUSED, _reply(finding, receipt), finding)

    def _refusal_row(self, finding: Refused, receipt: bytes | None) -> dict[str, Any]:
        arrival, identity = finding.arrival, finding.identity
        return {
            "first_at": self._now,
            "last_at": self._now,
            "times": 1,
            "topic": arrival.topic[:255],
            "size": arrival.size,
            "digest": arrival.digest,
            "reasons": list(finding.reasons),
            "alarm": finding.alarm,
            "authentic": finding.authentic,
            "event": identity.event if identity else None,
            "source": identity.source if identity else None,
            "sequence": identity.sequence if identity else None,
            "hash": identity.hash if identity else None,
            "previous": finding.previous,
            "key": finding.key,
            "body": arrival.body if finding.authentic else arrival.body[:KEPT_UNPROVEN],
            "receipt": receipt,
        }

    def _unproven_kept(self) -> int:
        query = select(func.count()).select_from(refusals).where(~refusals.c.authentic)
        return int(self._connection.execute(query).scalar_one())

    def _park(self, finding: Parked) -> Result:
        arrival, gate = finding.arrival, finding.gate
        same = (parked.c.digest == arrival.digest, parked.c.topic == arrival.topic)
        again = {"times": parked.c.times + 1, "last_at": self._now}
        if self._connection.execute(update(parked).where(*same).values(again)).rowcount:
            return Result(Outcome.PARKED, fresh=False)
        of_gate = (parked.c.depot == gate.depot, parked.c.gate == gate.gate)
        kept = self._connection.execute(select(func.count()).select_from(parked).where(*of_gate))
        if kept.scalar_one() < KEPT_PARKED:
            row = {
                "first_at": self._now,
                "last_at": self._now,
                "times": 1,
                "topic": arrival.topic,
                "depot": gate.depot,
                "gate": gate.gate,
                "key": finding.key,
                "reason": finding.reason.value,
                "digest": arrival.digest,
                "body": arrival.body,
            }
            self._connection.execute(insert(parked).values(row))
        return Result(Outcome.PARKED)

    def _held_hashes(self, ids: Iterable[str]) -> dict[str, str]:
        query = select(events.c.id, events.c.hash).where(events.c.id.in_(set(ids)))
        return {row.id: row.hash for row in self._connection.execute(query)}

    def _held_places(self, sound: Sequence[Sound]) -> dict[tuple[str, int], str]:
        wanted: dict[str, list[int]] = {}
        for each in sound:
            wanted.setdefault(each.event.source, []).append(each.event.sequence)
        held: dict[tuple[str, int], str] = {}
        for source, sequences in wanted.items():
            query = select(events.c.sequence, events.c.id).where(
                events.c.source == source, events.c.sequence.in_(sequences)
            )
            held |= {(source, row.sequence): row.id for row in self._connection.execute(query)}
        return held

    def _held_drafts(self, ids: Iterable[str | None]) -> dict[str, dict[str, Any]]:
        query = select(drafts).where(drafts.c.draft.in_({id for id in ids if id}))
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update()
        return {row["draft"]: dict(row) for row in self._connection.execute(query).mappings()}

    def _held_cancellations(self, ids: Iterable[str | None]) -> set[str]:
        query = select(events.c.draft).where(
            events.c.draft.in_({id for id in ids if id}), events.c.type == EventType.DRAFT_CANCELLED.value
        )
        return set(self._connection.execute(query).scalars())

    def _insert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)

    def _update_drafts(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        names = [column.name for column in drafts.columns if column.name not in ("position", "draft")]
        statement = (
            update(drafts)
            .where(drafts.c.draft == bindparam("of_draft"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        values = [{"of_draft": row["draft"], **{f"new_{name}": row[name] for name in names}} for row in rows]
        self._connection.execute(statement, values)


def count(results: Iterable[Result]) -> Counter[Outcome]:
    """How many arrivals came to which outcome."""
    return Counter(result.outcome for result in results)


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


def _reply(finding: Refused, receipt: bytes | None) -> Reply | None:
    return None if receipt is None or finding.gate is None else Reply(finding.gate, bytes(receipt))
