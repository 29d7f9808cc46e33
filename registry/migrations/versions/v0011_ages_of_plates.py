"""Plates that reports are found by, the oldest first: they are forgotten at the age of personal data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    plates = sa.text("kind = 'plate'")
    op.create_index(
        "ix_report_keys_plates", "report_keys", ["report"], sqlite_where=plates, postgresql_where=plates
    )
