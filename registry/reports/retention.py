"""Plates are forgotten as something to look for at the age of personal data; the signed events keep them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from registry.reports.tables import PLATES, report_keys, reports

AT_ONCE = 500


def forget_plates(connection: Connection, before: datetime) -> int:
    """Let no report be found by its plates any more that was received before a moment; of how many keys.

    The oldest reports come first: one that is not old ends the search, so that it costs little after years.
    """
    query = (
        select(report_keys.c.report, report_keys.c.value, reports.c.received_at)
        .join(reports, reports.c.position == report_keys.c.report)
        .where(PLATES)
        .order_by(report_keys.c.report)
        .limit(AT_ONCE)
    )
    old = [(row.report, row.value) for row in connection.execute(query) if row.received_at < before]
    if old:
        keys = tuple_(report_keys.c.report, report_keys.c.value)
        connection.execute(delete(report_keys).where(PLATES, keys.in_(old)))
    return len(old)
