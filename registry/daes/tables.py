"""The tables of base documents.

declarations         one row a document and depot: what people know of it from customs
declaration_changes  every change with who, when and why; rows are added and never changed (a trigger refuses)
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from registry.tables import Moment, metadata

declarations = Table(
    "declarations",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("depot", String(32), nullable=False),
    Column("type", String(3), nullable=False),
    Column("number", String(20), nullable=False),
    Column("packages", Integer),
    Column("weight_kg", Integer),
    Column("containers", Integer),
    Column("exporter", Text),
    Column("channel", String(40)),
    Column("status", String(40)),
    Column("ends_at", Moment),
    Column("regularised_at", Moment),
    Column("seen_at", Moment, nullable=False),
    UniqueConstraint("depot", "type", "number"),
    Index("ix_declarations_number", "number"),
    Index("ix_declarations_depot_position", "depot", "position"),
    sqlite_autoincrement=True,
)
"""``version`` counts what people have said of it; 0 where nobody has. ``seen_at`` is when the registry first met
it, in a report or in an announcement."""

declaration_changes = Table(
    "declaration_changes",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("declaration", Integer, ForeignKey("declarations.position"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("what", String(16), nullable=False),
    Column("user", String(36), nullable=False),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    UniqueConstraint("declaration", "version"),
    sqlite_autoincrement=True,
)
