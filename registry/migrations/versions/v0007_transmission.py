"""Documents that are transmitted to customs' system, and what it answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.tables import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "transmissions",
        sa.Column("report", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queued", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("began_at", Moment(), nullable=True),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("unsure", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("overdue_at", Moment(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["report"], ["reports.position"], name="fk_transmissions_report"),
        sa.PrimaryKeyConstraint("report", "queued", name="pk_transmissions"),
    )
    op.create_index("ix_transmissions_number", "transmissions", ["number"])
    op.create_table(
        "transmission_answers",
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("heard_at", Moment(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_transmission_answers"),
    )
    op.create_index("ix_transmission_answers_number", "transmission_answers", ["number"])
