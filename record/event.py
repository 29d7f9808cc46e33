"""An event: what a gate tells the registry, as a CloudEvent in structured JSON (CloudEvents 1.0.2).

Identity is made at assembly: ``id`` is unique at the registry, ``(source, sequence)`` too, and the sequence
has no gap within its source. ``previous`` is the hash of the event before it: the events of a source are a chain.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from record.base import Name, Record, Sha256, Timestamp
from record.errors import BadRecord
from record.proof import unwire

MAX_BYTES = 64 * 1024
"""Largest event in bytes; what does not fit stays at the gate, named by its hash."""

MEDIA_TYPE = "application/cloudevents+json"


class EventType(StrEnum):
    """What an event is about."""

    DRAFT = "ec.iie.draft"
    DRAFT_CANCELLED = "ec.iie.draft.cancelled"
    VISIT_CLOSED = "ec.iie.visit.closed"
    INSTALLATION_OPENED = "ec.iie.installation.opened"
    KEY_CHANGED = "ec.iie.key.changed"
    RECORD_DEAD = "ec.iie.record.dead"
    REPORT = "ec.iie.report"

    @property
    def schema(self) -> str:
        """The ``dataschema`` of version 1 of this type's data."""
        return f"urn:iie:schema:{self.value.removeprefix('ec.iie.')}:1"


class Event(Record):
    """One CloudEvent. ``data`` is read by the model of its type."""

    specversion: Annotated[str, Field(pattern=r"^1\.0$")] = "1.0"
    id: Annotated[
        str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
    ]
    source: Annotated[str, Field(pattern=r"^/[a-z0-9-]{1,32}/[a-z0-9-]{1,32}/[0-9a-f-]{36}$")]
    type: Annotated[EventType, Field(strict=False)]
    time: Timestamp
    datacontenttype: str = "application/json"
    dataschema: str
    subject: str | None = Field(default=None, description="the draft or visit that the event is about")
    sequence: Annotated[int, Field(ge=1, le=2**31 - 1)]
    previous: Sha256
    simulated: bool = False
    data: dict[str, Any]
    proof: str


class InstallationOpened(Record):
    """The ``data`` of a chain's first event: the life of an outbox database begins."""

    installation: str
    key: str = Field(description="public key, ed25519:…")
    reason: str = Field(description="first, registry_ahead, restored, key_ended")
    before: str | None = Field(default=None, description="source of the installation before, when known")
    before_sequence: int | None = None
    before_hash: Sha256 | None = None


class KeyChanged(Record):
    """The ``data`` of a key's rotation; the event is signed by the old key, the next one by the new."""

    key: str = Field(description="the new public key, ed25519:…")
    reason: str


class RecordDead(Record):
    """The ``data`` of an event that stands in the place of one that can never be delivered.

    It has the dead event's sequence and ``previous``; the event after it names ``hash`` as its ``previous``.
    """

    event: str = Field(description="id of the dead event")
    hash: Sha256 = Field(description="hash of the dead event")
    reason: str


class DraftCancelled(Record):
    """The ``data`` of a cancellation: a person or the machine voids a draft."""

    draft: str
    lane: Name
    reason: str
    decided_by: str = Field(description="machine, or the person's name")


def parse(data: bytes) -> Event:
    """An event from the bytes that came. Raises `BadRecord` naming what is wrong; proves nothing yet."""
    if len(data) > MAX_BYTES:
        raise BadRecord(f"the event has {len(data)} bytes, {MAX_BYTES} are allowed")
    return Event.from_wire(unwire(data))
