"""What central systems are told of reports: one chain of signed events for each depot, kept until it is sent.

An event is made in the transaction of its change, so that a change is told if and only if it has happened. The
chain's row is locked by whoever tells: events of a depot have one order, whoever makes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import uuid_utils
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from record.base import timestamp
from record.event import EventType
from record.proof import GENESIS, Proof, SigningKey, seal, wire
from record.report import ReportChange
from registry.reports.tables import report_chains, report_outbox

GATE = "registry"
"""Stands in the place of the gate in the source of the registry's own events."""

CHAIN = select(report_chains).where(report_chains.c.depot == bindparam("of")).with_for_update()
MOVE = (
    update(report_chains)
    .where(report_chains.c.depot == bindparam("of"))
    .values(sequence=bindparam("sequence"), hash=bindparam("hash"))
)


def tell(connection: Connection, key: SigningKey, position: int, change: ReportChange, now: datetime) -> None:
    """Put the event of a change into the outbox. Must run in the transaction of the change."""
    chain = _chain(connection, change.depot)
    event = {
        "specversion": "1.0",
        "id": str(uuid_utils.uuid7()),
        "source": chain.source,
        "type": EventType.REPORT.value,
        "time": timestamp(now),
        "datacontenttype": "application/json",
        "dataschema": EventType.REPORT.schema,
        "subject": change.report,
        "sequence": chain.sequence + 1,
        "previous": chain.hash,
        "simulated": change.simulated,
        "data": change.to_wire(),
    }
    sealed = seal(event, key)
    row = {
        "id": event["id"],
        "depot": change.depot,
        "report": position,
        "created_at": now,
        "body": wire(sealed),
    }
    connection.execute(insert(report_outbox), row)
    head = {"sequence": chain.sequence + 1, "hash": Proof.parse(sealed["proof"]).hash}
    connection.execute(MOVE, {"of": change.depot, **head})


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
