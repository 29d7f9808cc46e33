"""Events, receipts, refusals, parked events, keys, drafts, revisions, counters, heads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.tables import Bytes, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "counters",
        sa.Column("oce", sa.String(length=8), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("oce", "year", name=op.f("pk_counters")),
    )
    op.create_table(
        "events",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=104), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("time", Moment(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("gate", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=255), nullable=False),
        sa.Column("draft", sa.String(length=64), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", Bytes(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
        sa.UniqueConstraint("source", "sequence", name=op.f("uq_events_source_sequence")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_draft"), "events", ["draft"], unique=False)
    op.create_table(
        "heads",
        sa.Column("source", sa.String(length=104), nullable=False),
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("gate", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("gap_since", Moment(), nullable=True),
        sa.Column("asked_at", Moment(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_heads")),
    )
    op.create_table(
        "keys",
        sa.Column("owner", sa.String(length=65), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", Moment(), nullable=False),
        sa.Column("accepted_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("owner", "id", name=op.f("pk_keys")),
    )
    op.create_table(
        "parked",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=255), nullable=False),
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("gate", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", Bytes(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_parked")),
        sa.UniqueConstraint("digest", "topic", name=op.f("uq_parked_digest_topic")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_parked_depot_gate", "parked", ["depot", "gate"], unique=False)
    op.create_table(
        "refusals",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("alarm", sa.Boolean(), nullable=False),
        sa.Column("authentic", sa.Boolean(), nullable=False),
        sa.Column("event", sa.String(length=36), nullable=True),
        sa.Column("source", sa.String(length=104), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.Column("key", sa.String(length=16), nullable=True),
        sa.Column("body", Bytes(), nullable=False),
        sa.Column("receipt", Bytes(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_refusals")),
        sa.UniqueConstraint("digest", "topic", name=op.f("uq_refusals_digest_topic")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_refusals_source_sequence", "refusals", ["source", "sequence"], unique=False)
    op.create_table(
        "verified",
        sa.Column("source", sa.String(length=104), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_verified")),
    )
    op.create_table(
        "drafts",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("draft", sa.String(length=64), nullable=False),
        sa.Column("delivery_number", sa.String(length=30), nullable=False),
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("gate", sa.String(length=32), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("event", sa.String(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(length=32), nullable=False),
        sa.Column("visit", sa.Text(), nullable=False),
        sa.Column("stay", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("report", sa.String(length=3), nullable=False),
        sa.Column("entered_at", Moment(), nullable=False),
        sa.Column("document_type", sa.String(length=3), nullable=True),
        sa.Column("document_number", sa.String(length=20), nullable=True),
        sa.Column("container", sa.String(length=11), nullable=True),
        sa.Column("size_type", sa.String(length=4), nullable=True),
        sa.Column("weight_kg", sa.Integer(), nullable=True),
        sa.Column("packages", sa.Integer(), nullable=True),
        sa.Column("packaging", sa.String(length=3), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_drafts_event")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_drafts")),
        sa.UniqueConstraint("delivery_number", name=op.f("uq_drafts_delivery_number")),
        sa.UniqueConstraint("draft", name=op.f("uq_drafts_draft")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_drafts_depot_received_at", "drafts", ["depot", "received_at"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("event", sa.String(length=36), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("body", Bytes(), nullable=False),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_receipts_event")),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_receipts")),
    )
    op.create_table(
        "revisions",
        sa.Column("event", sa.String(length=36), nullable=False),
        sa.Column("draft", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_revisions_event")),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_revisions")),
    )
    op.create_index("ix_revisions_draft_revision", "revisions", ["draft", "revision"], unique=False)
