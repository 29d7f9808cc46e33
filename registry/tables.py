"""The registry's tables.

events        every accepted event: its bytes as they came; unique id, unique (source, sequence)
receipts      the signed answer to each accepted event, byte for byte
refusals      what was refused, with reasons, counted; ``authentic`` ones keep their place in the chain
parked        events signed by a key that nobody has accepted yet: no answer until it is
keys          every public key that was ever accepted for a gate, and the registry's own
drafts        one row a draft: its número de entrega and its latest revision, ready to be listed
revisions     which event brought which revision
counters      the last número de entrega of each OCE code and year
heads         per source: the last event without a gap before it, the highest seen, what was asked for again
verified      per source: how far the sweep has found the chain unbroken
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A time in UTC; a database without zones gets it without and gives it back with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """To the database; to SQLite as the text by which SQLAlchemy stores a time, which the standard library writes
        several times as fast."""
        return _text_of if dialect.name == "sqlite" else self.impl_instance.bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if not isinstance(value, datetime) or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def _text_of(value: datetime | None) -> str | None:
    if value is None:
        return None
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


class Bytes(TypeDecorator[bytes]):
    """Bytes; also where somebody's SQL has left text in SQLite's untyped column."""

    impl = LargeBinary
    cache_ok = True

    def process_result_value(self, value: bytes | str | None, dialect: Dialect) -> bytes | None:
        """From the database."""
        return value.encode() if isinstance(value, str) else value


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

events = Table(
    "events",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("source", String(104), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("type", String(40), nullable=False),
    Column("time", Moment, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("link", String(64), nullable=False),
    Column("key", String(16), nullable=False),
    Column("depot", String(32), nullable=False),
    Column("gate", String(32), nullable=False),
    Column("topic", String(255), nullable=False),
    Column("draft", String(64), index=True),
    Column("simulated", Boolean, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Bytes, nullable=False),
    UniqueConstraint("source", "sequence"),
    sqlite_autoincrement=True,
)
"""``link`` is what the next event's ``previous`` must be: the hash, or that of the dead record it stands for.
``digest`` is the SHA-256 of the body's bytes, proof included."""

Index(
    "ix_events_visits",
    events.c.depot,
    events.c.time,
    sqlite_where=text("type = 'ec.iie.visit.closed'"),
    postgresql_where=text("type = 'ec.iie.visit.closed'"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("event", String(36), ForeignKey("events.id"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("body", Bytes, nullable=False),
)

refusals = Table(
    "refusals",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("alarm", Boolean, nullable=False),
    Column("authentic", Boolean, nullable=False),
    Column("event", String(36)),
    Column("source", String(104)),
    Column("sequence", Integer),
    Column("previous", String(64)),
    Column("hash", String(64)),
    Column("key", String(16)),
    Column("body", Bytes, nullable=False),
    Column("receipt", Bytes),
    UniqueConstraint("digest", "topic"),
    Index("ix_refusals_source_sequence", "source", "sequence"),
    sqlite_autoincrement=True,
)
"""``body`` holds the bytes of an authentic event whole, of anything else the beginning."""

parked = Table(
    "parked",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("topic", String(255), nullable=False),
    Column("depot", String(32), nullable=False),
    Column("gate", String(32), nullable=False),
    Column("key", String(16), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Bytes, nullable=False),
    UniqueConstraint("digest", "topic"),
    Index("ix_parked_depot_gate", "depot", "gate"),
    sqlite_autoincrement=True,
)

keys = Table(
    "keys",
    metadata,
    Column("owner", String(65), primary_key=True),
    Column("id", String(16), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("accepted_by", String(64), nullable=False),
    Column("revoked_at", Moment),
)
"""``owner`` is ``depot/gate``, or `REGISTRY`; ``accepted_by`` is ``settings``, ``person`` (by command) or a key
change's event id. What a revoked key signed before it was revoked stays proved."""

REGISTRY = "registry"
"""Owner of the key that signs receipts and commands."""

drafts = Table(
    "drafts",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("draft", String(64), nullable=False, unique=True),
    Column("delivery_number", String(30), nullable=False, unique=True),
    Column("depot", String(32), nullable=False),
    Column("gate", String(32), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("event", String(36), ForeignKey("events.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("lane", String(32), nullable=False),
    Column("visit", Text, nullable=False),
    Column("stay", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("report", String(3), nullable=False),
    Column("entered_at", Moment, nullable=False),
    Column("document_type", String(3)),
    Column("document_number", String(20)),
    Column("container", String(11)),
    Column("size_type", String(4)),
    Column("weight_kg", Integer),
    Column("packages", Integer),
    Column("packaging", String(3)),
    Column("description", Text),
    Column("pending", Boolean, nullable=False, server_default=true()),
    Index("ix_drafts_depot_received_at", "depot", "received_at"),
    sqlite_autoincrement=True,
)
"""``pending``: the draft has changed since its report was last brought up to it."""

Index(
    "ix_drafts_pending",
    drafts.c.position,
    sqlite_where=text("pending = 1"),
    postgresql_where=drafts.c.pending,
)

revisions = Table(
    "revisions",
    metadata,
    Column("event", String(36), ForeignKey("events.id"), primary_key=True),
    Column("draft", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Index("ix_revisions_draft_revision", "draft", "revision"),
)

counters = Table(
    "counters",
    metadata,
    Column("oce", String(8), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

heads = Table(
    "heads",
    metadata,
    Column("source", String(104), primary_key=True),
    Column("depot", String(32), nullable=False),
    Column("gate", String(32), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("highest", Integer, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("gap_since", Moment),
    Column("asked_at", Moment),
    Column("asked", Integer, nullable=False),
)
"""``gap_since`` is when the gap after ``sequence`` was first seen, ``asked`` how often it was asked for."""

verified = Table(
    "verified",
    metadata,
    Column("source", String(104), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("link", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("problem", Text),
)
