"""What no event can hold is set aside with its reason: it is told, kept for whoever mends it, and never tried again.

Nothing gets here in ordinary life: drafts are fitted into their events (`gateway.clerk.room`). It is the place of
what only a fault of ours, or a contract that has changed since, can bring about.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from sqlite3 import Connection

from gateway.outbox.letter import Letter
from record.event import EventType

INSERT = "INSERT INTO aside (type, subject, revision, reason, at, topic, data) VALUES (?, ?, ?, ?, ?, ?, ?)"
HOLDS = "SELECT 1 FROM aside WHERE type = ? AND subject IS ? AND (revision IS ? OR ? IS NULL) LIMIT 1"
LIST = "SELECT type, subject, revision, reason, at FROM aside ORDER BY row DESC"

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Aside:
    """One letter that was set aside."""

    type: str
    subject: str | None
    revision: int | None
    reason: str
    at: str


def set_aside(db: Connection, letter: Letter, reason: str, at: str) -> Aside:
    """Keep a letter that no event can hold; runs in the caller's transaction."""
    revision = letter.data.get("revision") if letter.type is EventType.DRAFT else None
    found = Aside(
        letter.type.value,
        letter.subject,
        revision if isinstance(revision, int) else None,
        reason[:LONGEST_REASON],
        at,
    )
    data = json.dumps(dict(letter.data))
    values = [found.type, found.subject, found.revision, found.reason, found.at, letter.topic, data]
    db.execute(INSERT, values)
    return found
