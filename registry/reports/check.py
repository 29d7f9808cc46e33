"""What the registry has told of reports, checked anew: each event's signature, each depot's chain up to its head.

Events that the broker has had for long are no longer there; the chain is followed from the first that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select

from record.errors import BadRecord
from record.event import parse
from record.proof import PublicKey, unwire, verify
from registry.findings import Report
from registry.reports.tables import report_chains, report_changes, report_outbox, reports
from registry.walk import STREAM


def check_reports(connection: Connection, own: Mapping[str, PublicKey], report: Report) -> None:
    """Follow the chain of each depot, and the history of each report, and note what is wrong."""
    for chain in connection.execute(select(report_chains)).all():
        _follow(connection, chain, own, report)
    counts = (
        select(
            report_changes.c.report,
            func.count().label("rows"),
            func.max(report_changes.c.version).label("last"),
        )
        .group_by(report_changes.c.report)
        .subquery()
    )
    query = (
        select(reports.c.id, reports.c.version, counts.c.rows, counts.c.last)
        .outerjoin(counts, counts.c.report == reports.c.position)
        .where(
            (counts.c.rows.is_(None))
            | (counts.c.rows != reports.c.version)
            | (counts.c.last != counts.c.rows)
        )
    )
    for row in connection.execute(query):
        report.add("report_history", report=row.id, version=row.version, rows=row._mapping["rows"] or 0)


def _follow(connection: Connection, chain: Row[Any], own: Mapping[str, PublicKey], report: Report) -> None:
    query = (
        select(report_outbox.c.id, report_outbox.c.body)
        .where(report_outbox.c.depot == chain.depot)
        .order_by(report_outbox.c.position)
    )
    sequence, previous = None, None
    for row in connection.execute(query, execution_options={"yield_per": STREAM}):
        try:
            proof = verify(unwire(row.body), own)
            event = parse(row.body)
        except (BadRecord, KeyError) as error:
            report.add("report_event", event=row.id, reason=str(error))
            sequence = previous = None
            continue
        wrong = sequence is not None and (event.sequence, event.previous) != (sequence + 1, previous)
        if wrong or (event.id, event.source) != (row.id, chain.source):
            report.add("report_chain", depot=chain.depot, event=row.id)
        sequence, previous = event.sequence, proof.hash
    if sequence is not None and (sequence, previous) != (chain.sequence, chain.hash):
        report.add("report_head", depot=chain.depot, sequence=chain.sequence)
