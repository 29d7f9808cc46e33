"""From a letter to an event: its place in the chain, its frozen bytes, its hash and its signature. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.outbox.letter import Letter
from record.errors import BadRecord
from record.event import MAX_BYTES, Event
from record.proof import GENESIS, Proof, SigningKey, sha256, written
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

    Each member is written once: in the order of names ``proof`` stands between those before and after it.

    Raises:
        BadRecord: it breaks the contract, or is larger than 64 KiB.
    """
    before = {
        "datacontenttype": "application/json",
        "dataschema": letter.type.schema,
        "id": event,
        "previous": place.previous,
    }
    after = {
        "sequence": place.sequence,
        "simulated": letter.simulated,
        "source": place.source,
        "specversion": "1.0",
        "time": time,
        "type": letter.type.value,
    }
    if letter.subject is not None:
        after["subject"] = letter.subject
    data, head, tail = written(dict(letter.data)), written(before)[1:-1], written(after)[1:]
    digest = sha256(b'{"data":%b,%b,%b' % (data, head, tail))
    proof = str(Proof(digest, key.public.id, key.sign(bytes.fromhex(digest)))).encode("ascii")
    around = b',%b,"proof":"%b",%b' % (head, proof, tail)
    body = b'{"data":%b%b' % (data, around)
    if len(body) > MAX_BYTES:
        raise BadRecord(f"the event has {len(body)} bytes, {MAX_BYTES} are allowed")
    Event.from_bytes(b'{"data":{}%b' % around)
    return Sealed(event, time, body, digest)
