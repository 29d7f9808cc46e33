"""What an event says, read by the model of its type and brought to the columns that drafts are listed by."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from record.base import Record
from record.draft import Draft, Outcome, Payload, VisitClosed
from record.errors import BadRecord
from record.event import (
    DraftCancelled,
    Event,
    EventType,
    InstallationOpened,
    KeyChanged,
    RecordDead,
)
from record.finding import Code
from record.proof import BadKey, PublicKey
from record.topics import Stream

MODELS: dict[EventType, type[Record]] = {
    EventType.DRAFT: Draft,
    EventType.DRAFT_CANCELLED: DraftCancelled,
    EventType.VISIT_CLOSED: VisitClosed,
    EventType.INSTALLATION_OPENED: InstallationOpened,
    EventType.KEY_CHANGED: KeyChanged,
    EventType.RECORD_DEAD: RecordDead,
}
"""What a gate may say. A report's event is the registry's own."""

LANES = frozenset({Stream.INGRESS, Stream.EGRESS})
STREAMS: dict[EventType, frozenset[Stream]] = {
    EventType.DRAFT: LANES,
    EventType.DRAFT_CANCELLED: LANES,
    EventType.VISIT_CLOSED: frozenset({Stream.VISIT}),
    EventType.INSTALLATION_OPENED: frozenset({Stream.INSTALLATION}),
    EventType.KEY_CHANGED: frozenset({Stream.INSTALLATION}),
    EventType.RECORD_DEAD: frozenset(Stream),
}

ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
"""What may name a draft; gates use UUIDv7."""

CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")

LARGEST = 2**31 - 1
"""Largest whole number that a column holds."""


def read(event: Event) -> Record:
    """The event's data as its model. Raises `BadRecord` naming each field that is wrong."""
    model = MODELS.get(event.type)
    if model is None:
        raise BadRecord(f"/type {event.type.value} is not a gate's to send")
    data = model.from_wire(_understood(event))
    if isinstance(data, Draft | DraftCancelled) and not _is_id(data.draft):
        raise BadRecord(f"/data/draft is no id: {data.draft[:80]!r}")
    if isinstance(data, KeyChanged):
        try:
            PublicKey.parse(data.key)
        except BadKey as error:
            raise BadRecord(f"/data/key: {error}") from error
    return data


def _understood(event: Event) -> dict[str, Any]:
    """The data without findings and outcomes that only a newer gate knows: version 1 only ever grows.

    They stay in the event's bytes; a newer registry reads them there.
    """
    data = event.data
    if event.type is EventType.DRAFT and isinstance(data.get("findings"), list):
        return {**data, "findings": [finding for finding in data["findings"] if not _is_newer(finding)]}
    outcome = data.get("outcome")
    if event.type is EventType.VISIT_CLOSED and isinstance(outcome, str) and CODE.fullmatch(outcome):
        return {**data, "outcome": outcome if outcome in set(Outcome) else Outcome.NOTHING_KNOWN.value}
    return data


def _is_newer(finding: object) -> bool:
    code = finding.get("code") if isinstance(finding, dict) else None
    return isinstance(code, str) and CODE.fullmatch(code) is not None and code not in set(Code)


def draft_of(data: Record) -> str | None:
    """The draft that the data is about, if any."""
    return data.draft if isinstance(data, Draft | DraftCancelled) else None


def columns(draft: Draft) -> dict[str, Any]:
    """The columns that a draft's latest revision fills. Raises `BadRecord` for what no column holds."""
    return {
        "revision": _bounded(draft.revision, "/data/revision"),
        "lane": draft.lane,
        "visit": _storable(draft.visit),
        "stay": _storable(draft.stay),
        "status": draft.status.value,
        **of_payload(draft.payload),
    }


def of_payload(payload: Payload) -> dict[str, Any]:
    """The columns that a payload fills. Raises `BadRecord` for what no column holds.

    Container, size-type, packaging and description are the first item's. Weight and packages are sums over
    all items, None as soon as one item's is unknown.
    """
    first, document = payload.items[0], payload.document
    return {
        "report": payload.report.value,
        "entered_at": payload.entered_at,
        "document_type": document.type.value if document else None,
        "document_number": _storable(document.number) if document else None,
        "container": first.container,
        "size_type": first.size_type,
        "weight_kg": _weight(payload),
        "packages": _packages(payload),
        "packaging": first.packaging,
        "description": _storable(first.description) if first.description is not None else None,
    }


def _weight(payload: Payload) -> int | None:
    total = Decimal(0)
    for weight in (item.weight_kg for item in payload.items):
        if weight is None:
            return None
        if weight > LARGEST:
            raise BadRecord(f"/data/payload/items: {str(weight)[:40]} kg is no weight of a cargo")
        total += weight
    return _bounded(int(total.to_integral_value(ROUND_HALF_EVEN)), "/data/payload/items: weight_kg")


def _packages(payload: Payload) -> int | None:
    counts = [item.packages for item in payload.items]
    known = [count for count in counts if count is not None]
    if len(known) < len(counts):
        return None
    return _bounded(sum(known), "/data/payload/items: packages")


def _bounded(number: int, where: str) -> int:
    if number > LARGEST:
        raise BadRecord(f"{where} is {number}, at most {LARGEST} is possible")
    return number


def _storable(text: str) -> str:
    """PostgreSQL's text cannot hold the character NUL; the event's bytes keep it."""
    return text.replace("\x00", "\ufffd")


def _is_id(text: str) -> bool:
    return ID.fullmatch(text) is not None
