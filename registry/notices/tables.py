"""The tables of what gates are told.

notices         one row an announcement or a release, in its newest version, also when it is withdrawn
notice_keys     the document, containers and plates that it is found by
notice_changes  every change with who, when and from where; rows are added and never changed (a trigger refuses)
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from registry.tables import Moment, metadata

notices = Table(
    "notices",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(9), nullable=False),
    Column("depot", String(32), nullable=False),
    Column("id", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    Column("valid_until", Moment),
    Column("origin", String(16), nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
    Column("published_at", Moment),
    UniqueConstraint("kind", "depot", "id"),
    Index("ix_notices_kind_changed_at_position", "kind", "changed_at", "position"),
    sqlite_autoincrement=True,
)
"""``body`` is the record as its gates get it, without the proof. ``published_at`` is null until the broker has the
newest change of it."""

Index(
    "ix_notices_waiting",
    notices.c.position,
    sqlite_where=text("published_at IS NULL"),
    postgresql_where=text("published_at IS NULL"),
)

notice_keys = Table(
    "notice_keys",
    metadata,
    Column("notice", Integer, ForeignKey("notices.position"), primary_key=True, autoincrement=False),
    Column("kind", String(9), primary_key=True),
    Column("value", String(64), primary_key=True),
    Index("ix_notice_keys_value_kind_notice", "value", "kind", "notice"),
)

notice_changes = Table(
    "notice_changes",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("notice", Integer, ForeignKey("notices.position"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("what", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("user", String(36)),
    Column("name", String(64), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_notice_changes_notice_position", "notice", "position"),
    sqlite_autoincrement=True,
)
