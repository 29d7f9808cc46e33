"""The tables of reports.

reports          one row a report: its state, and the values that people look for, person over machine
report_keys      every container, plate and document of a report, to be found by
report_entries   what people said of a field, beside what the machine had said
report_changes   every change with who, when and why; rows are added and never changed (a trigger refuses)
report_chains    per depot: the chain of events that tell of reports
report_outbox    those events, until the broker has each
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    text,
)

from registry.tables import Bytes, Moment, metadata

reports = Table(
    "reports",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("depot", String(32), nullable=False),
    Column("gate", String(32)),
    Column("lane", String(32)),
    Column("draft", String(64), unique=True),
    Column("event", String(36), ForeignKey("events.id")),
    Column("proposed", String(36), ForeignKey("events.id")),
    Column("voided", Boolean, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("delivery_number", String(30), nullable=False, unique=True),
    Column("report", String(3), nullable=False),
    Column("entered_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("open_matters", Integer, nullable=False),
    Column("document_type", String(3)),
    Column("document_number", String(20)),
    Column("container", String(11)),
    Column("items", Integer, nullable=False),
    Column("weight_kg", Integer),
    Column("packages", Integer),
    Column("description", Text),
    Column("tray", String(8)),
    Column("disputed", Boolean, nullable=False, server_default=false()),
    Index("ix_reports_tray_entered_at_position", "tray", "entered_at", "position"),
    Index("ix_reports_entered_at_position", "entered_at", "position"),
    Index("ix_reports_depot_entered_at_position", "depot", "entered_at", "position"),
    Index("ix_reports_state_entered_at_position", "state", "entered_at", "position"),
    Index("ix_reports_depot_state_entered_at_position", "depot", "state", "entered_at", "position"),
    Index("ix_reports_depot_report_entered_at_position", "depot", "report", "entered_at", "position"),
    sqlite_autoincrement=True,
)
"""``event`` brought the machine's values in use, ``proposed`` newer ones that nobody has applied;
``open_matters`` counts what keeps the report from review. ``voided``: the gate took it back too late.
``tray`` is where it lies in the inbox, ``disputed`` that the gate would have it otherwise."""

Index(
    "ix_reports_disputed",
    reports.c.entered_at,
    reports.c.position,
    sqlite_where=text("disputed = 1"),
    postgresql_where=reports.c.disputed,
)

Index(
    "ix_reports_exits",
    reports.c.depot,
    reports.c.report,
    reports.c.state,
    reports.c.entered_at,
    reports.c.position,
    sqlite_where=text("report = 'ISE'"),
    postgresql_where=text("report = 'ISE'"),
)
"""Exits are few: nobody reads a year of entries to find none of them."""

report_keys = Table(
    "report_keys",
    metadata,
    Column("report", Integer, ForeignKey("reports.position"), primary_key=True, autoincrement=False),
    Column("kind", String(9), primary_key=True),
    Column("value", String(32), primary_key=True),
    Index("ix_report_keys_value_kind_report", "value", "kind", "report"),
)

PLATES: ColumnElement[bool] = literal_column("report_keys.kind = 'plate'")
"""As the partial index has it: a bound value would not be recognised (SQLite, partial indexes, 3)."""

Index(
    "ix_report_keys_plates",
    report_keys.c.report,
    sqlite_where=text("kind = 'plate'"),
    postgresql_where=text("kind = 'plate'"),
)
"""Plates alone, the oldest first: they are forgotten at the age of personal data."""

report_entries = Table(
    "report_entries",
    metadata,
    Column("report", Integer, ForeignKey("reports.position"), primary_key=True, autoincrement=False),
    Column("field", String(64), primary_key=True),
    Column("value", JSON(none_as_null=False)),
    Column("machine", JSON(none_as_null=False)),
    Column("user", String(36), nullable=False),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("second", Boolean, nullable=False),
    Column("confirmed_user", String(36)),
    Column("confirmed_name", String(64)),
    Column("confirmed_at", Moment),
)
"""``second``: another person has to confirm it."""

report_changes = Table(
    "report_changes",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("report", Integer, ForeignKey("reports.position"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("what", String(16), nullable=False),
    Column("before", String(16)),
    Column("after", String(16), nullable=False),
    Column("user", String(36)),
    Column("name", String(64)),
    Column("role", String(16)),
    Column("reason", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    UniqueConstraint("report", "version"),
    sqlite_autoincrement=True,
)
"""``user`` is null where a gate or the machine did it."""

report_chains = Table(
    "report_chains",
    metadata,
    Column("depot", String(32), primary_key=True),
    Column("source", String(104), nullable=False, unique=True),
    Column("sequence", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

report_outbox = Table(
    "report_outbox",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("depot", String(32), nullable=False),
    Column("report", Integer, ForeignKey("reports.position"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("body", Bytes, nullable=False),
    Index("ix_report_outbox_depot_position", "depot", "position"),
    sqlite_autoincrement=True,
)
Index(
    "ix_report_outbox_waiting",
    report_outbox.c.position,
    sqlite_where=report_outbox.c.sent_at.is_(None),
    postgresql_where=report_outbox.c.sent_at.is_(None),
)
