"""Which files drafts name, and which of them have arrived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.tables import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of evidence."""
    op.create_table(
        "evidence",
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("event", sa.String(length=36), nullable=False),
        sa.Column("named_at", Moment(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("gate", sa.String(length=32), nullable=True),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_evidence_event")),
        sa.PrimaryKeyConstraint("depot", "digest", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_state_settled_at", "evidence", ["state", "settled_at"], unique=False)
