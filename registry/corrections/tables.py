"""The tables of corrections.

corrections         one row a correction: which report, what of it, in which state
correction_changes  every change with who, when and why; rows are added and never changed (a trigger refuses)
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from registry.tables import Moment, metadata

corrections = Table(
    "corrections",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("depot", String(32), nullable=False),
    Column("report", Integer, ForeignKey("reports.position"), nullable=False),
    Column("number", String(30), nullable=False),
    Column("changes", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("twin", String(36)),
    Column("successor", Integer, ForeignKey("reports.position")),
    Column("user", String(36), nullable=False),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("ix_corrections_report_position", "report", "position"),
    Index("ix_corrections_successor", "successor"),
    Index("ix_corrections_state_changed_at_position", "state", "changed_at", "position"),
    sqlite_autoincrement=True,
)
"""``number`` is that of the report which is corrected; ``twin`` the other correction of a swap; ``successor`` the
report that takes the place of a cancelled one; ``user`` who last wrote it, and so does not review it."""

correction_changes = Table(
    "correction_changes",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("correction", Integer, ForeignKey("corrections.position"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("what", String(16), nullable=False),
    Column("before", String(16)),
    Column("after", String(16), nullable=False),
    Column("user", String(36), nullable=False),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    UniqueConstraint("correction", "version"),
    sqlite_autoincrement=True,
)
"""``user``, ``name`` and ``role`` are empty where customs' answer or the registry did it."""
