"""From a letter to an event: its place in the chain, its frozen bytes, its hash and its signature. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from gateway.outbox.letter import Letter
from record.errors import BadRecord
from record.event import MAX_BYTES
from record.proof import GENESIS, SigningKey, signed, written

PLAIN = re.compile(r"[0-9A-Za-z_-]*")
"""Texts that JSON writes as they are, such as ids."""


class Place(NamedTuple):
    """Where an event stands: its source, its number there, and the hash of the event before it."""

    source: str
    sequence: int
    previous: str

    @classmethod
    def after(cls, source: str, last: tuple[int, str] | None) -> Place:
        """The place after a chain's last event, given by sequence and hash, or its first."""
        return cls(source, last[0] + 1, last[1]) if last else cls(source, 1, GENESIS)

    def next(self, digest: str) -> Place:
        """The place after this one, once an event with that hash stands here."""
        return Place(self.source, self.sequence + 1, digest)


class Sealed(NamedTuple):
    """An event as it is stored and sent."""

    id: str
    time: str
    body: bytes
    hash: str


def seal_letter(letter: Letter, place: Place, event: str, time: str, key: SigningKey) -> Sealed:
    """The event of a letter under the id ``event``.

    Each member is written once, in the order of names: ``data``, those up to ``proof``, those after it. All but
    ``data`` and ``subject`` are made by this gate and hold nothing that JSON escapes.

    Raises:
        BadRecord: it breaks the contract, or is larger than 64 KiB.
    """
    data = written(dict(letter.data))
    before = (
        f',"datacontenttype":"application/json","dataschema":"{letter.type.schema}","id":"{event}"'
        f',"previous":"{place.previous}"'
    )
    after = (
        f',"sequence":{place.sequence},"simulated":{_boolean(letter.simulated)},"source":"{place.source}"'
        f',"specversion":"1.0"{_subject(letter.subject)},"time":"{time}","type":"{letter.type.value}"}}'
    )
    head, tail = b'{"data":%b%b' % (data, before.encode("ascii")), after.encode()
    digest = hashlib.sha256(head + tail)
    proof = signed(digest.digest(), key)
    body = b'%b,"proof":"%b"%b' % (head, proof.encode("ascii"), tail)
    if len(body) > MAX_BYTES:
        raise BadRecord(f"the event has {len(body)} bytes, {MAX_BYTES} are allowed")
    return Sealed(event, time, body, digest.hexdigest())


def _boolean(value: object) -> str:
    if not isinstance(value, bool):
        raise BadRecord(f"/simulated is {value!r}, neither true nor false")
    return "true" if value else "false"


def _subject(subject: object) -> str:
    """The member ``subject`` with the comma before it, as RFC 8785 writes it; nothing for none."""
    if subject is None:
        return ""
    if not isinstance(subject, str):
        raise BadRecord(f"/subject is {subject!r}, which is no text")
    if PLAIN.fullmatch(subject):
        return f',"subject":"{subject}"'
    return "," + written({"subject": subject})[1:-1].decode()
