"""What has happened to a base document, in one row of time: reports, corrections, notices, what people said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from record.messages import Phrase
from registry.corrections.tables import correction_changes, corrections
from registry.daes import book
from registry.daes.book import Declaration
from registry.notices import book as notices
from registry.reports.tables import report_changes, reports

MOST = 300
"""Moments shown, the newest."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: when, what, to which, by whom."""

    at: datetime
    what: Phrase
    name: str | None
    subject: str = ""
    place: str | None = None
    reason: str = ""


def timeline(
    connection: Connection, declaration: Declaration, reports_: Sequence[int], notices_: Sequence[int]
) -> list[Moment]:
    """The newest first."""
    found = [
        *_reports(connection, reports_),
        *_corrections(connection, reports_),
        *_notices(connection, notices_),
        *_said(connection, declaration),
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)[:MOST]


def _reports(connection: Connection, positions: Sequence[int]) -> Iterator[Moment]:
    query = (
        select(report_changes, reports.c.id, reports.c.delivery_number)
        .join(reports, reports.c.position == report_changes.c.report)
        .where(report_changes.c.report.in_(positions))
        .order_by(report_changes.c.position.desc())
        .limit(MOST)
    )
    for row in connection.execute(query):
        what = Phrase(f"console.change.{row.what}")
        yield Moment(row.at, what, _name(row), row.delivery_number, f"/reports/{row.id}", row.reason)


def _corrections(connection: Connection, positions: Sequence[int]) -> Iterator[Moment]:
    query = (
        select(correction_changes, corrections.c.id, corrections.c.number)
        .join(corrections, corrections.c.position == correction_changes.c.correction)
        .where(corrections.c.report.in_(positions))
        .order_by(correction_changes.c.position.desc())
        .limit(MOST)
    )
    for row in connection.execute(query):
        params = {"what": Phrase(f"console.correction.change.{row.what}")}
        what = Phrase("console.dae.correction", params)
        yield Moment(row.at, what, _name(row), row.number, f"/corrections/{row.id}", row.reason)


def _notices(connection: Connection, positions: Sequence[int]) -> Iterator[Moment]:
    for row in notices.history(connection, positions):
        what = Phrase(f"console.dae.notice.{row.kind}.{row.what}")
        yield Moment(row.at, what, _name(row), row.notice_id, None, row.reason)


def _said(connection: Connection, declaration: Declaration) -> Iterator[Moment]:
    for row in book.history(connection, declaration.position):
        yield Moment(row.at, Phrase(f"console.dae.change.{row.what}"), _name(row), reason=row.reason)


def _name(row: Row[Any]) -> str | None:
    value = row._mapping["name"]
    return str(value) if value else None
