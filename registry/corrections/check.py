"""Corrections checked anew: each has its history whole."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from registry.corrections.tables import correction_changes, corrections
from registry.findings import Report


def check_corrections(connection: Connection, report: Report) -> None:
    """Note each correction whose history has not as many rows as it has versions."""
    counts = (
        select(correction_changes.c.correction, func.count().label("rows"))
        .group_by(correction_changes.c.correction)
        .subquery()
    )
    rows = func.coalesce(counts.c.rows, 0)
    query = (
        select(corrections.c.id, corrections.c.version, rows.label("rows"))
        .outerjoin(counts, counts.c.correction == corrections.c.position)
        .where(rows != corrections.c.version)
    )
    for row in connection.execute(query):
        report.add("correction_history", correction=row.id, version=row.version, rows=row._mapping["rows"])
