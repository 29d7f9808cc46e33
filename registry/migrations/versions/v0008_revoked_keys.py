"""Keys of gates that a person has revoked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.tables import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for when it was."""
    op.add_column("keys", sa.Column("revoked_at", Moment(), nullable=True))
