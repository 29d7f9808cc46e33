"""Exits (ISE) against releases (RADS): which cargo has left, or is about to, without customs' release."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from record.draft import BaseDocument, DocumentType
from registry.notices import book as notices
from registry.notices.book import Notice
from registry.people.who import Who
from registry.reports.book import Book
from registry.reports.state import OPEN, State
from registry.reports.tables import report_keys, reports

GONE = frozenset({State.WITHDRAWN, State.CANCELLED})
LOOKED_AT = 500
"""Newest exits among which those without a release are looked for."""


def recount_exits(book: Book, depot: str, notice: Notice) -> int:
    """Count anew what keeps exits from review that a release names; how many exits."""
    keys = [*(notice.keys.containers), *([notice.keys.document.number] if notice.keys.document else [])]
    found = (
        select(reports.c.id)
        .join(report_keys, report_keys.c.report == reports.c.position)
        .where(
            report_keys.c.value.in_(keys),
            report_keys.c.kind.in_(("document", "container")),
            reports.c.depot == depot,
            reports.c.report == "ISE",
            reports.c.state.in_(sorted(OPEN)),
        )
        .distinct()
    )
    ids = book.connection.execute(found).scalars().all()
    for identity in ids:
        report = book.find(identity, lock=True)
        if report is not None:
            book.recount(report)
    return len(ids)


def without_release(connection: Connection, who: Who, most: int = 50) -> list[Row[Any]]:
    """The newest exits that no release covers, of the newest `LOOKED_AT`."""
    query = select(reports).where(reports.c.report == "ISE", reports.c.state.notin_(sorted(GONE)))
    if who.depots is not None:
        query = query.where(reports.c.depot.in_(who.depots))
    rows = connection.execute(query.order_by(reports.c.position.desc()).limit(LOOKED_AT)).all()
    found: list[Row[Any]] = []
    for row in rows:
        if len(found) < most and _release(connection, row) is None:
            found.append(row)
    return found


def _release(connection: Connection, row: Row[Any]) -> Row[Any] | None:
    document = None
    if row.document_type is not None and row.document_number is not None:
        document = BaseDocument(type=DocumentType(row.document_type), number=row.document_number)
    named = select(report_keys.c.value).where(
        report_keys.c.report == row.position, report_keys.c.kind == "container"
    )
    containers = connection.execute(named).scalars().all()
    return notices.release_of(connection, row.depot, document, containers, row.entered_at)
