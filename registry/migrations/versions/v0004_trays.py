"""The tray of each report, so that the inbox is found by an index however many reports there are.

SQLite takes a partial index only for a condition written as the index has it: SQLAlchemy writes ``pending = 1``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TRAYS = """
UPDATE reports SET
  tray = CASE
    WHEN state = 'draft' AND open_matters > 0 THEN 'complete'
    WHEN state = 'draft' THEN 'review'
    WHEN state = 'reviewed' THEN 'export'
    WHEN state IN ('exported', 'queued', 'sent') THEN 'waiting'
    WHEN state IN ('rejected', 'error') THEN 'refused'
  END,
  disputed = (proposed IS NOT NULL OR voided)
"""


def upgrade() -> None:
    """Add the columns, fill them, find by them."""
    op.add_column("reports", sa.Column("tray", sa.String(length=8), nullable=True))
    op.add_column("reports", sa.Column("disputed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(TRAYS)
    op.create_index("ix_reports_tray_entered_at_position", "reports", ["tray", "entered_at", "position"])
    op.create_index(
        "ix_reports_disputed",
        "reports",
        ["entered_at", "position"],
        sqlite_where=sa.text("disputed = 1"),
        postgresql_where=sa.text("disputed"),
    )
    op.drop_index("ix_drafts_pending", "drafts")
    op.create_index(
        "ix_drafts_pending",
        "drafts",
        ["position"],
        sqlite_where=sa.text("pending = 1"),
        postgresql_where=sa.text("pending"),
    )
