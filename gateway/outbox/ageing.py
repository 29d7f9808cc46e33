"""Ageing: what was received long ago leaves the outbox, from each chain's oldest event on."""

from __future__ import annotations

from gateway.outbox.file import OutboxFile
from record.topics import Gate

SETTLED = (
    "SELECT min(first - 1, last - 1) FROM"
    " (SELECT min(CASE WHEN state IN ('new', 'sent', 'acknowledged') OR changed_at >= ?"
    "  THEN sequence ELSE 2147483647 END) AS first FROM letters WHERE source = ? AND sequence > ?),"
    " (SELECT max(sequence) AS last FROM events WHERE source = ?)"
)
"""Up to where a chain is settled and old; never its last event."""

AGE = (
    "DELETE FROM events WHERE source = ? AND sequence <= ? AND row < (SELECT max(row) FROM events)"
    " AND row IN (SELECT row FROM queue WHERE state = 'received')"
)
NOTE = "UPDATE installations SET aged_through = ? WHERE id = ?"
TIDY = "DELETE FROM queue WHERE row NOT IN (SELECT row FROM events)"


def age_out(file: OutboxFile, gate: Gate, before: str) -> int:
    """Delete what was received before that time; how many events that were.

    The last event of a chain stays, and so does everything that is not received. How far a chain has aged is
    noted with its installation, so that `gateway.outbox.verify` takes it for no hole.
    """
    gone = 0
    with file.writing() as db:
        for installation, aged in db.execute("SELECT id, aged_through FROM installations").fetchall():
            source = gate.source(installation)
            through = db.execute(SETTLED, [before, source, aged, source]).fetchone()[0]
            if through is not None and through > aged:
                gone += db.execute(AGE, [source, through]).rowcount
                db.execute(NOTE, [through, installation])
        if gone:
            db.execute(TIDY)
    return gone
