"""What central systems are told of reports: one chain of signed events for each depot, kept until it is sent.

An event is made in the transaction of its change, so that a change is told if and only if it has happened. The
chain's row is locked by whoever tells: events of a depot have one order, whoever makes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import uuid_utils
from sqlalchemy import Connection, Row, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from record.base import timestamp
from record.draft import Payload
from record.errors import BadRecord
from record.event import EventType
from record.proof import GENESIS, SigningKey, seal_linked
from record.report import ReportChange
from registry import bulk
from registry.reports.change import Step
from registry.reports.pointer import Json
from registry.reports.tables import report_chains, report_outbox

ZERO = Decimal(0)

GATE = "registry"
"""Stands in the place of the gate in the source of the registry's own events."""

CHAIN = select(report_chains).where(report_chains.c.depot == bindparam("of")).with_for_update()
MOVE = (
    update(report_chains)
    .where(report_chains.c.depot == bindparam("of"))
    .values(sequence=bindparam("sequence"), hash=bindparam("hash"))
)


def tell(connection: Connection, key: SigningKey, steps: Sequence[Step], now: datetime) -> None:
    """Put the events of changes into the outbox. Must run in the transaction of the changes.

    Chains are locked in the order of their depots, so that two workers never wait for each other.
    """
    of_depots: dict[str, list[Step]] = {}
    for step in steps:
        of_depots.setdefault(step.report.depot, []).append(step)
    for depot, some in sorted(of_depots.items()):
        _tell(connection, key, depot, some, now)


def _tell(connection: Connection, key: SigningKey, depot: str, steps: Sequence[Step], now: datetime) -> None:
    """The events of one depot's changes, each linked to the one before."""
    chain = _chain(connection, depot)
    rows, previous, time = [], chain.hash, timestamp(now)
    for sequence, step in enumerate(steps, chain.sequence + 1):
        event = {
            "specversion": "1.0",
            "id": str(uuid_utils.uuid7()),
            "source": chain.source,
            "type": EventType.REPORT.value,
            "time": time,
            "datacontenttype": "application/json",
            "dataschema": EventType.REPORT.schema,
            "subject": step.report.id,
            "sequence": sequence,
            "previous": previous,
            "simulated": step.report.simulated,
            "data": told(step, now).to_wire(),
        }
        body, previous = seal_linked(event, key)
        row = {"id": event["id"], "depot": depot, "report": step.report.position}
        rows.append({**row, "created_at": now, "body": body})
    bulk.insert(connection, report_outbox, rows)
    head = {"sequence": chain.sequence + len(steps), "hash": previous}
    connection.execute(MOVE, {"of": depot, **head})


def told(step: Step, now: datetime) -> ReportChange:
    """The change as central systems read it: roles, no names, no reasons."""
    report, before, change = step
    data: Json = {
        "report": report.id,
        "version": report.version,
        "change": change.what.value,
        "before": before.state.value if before else None,
        "state": report.state.value,
        "at": now,
        "role": change.who.role.value if change.who else None,
        "fields": change.fields,
        "depot": report.depot,
        "delivery_number": report.delivery_number,
        "draft": report.draft,
        "visit": report.gate_draft.visit if report.gate_draft else None,
        "revision": report.gate_draft.revision if report.gate_draft else None,
        "simulated": report.simulated,
    }
    try:
        source = report.document()
    except BadRecord:
        source = Payload.from_wire(report.base)
    weights = [item.weight_kg for item in source.items]
    counts = [item.packages for item in source.items]
    return ReportChange(
        **data,
        kind=source.report,
        entered_at=source.entered_at,
        document=source.document,
        containers=tuple(item.container for item in source.items if item.container),
        packages=None if None in counts else sum(count for count in counts if count is not None),
        weight_kg=None if None in weights else sum((kg for kg in weights if kg is not None), start=ZERO),
    )


def waiting(connection: Connection, count: int = 100) -> Sequence[Row[Any, Any, Any]]:
    """The oldest events that the broker does not have yet, in order."""
    query = (
        select(report_outbox.c.position, report_outbox.c.depot, report_outbox.c.body)
        .where(report_outbox.c.sent_at.is_(None))
        .order_by(report_outbox.c.position)
        .limit(count)
    )
    return connection.execute(query).all()


def sent(connection: Connection, positions: Sequence[int], now: datetime) -> None:
    """Note that the broker has these events."""
    query = (
        update(report_outbox)
        .where(report_outbox.c.position.in_(bindparam("positions", expanding=True)))
        .values(sent_at=now)
    )
    connection.execute(query, {"positions": list(positions)})


def forget(connection: Connection, before: datetime, count: int = 5000) -> int:
    """Delete events that were sent before a moment, some at a time; how many."""
    old = (
        select(report_outbox.c.position)
        .where(report_outbox.c.sent_at < before)
        .order_by(report_outbox.c.position)
        .limit(count)
    )
    return connection.execute(delete(report_outbox).where(report_outbox.c.position.in_(old))).rowcount


def _chain(connection: Connection, depot: str) -> Row[Any]:
    """The chain's head, locked; a new chain where there is none."""
    row = connection.execute(CHAIN, {"of": depot}).one_or_none()
    if row is None:
        make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        source = f"/{depot}/{GATE}/{uuid_utils.uuid7()}"
        values = {"depot": depot, "source": source, "sequence": 0, "hash": GENESIS}
        connection.execute(make(report_chains).values(values).on_conflict_do_nothing())
        row = connection.execute(CHAIN, {"of": depot}).one()
    return row
