"""Corrections that are transmitted to customs' system, and which answer was laid upon which of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.tables import Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; answers that were heard so far are of reports."""
    op.create_table(
        "correction_transmissions",
        sa.Column("correction", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queued", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("began_at", Moment(), nullable=True),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("unsure", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("overdue_at", Moment(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["correction"], ["corrections.position"], name="fk_correction_transmissions_correction"
        ),
        sa.PrimaryKeyConstraint("correction", "queued", name="pk_correction_transmissions"),
    )
    op.add_column("transmission_answers", sa.Column("correction", sa.String(length=36), nullable=True))
