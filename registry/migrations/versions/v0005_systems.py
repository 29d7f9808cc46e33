"""Other systems: their tokens, webhooks, and what people look for kept out of addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.tables import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of tokens, webhooks and searches; find told changes by depot."""
    _tokens()
    _hooks()
    op.create_table(
        "searches",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_searches_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searches")),
    )
    op.create_index("ix_searches_at", "searches", ["at"])
    op.create_index("ix_report_outbox_depot_position", "report_outbox", ["depot", "position"])


def _tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("depots", sa.JSON(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_tokens_hash")),
    )
    _unique_name("ix_api_tokens_name", "api_tokens", "revoked_at IS NULL")


def _hooks() -> None:
    op.create_table(
        "hooks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("depots", sa.JSON(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hooks")),
    )
    _unique_name("ix_hooks_name", "hooks", "removed_at IS NULL")
    op.create_table(
        "hook_places",
        sa.Column("hook", sa.String(length=36), nullable=False),
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hook"], ["hooks.id"], name=op.f("fk_hook_places_hook")),
        sa.PrimaryKeyConstraint("hook", "depot", name=op.f("pk_hook_places")),
    )
    op.create_table(
        "hook_deliveries",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hook", sa.String(length=36), nullable=False),
        sa.Column("event", sa.String(length=36), nullable=False),
        sa.Column("report", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["hook"], ["hooks.id"], name=op.f("fk_hook_deliveries_hook")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_hook_deliveries")),
        sa.UniqueConstraint("hook", "event", name=op.f("uq_hook_deliveries_hook_event")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hook_deliveries_settled_at", "hook_deliveries", ["settled_at"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_hook_deliveries_waiting",
        "hook_deliveries",
        ["hook", "report", "position"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _unique_name(index: str, table: str, where: str) -> None:
    """A name is unique among those in use."""
    condition = sa.text(where)
    op.create_index(index, table, ["name"], unique=True, sqlite_where=condition, postgresql_where=condition)
