"""What arrives is examined: bytes and topic in, a finding out. Pure; the database decides the rest (`store`).

    topic ─▶ size ─▶ JSON ─▶ hash ─▶ gate, key known? ─▶ signature ─▶ source is the topic's ─▶ contract
      │        │       │       │             │                │                 │                 │
      └────────┴───────┴───────┤       parked, no answer      └────────┬────────┘         refused, authentic
                     refused, proves nothing                 refused, proves nothing

An event that is refused although its proof holds and it stands under its own source keeps its place in the
chain of its source; one that proves nothing has no place anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from record.base import Record
from record.draft import Draft
from record.errors import BadProof, BadRecord
from record.event import MAX_BYTES, Event, RecordDead
from record.proof import Proof, canonical, sha256, unwire_hashed
from record.topics import ROOT, Gate, Stream, gate_of, gate_of_source, is_name
from registry.content import STREAMS, columns, draft_of, parsed, read
from registry.roster import Member, Roster

KEPT_UNPROVEN = 4096
"""Bytes that are kept of something refused that proves nothing."""


OF_LANE = frozenset({Stream.INGRESS, Stream.EGRESS, Stream.VISIT})


class Reason(StrEnum):
    """Why something is refused or parked."""

    TOO_LARGE = "too_large"
    BAD_TOPIC = "bad_topic"
    NOT_JSON = "not_json"
    NOT_CANONICAL = "not_canonical"
    BAD_PROOF = "bad_proof"
    WRONG_TOPIC = "wrong_topic"
    BAD_CONTRACT = "bad_contract"
    SIMULATED = "simulated"
    OTHER_OPERATOR = "other_operator"
    SAME_ID = "same_id"
    SAME_SEQUENCE = "same_sequence"
    OTHER_GATES_DRAFT = "other_gates_draft"
    ENDED_KEY = "ended_key"
    UNKNOWN_GATE = "unknown_gate"
    UNKNOWN_KEY = "unknown_key"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came on a topic. Of anything larger than an event may be, ``body`` is only the beginning."""

    topic: str
    body: bytes
    size: int

    @classmethod
    def of(cls, topic: str, body: bytes) -> Arrival:
        """Cut to what is worth keeping."""
        return cls(topic, body if len(body) <= MAX_BYTES else body[:KEPT_UNPROVEN], len(body))

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes that are held."""
        return sha256(self.body)


@dataclass(frozen=True, slots=True)
class Identity:
    """What an answer names: enough for a gate to know which of its events is meant."""

    event: str
    source: str
    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Sound:
    """An event that is whole, proven and within the contract. ``draft`` is what it is about, if any, ``identity`` what
    its receipt names."""

    arrival: Arrival
    gate: Gate
    member: Member
    event: Event
    data: Record
    identity: Identity
    draft: str | None
    key: str
    columns: Mapping[str, Any] | None

    @property
    def hash(self) -> str:
        """SHA-256 of its canonical form."""
        return self.identity.hash

    @property
    def link(self) -> str:
        """What the next event's ``previous`` must be."""
        return self.data.hash if isinstance(self.data, RecordDead) else self.hash


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that is not taken. ``gate`` is whom to answer, None where nobody would understand it."""

    arrival: Arrival
    reason: Reason
    detail: str
    gate: Gate | None = None
    identity: Identity | None = None
    authentic: bool = False
    previous: str | None = None
    key: str | None = None
    alarm: bool = False

    @property
    def reasons(self) -> tuple[str, ...]:
        """As the receipt carries them: code, then what was found."""
        detail = self.detail[:500].replace("\x00", "\ufffd")
        return (f"{self.reason.value}: {detail}",)


@dataclass(frozen=True, slots=True)
class Parked:
    """An event of a gate or key that nobody has accepted yet. It gets no answer, so its gate keeps it."""

    arrival: Arrival
    reason: Reason
    gate: Gate
    key: str


Finding = Sound | Refused | Parked


def examine(arrival: Arrival, roster: Roster) -> Finding:
    """What arrived, judged by itself alone: without looking at what is already stored. Never raises."""
    try:
        gate, stream = place(arrival.topic)
    except BadRecord as error:
        return Refused(arrival, Reason.BAD_TOPIC, str(error))
    if arrival.size > MAX_BYTES:
        detail = f"{arrival.size} bytes, {MAX_BYTES} are allowed"
        return Refused(arrival, Reason.TOO_LARGE, detail, gate)
    try:
        record, digest = unwire_hashed(arrival.body)
    except BadRecord as error:
        return Refused(arrival, Reason.NOT_JSON, str(error), gate)
    try:
        digest = digest or sha256(canonical(record))
    except (BadRecord, RecursionError) as error:
        return Refused(arrival, Reason.NOT_CANONICAL, str(error), gate)
    return _proven(arrival, roster, gate, stream, record, digest)


def place(topic: str) -> tuple[Gate, Stream]:
    """The gate and the stream that a topic belongs to. Raises `BadRecord` for a topic of no event."""
    parts = topic.split("/")
    gate = gate_of(topic)
    if len(parts) == 5 and parts[4] == Stream.INSTALLATION:
        return gate, Stream.INSTALLATION
    if len(parts) == 6 and is_name(parts[4]) and parts[5] in OF_LANE:
        return gate, Stream(parts[5])
    raise BadRecord(f"{topic[:120]!r} is no topic of events under {ROOT}")


def _proven(
    arrival: Arrival, roster: Roster, gate: Gate, stream: Stream, record: dict[str, Any], digest: str
) -> Finding:
    """Whose it is, and whether that can be believed."""
    identity = _identity(record, digest)
    member = roster.members.get(gate)
    try:
        proof = Proof.parse(record.get("proof"))
        if proof.hash != digest:
            raise BadProof(f"the event's hash is {digest}, its proof says {proof.hash}")
    except BadProof as error:
        answered = gate if member is not None else None
        return Refused(arrival, Reason.BAD_PROOF, str(error), answered, identity)
    if member is None:
        return Parked(arrival, Reason.UNKNOWN_GATE, gate, proof.key[:16])
    key = member.keys.get(proof.key)
    if key is None:
        return Parked(arrival, Reason.UNKNOWN_KEY, gate, proof.key[:16])
    if not key.holds(proof.signature, bytes.fromhex(digest)):
        detail = f"the signature is not by key {proof.key}"
        return Refused(arrival, Reason.BAD_PROOF, detail, gate, identity, alarm=True)
    return _meant(arrival, roster, gate, stream, record, Proven(member, identity, digest, key.id))


@dataclass(frozen=True, slots=True)
class Proven:
    """What is known of an event whose proof holds."""

    member: Member
    identity: Identity | None
    hash: str
    key: str


def _meant(
    arrival: Arrival, roster: Roster, gate: Gate, stream: Stream, record: dict[str, Any], proven: Proven
) -> Finding:
    """What a proven event says, and whether it may say so here."""

    def refused(reason: Reason, detail: str) -> Refused:
        own = _speaks_for(record, gate)
        previous = record.get("previous")
        return Refused(
            arrival,
            reason,
            detail,
            gate,
            proven.identity,
            authentic=own and proven.identity is not None and _is_hash(previous),
            previous=previous if _is_hash(previous) else None,
            key=proven.key,
            alarm=not own,
        )

    if not _speaks_for(record, gate):
        source = str(record.get("source"))[:120]
        return refused(Reason.WRONG_TOPIC, f"source {source!r} on the topic {arrival.topic!r}")
    try:
        event, known = parsed(arrival.body, record.get("data"))
        if stream not in STREAMS.get(event.type, ()):
            return refused(Reason.WRONG_TOPIC, f"{event.type.value} on the topic {arrival.topic!r}")
        data = known or read(event)
        of_draft = columns(data) if isinstance(data, Draft) else None
    except (BadRecord, RecursionError) as error:
        return refused(Reason.BAD_CONTRACT, str(error))
    if event.simulated and not roster.accept_simulated:
        return refused(Reason.SIMULATED, "this registry takes no simulated events (accept_simulated)")
    if isinstance(data, Draft) and data.payload.depot.oce != proven.member.depot.oce:
        detail = f"OCE code {data.payload.depot.oce}, depot {gate.depot} has {proven.member.depot.oce}"
        return refused(Reason.OTHER_OPERATOR, detail)
    identity = Identity(event.id, event.source, event.sequence, proven.hash)
    return Sound(arrival, gate, proven.member, event, data, identity, draft_of(data), proven.key, of_draft)


def _speaks_for(record: Mapping[str, Any], gate: Gate) -> bool:
    """Whether the record's source is one of the gate's."""
    source = record.get("source")
    try:
        return isinstance(source, str) and len(source) <= 104 and gate_of_source(source) == gate
    except BadRecord:
        return False


def _identity(record: Mapping[str, Any], digest: str) -> Identity | None:
    """What can be answered to; None where id, source or sequence are not even of their type."""
    event, source, sequence = record.get("id"), record.get("source"), record.get("sequence")
    if not isinstance(event, str) or not isinstance(source, str) or type(sequence) is not int:
        return None
    if len(event) > 36 or len(source) > 104 or "\x00" in event + source or not 1 <= sequence < 2**31:
        return None
    return Identity(event, source, sequence, digest)


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and all(c in "0123456789abcdef" for c in value)
