"""People, reports, and which drafts wait to become one.

What people did is never changed: a trigger refuses to update or delete a row of ``report_changes`` or ``audit``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.tables import Bytes, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("report_changes", "audit")


def upgrade() -> None:
    """Make the tables of people and of reports."""
    op.create_table(
        "audit",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_user_position", "audit", ["user", "position"], unique=False)
    op.create_table(
        "login_failures",
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_login_failures")),
    )
    op.create_table(
        "report_chains",
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=104), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("depot", name=op.f("pk_report_chains")),
        sa.UniqueConstraint("source", name=op.f("uq_report_chains_source")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("depots", sa.JSON(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "login_links",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_login_links_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_links")),
    )
    op.create_table(
        "reports",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("gate", sa.String(length=32), nullable=True),
        sa.Column("lane", sa.String(length=32), nullable=True),
        sa.Column("draft", sa.String(length=64), nullable=True),
        sa.Column("event", sa.String(length=36), nullable=True),
        sa.Column("proposed", sa.String(length=36), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("delivery_number", sa.String(length=30), nullable=False),
        sa.Column("report", sa.String(length=3), nullable=False),
        sa.Column("entered_at", Moment(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("open_matters", sa.Integer(), nullable=False),
        sa.Column("document_type", sa.String(length=3), nullable=True),
        sa.Column("document_number", sa.String(length=20), nullable=True),
        sa.Column("container", sa.String(length=11), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("weight_kg", sa.Integer(), nullable=True),
        sa.Column("packages", sa.Integer(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_reports_event")),
        sa.ForeignKeyConstraint(["proposed"], ["events.id"], name=op.f("fk_reports_proposed")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_reports")),
        sa.UniqueConstraint("delivery_number", name=op.f("uq_reports_delivery_number")),
        sa.UniqueConstraint("draft", name=op.f("uq_reports_draft")),
        sa.UniqueConstraint("id", name=op.f("uq_reports_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_reports_depot_entered_at_position", "reports", ["depot", "entered_at", "position"], unique=False
    )
    op.create_index("ix_reports_entered_at_position", "reports", ["entered_at", "position"], unique=False)
    op.create_index(
        "ix_reports_state_entered_at_position", "reports", ["state", "entered_at", "position"], unique=False
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_sessions_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user"), "sessions", ["user"], unique=False)
    op.create_table(
        "report_changes",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("report", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=True),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["reports.position"], name=op.f("fk_report_changes_report")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_report_changes")),
        sa.UniqueConstraint("report", "version", name=op.f("uq_report_changes_report_version")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "report_entries",
        sa.Column("report", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("machine", sa.JSON(), nullable=True),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("second", sa.Boolean(), nullable=False),
        sa.Column("confirmed_user", sa.String(length=36), nullable=True),
        sa.Column("confirmed_name", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["report"], ["reports.position"], name=op.f("fk_report_entries_report")),
        sa.PrimaryKeyConstraint("report", "field", name=op.f("pk_report_entries")),
    )
    op.create_table(
        "report_keys",
        sa.Column("report", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["reports.position"], name=op.f("fk_report_keys_report")),
        sa.PrimaryKeyConstraint("report", "kind", "value", name=op.f("pk_report_keys")),
    )
    op.create_index(
        "ix_report_keys_value_kind_report", "report_keys", ["value", "kind", "report"], unique=False
    )
    op.create_table(
        "report_outbox",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("report", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("body", Bytes(), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["reports.position"], name=op.f("fk_report_outbox_report")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_report_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_report_outbox_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_report_outbox_waiting",
        "report_outbox",
        ["position"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.add_column("drafts", sa.Column("pending", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_index(
        "ix_drafts_pending",
        "drafts",
        ["position"],
        unique=False,
        sqlite_where=sa.text("pending"),
        postgresql_where=sa.text("pending"),
    )
    for table in APPEND_ONLY:
        _append_only(table)


def _append_only(table: str) -> None:
    """Let rows be added to a table, and nothing else."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
