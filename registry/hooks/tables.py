"""The tables of webhooks.

hooks            where changes go, and since when the receiver does not answer
hook_places      per hook and depot: up to where the changes told have become deliveries
hook_deliveries  one row a change and hook: waiting, delivered or given up
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from registry.tables import Moment, metadata

hooks = Table(
    "hooks",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("url", Text, nullable=False),
    Column("depots", JSON(none_as_null=True)),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("removed_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
)
"""``failures`` counts attempts in a row at which nobody answered; until ``next_at`` nothing is sent."""

Index(
    "ix_hooks_name",
    hooks.c.name,
    unique=True,
    sqlite_where=hooks.c.removed_at.is_(None),
    postgresql_where=hooks.c.removed_at.is_(None),
)

hook_places = Table(
    "hook_places",
    metadata,
    Column("hook", String(36), ForeignKey("hooks.id"), primary_key=True),
    Column("depot", String(32), primary_key=True),
    Column("position", Integer, nullable=False),
)

hook_deliveries = Table(
    "hook_deliveries",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("hook", String(36), ForeignKey("hooks.id"), nullable=False),
    Column("event", String(36), nullable=False),
    Column("report", Integer, nullable=False),
    Column("state", String(9), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("settled_at", Moment),
    Column("status", Integer),
    Column("error", Text),
    UniqueConstraint("hook", "event"),
    Index("ix_hook_deliveries_settled_at", "settled_at"),
    sqlite_autoincrement=True,
)
"""``status`` is what the receiver answered last, ``error`` why there was no answer."""

Index(
    "ix_hook_deliveries_waiting",
    hook_deliveries.c.hook,
    hook_deliveries.c.report,
    hook_deliveries.c.position,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
