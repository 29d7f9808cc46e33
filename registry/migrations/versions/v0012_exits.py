"""Exit reports, which are few, by depot and state: nobody reads a year of entries to find none of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    exits = sa.text("report = 'ISE'")
    op.create_index(
        "ix_reports_exits",
        "reports",
        ["depot", "report", "state", "entered_at", "position"],
        sqlite_where=exits,
        postgresql_where=exits,
    )
