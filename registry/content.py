"""What an event says, read by the model of its type and brought to the columns that drafts are listed by."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any

from pydantic import create_model

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


CODES = frozenset(code.value for code in Code)
OUTCOMES = frozenset(outcome.value for outcome in Outcome)


def parsed(body: bytes, data: object) -> tuple[Event, Record | None]:
    """An event, and its data where both could be read in one go; else `read` has to read that by itself.

    ``data`` is the event's as plain JSON values. Raises `BadRecord` naming each field of the envelope that is wrong.
    """
    kind = KIND.search(body)
    model = _whole(kind[1].decode("ascii")) if kind else None
    if model is not None and _is_of_this_version(data):
        try:
            event = model.from_bytes(body)
        except BadRecord:
            return Event.from_bytes(body), None
        return event, _checked(vars(event)["data"])
    return Event.from_bytes(body), None


KIND = re.compile(rb'"type":"([a-z.]{1,40})"}$')
"""The last member of an event in canonical form."""


@lru_cache(maxsize=16)
def _whole(kind: str) -> type[Event] | None:
    """The model of an event together with its data, None for what no gate says."""
    data = {each.value: model for each, model in MODELS.items()}.get(kind)
    return None if data is None else create_model(f"Event of {kind}", __base__=Event, data=(data, ...))


def _is_of_this_version(data: object) -> bool:
    """Whether the data has nothing that only a newer gate knows."""
    if not isinstance(data, dict):
        return False
    findings = data.get("findings")
    known = not isinstance(findings, list) or not any(map(_is_newer, findings))
    return known and data.get("outcome", "") in ("", *OUTCOMES)


def read(event: Event) -> Record:
    """The event's data as its model. Raises `BadRecord` naming each field that is wrong."""
    model = MODELS.get(event.type)
    if model is None:
        raise BadRecord(f"/type {event.type.value} is not a gate's to send")
    return _checked(model.from_wire(_understood(event)))


def _checked(data: Record) -> Record:
    """The data, once what the models leave open is right too. Raises `BadRecord`."""
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
        return {**data, "outcome": outcome if outcome in OUTCOMES else Outcome.NOTHING_KNOWN.value}
    return data


def _is_newer(finding: object) -> bool:
    code = finding.get("code") if isinstance(finding, dict) else None
    return isinstance(code, str) and CODE.fullmatch(code) is not None and code not in CODES


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
