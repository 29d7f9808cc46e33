"""The table of evidence: one row a file that a draft of a depot names, whether it has arrived or not."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from registry.tables import Moment, metadata


class Keeping(StrEnum):
    """What has become of a file.

    awaited ──▶ held ──▶ erased (at its age)
       └──────▶ refused (it is none of the kinds that are taken)
    """

    AWAITED = "awaited"
    HELD = "held"
    REFUSED = "refused"
    ERASED = "erased"


evidence = Table(
    "evidence",
    metadata,
    Column("depot", String(32), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("event", String(36), ForeignKey("events.id"), nullable=False),
    Column("named_at", Moment, nullable=False),
    Column("media_type", String(40)),
    Column("size", Integer),
    Column("gate", String(32)),
    Column("settled_at", Moment),
    Index("ix_evidence_state_settled_at", "state", "settled_at"),
)
"""``event`` is the first that named the file; ``settled_at`` when it was held, refused or erased."""
