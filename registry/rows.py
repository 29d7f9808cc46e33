"""The rows that a batch writes, each as the tables want it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, update

from registry import bulk
from registry.evidence import book
from registry.intake import KEPT_UNPROVEN, Parked, Refused, Sound
from registry.tables import drafts, events, receipts, revisions

CHANGING = [column.name for column in drafts.columns if column.name not in ("position", "draft")]
REVISE = (
    update(drafts)
    .where(drafts.c.draft == bindparam("of_draft"))
    .values({name: bindparam(f"new_{name}") for name in CHANGING})
)


@dataclass(slots=True)
class Rows:
    """What a batch is going to write."""

    events: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    new_drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed_drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    evidence: list[dict[str, Any]] = field(default_factory=list)

    def draft(self, row: dict[str, Any], new: bool) -> None:
        """A draft's row in its latest form; the last one counts."""
        name = row["draft"]
        (self.new_drafts if new or name in self.new_drafts else self.changed_drafts)[name] = row

    def write(self, connection: Connection) -> None:
        """Write them all, an event before what names it."""
        bulk.insert(connection, events, self.events)
        bulk.insert(connection, receipts, self.receipts)
        bulk.insert(connection, drafts, list(self.new_drafts.values()))
        bulk.insert(connection, revisions, self.revisions)
        _update_drafts(connection, list(self.changed_drafts.values()))
        book.note(connection, self.evidence)


def event_row(sound: Sound, now: datetime) -> dict[str, Any]:
    """The row of an accepted event."""
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
        "received_at": now,
        "digest": sound.arrival.digest,
        "body": sound.arrival.body,
    }


def refusal_row(finding: Refused, receipt: bytes | None, now: datetime) -> dict[str, Any]:
    """The row of something refused for the first time."""
    arrival, identity = finding.arrival, finding.identity
    return {
        "first_at": now,
        "last_at": now,
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


def parked_row(finding: Parked, now: datetime) -> dict[str, Any]:
    """The row of something parked for the first time."""
    arrival = finding.arrival
    return {
        "first_at": now,
        "last_at": now,
        "times": 1,
        "topic": arrival.topic,
        "depot": finding.gate.depot,
        "gate": finding.gate.gate,
        "key": finding.key,
        "reason": finding.reason.value,
        "digest": arrival.digest,
        "body": arrival.body,
    }


def _update_drafts(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    values = [{"of_draft": row["draft"], **{f"new_{name}": row[name] for name in CHANGING}} for row in rows]
    connection.execute(REVISE, values)
