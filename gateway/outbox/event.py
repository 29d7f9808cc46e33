"""From a letter to an event: its place in the chain, its frozen bytes, its hash and its signature. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.outbox.letter import Letter
from record.errors import BadRecord
from record.event import MAX_BYTES, Event
from record.proof import GENESIS, Proof, SigningKey, canonical, sha256
from record.registry_state import Head


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands: its source, its number there, and the hash of the event before it."""

    source: str
    sequence: int
    previous: str

    @classmethod
    def after(cls, source: str, head: Head | None) -> Place:
        """The place after a chain's last event, or its first."""
        return cls(source, head.sequence + 1, head.hash) if head else cls(source, 1, GENESIS)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event as it is stored and sent."""

    id: str
    time: str
    body: bytes
    hash: str


def seal_letter(letter: Letter, place: Place, event: str, time: str, key: SigningKey) -> Sealed:
    """The event of a letter under the id ``event``.

    Raises:
        BadRecord: it breaks the contract, or is larger than 64 KiB.
    """
    record: dict[str, Any] = {
        "specversion": "1.0",
        "id": event,
        "source": place.source,
        "type": letter.type.value,
        "time": time,
        "datacontenttype": "application/json",
        "dataschema": letter.type.schema,
        "sequence": place.sequence,
        "previous": place.previous,
        "simulated": letter.simulated,
        "data": dict(letter.data),
    }
    if letter.subject is not None:
        record["subject"] = letter.subject
    parts = {name: canonical({name: value})[1:-1] for name, value in record.items()}
    digest = sha256(_joined(parts))
    proof = str(Proof(digest, key.public.id, key.sign(bytes.fromhex(digest))))
    body = _joined(parts | {"proof": b'"proof":"' + proof.encode("ascii") + b'"'})
    if len(body) > MAX_BYTES:
        raise BadRecord(f"the event has {len(body)} bytes, {MAX_BYTES} are allowed")
    Event.from_wire(record | {"proof": proof})
    return Sealed(event, time, body, digest)


def _joined(parts: Mapping[str, bytes]) -> bytes:
    """An object's canonical form from its members': in the order of their names, which are ASCII here."""
    return b"{" + b",".join(parts[name] for name in sorted(parts)) + b"}"
