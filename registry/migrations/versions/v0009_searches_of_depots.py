"""Indexes for what is looked for within a depot: by state, and by kind of report."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    for column in ("state", "report"):
        columns = ["depot", column, "entered_at", "position"]
        op.create_index(f"ix_reports_{'_'.join(columns)}", "reports", columns)
