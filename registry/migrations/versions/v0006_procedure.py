"""Corrections, what gates are told, what is known of each base document, and what gates say of themselves."""

from __future__ import annotations

import sqlalchemy as sa
import uuid_utils
from alembic import op

from registry.tables import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY = ("correction_changes", "notice_changes", "declaration_changes")
AT_ONCE = 1000

DOCUMENTS = """
SELECT depot, document_type AS type, document_number AS number, min(received_at) AS seen_at
FROM reports WHERE document_number IS NOT NULL GROUP BY depot, document_type, document_number
"""
INSERT = """
INSERT INTO declarations (id, version, depot, type, number, seen_at)
VALUES (:id, 0, :depot, :type, :number, :seen_at)
"""


def upgrade() -> None:
    """Make the tables; every document that a report names is known; find visits by their time."""
    _corrections()
    _notices()
    _declarations()
    op.create_table(
        "gate_states",
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("gate", sa.String(length=32), nullable=False),
        sa.Column("state", sa.JSON(), nullable=True),
        sa.Column("state_at", Moment(), nullable=True),
        sa.Column("health", sa.JSON(), nullable=True),
        sa.Column("health_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("depot", "gate", name=op.f("pk_gate_states")),
    )
    op.create_index(
        "ix_events_visits",
        "events",
        ["depot", "time"],
        unique=False,
        sqlite_where=sa.text("type = 'ec.iie.visit.closed'"),
        postgresql_where=sa.text("type = 'ec.iie.visit.closed'"),
    )
    for table in APPEND_ONLY:
        _append_only(table)
    _meet_documents()


def _meet_documents() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text(DOCUMENTS))
    while some := rows.fetchmany(AT_ONCE):
        made = [{"id": str(uuid_utils.uuid7()), **row._mapping} for row in some]
        connection.execute(sa.text(INSERT), made)


def _corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("report", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("twin", sa.String(length=36), nullable=True),
        sa.Column("successor", sa.Integer(), nullable=True),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["reports.position"], name=op.f("fk_corrections_report")),
        sa.ForeignKeyConstraint(["successor"], ["reports.position"], name=op.f("fk_corrections_successor")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_corrections")),
        sa.UniqueConstraint("id", name=op.f("uq_corrections_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_corrections_report_position", "corrections", ["report", "position"], unique=False)
    op.create_index(
        "ix_corrections_state_changed_at_position",
        "corrections",
        ["state", "changed_at", "position"],
        unique=False,
    )
    op.create_index("ix_corrections_successor", "corrections", ["successor"], unique=False)
    op.create_table(
        "correction_changes",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("correction", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=True),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction"], ["corrections.position"], name=op.f("fk_correction_changes_correction")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_correction_changes")),
        sa.UniqueConstraint("correction", "version", name=op.f("uq_correction_changes_correction_version")),
        sqlite_autoincrement=True,
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("valid_until", Moment(), nullable=True),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("taken_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.Column("published_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_notices")),
        sa.UniqueConstraint("kind", "depot", "id", name=op.f("uq_notices_kind_depot_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_notices_kind_changed_at_position", "notices", ["kind", "changed_at", "position"], unique=False
    )
    op.create_index(
        "ix_notices_waiting",
        "notices",
        ["position"],
        unique=False,
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "notice_changes",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notices.position"], name=op.f("fk_notice_changes_notice")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_notice_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_notice_changes_notice_position", "notice_changes", ["notice", "position"], unique=False
    )
    op.create_table(
        "notice_keys",
        sa.Column("notice", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notices.position"], name=op.f("fk_notice_keys_notice")),
        sa.PrimaryKeyConstraint("notice", "kind", "value", name=op.f("pk_notice_keys")),
    )
    op.create_index(
        "ix_notice_keys_value_kind_notice", "notice_keys", ["value", "kind", "notice"], unique=False
    )


def _declarations() -> None:
    op.create_table(
        "declarations",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("depot", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=3), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("packages", sa.Integer(), nullable=True),
        sa.Column("weight_kg", sa.Integer(), nullable=True),
        sa.Column("containers", sa.Integer(), nullable=True),
        sa.Column("exporter", sa.Text(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("ends_at", Moment(), nullable=True),
        sa.Column("regularised_at", Moment(), nullable=True),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_declarations")),
        sa.UniqueConstraint("depot", "type", "number", name=op.f("uq_declarations_depot_type_number")),
        sa.UniqueConstraint("id", name=op.f("uq_declarations_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_declarations_depot_position", "declarations", ["depot", "position"], unique=False)
    op.create_index("ix_declarations_number", "declarations", ["number"], unique=False)
    op.create_table(
        "declaration_changes",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("declaration", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["declaration"], ["declarations.position"], name=op.f("fk_declaration_changes_declaration")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_declaration_changes")),
        sa.UniqueConstraint(
            "declaration", "version", name=op.f("uq_declaration_changes_declaration_version")
        ),
        sqlite_autoincrement=True,
    )


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
