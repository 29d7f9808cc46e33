"""The tables of transmission.

transmissions             one row each time that a report is queued: attempts, when it left, whether it surely arrived
correction_transmissions  the same of corrections
transmission_answers      every answer that was heard, by customs' reference: each is laid upon one document once
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from registry.tables import Moment, metadata


def _legs(name: str, of: str, papers: str, *indexes: Index) -> Table:
    """What is known of each time that a document of one kind is queued."""
    return Table(
        name,
        metadata,
        Column(of, Integer, ForeignKey(f"{papers}.position"), primary_key=True, autoincrement=False),
        Column("queued", Integer, primary_key=True, autoincrement=False),
        Column("number", String(30), nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("next_at", Moment, nullable=False),
        Column("began_at", Moment),
        Column("sent_at", Moment),
        Column("unsure", Boolean, nullable=False, server_default=false()),
        Column("overdue_at", Moment),
        Column("trouble", Text),
        *indexes,
    )


transmissions = _legs("transmissions", "report", "reports", Index("ix_transmissions_number", "number"))
correction_transmissions = _legs("correction_transmissions", "correction", "corrections")
"""``queued`` is the document's version with which it was queued. ``began_at`` is set while it is on its way: where it
still stands at a start, nobody knows whether it arrived."""

transmission_answers = Table(
    "transmission_answers",
    metadata,
    Column("reference", String(64), primary_key=True),
    Column("heard_at", Moment, nullable=False),
    Column("number", String(30), nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("faults", JSON, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("correction", String(36)),
    Index("ix_transmission_answers_number", "number"),
)
"""``correction`` is the id of the correction that it was laid upon; null where it was a report's, or nobody knows."""
