"""Drafts become reports: what gates have sent is taken up, a little later than it was received, exactly once.

    no report yet                  received    a report in the state *draft*
    a newer revision               revised     before the report has left; a reviewed one whose values change is
                                               a draft again
                                   proposed    after it has left: nothing is applied by itself
    the gate has taken it back     withdrawn   while it is a draft
                                   voided      later: a person decides

The mark ``pending`` of a draft is set with each change in the transaction that stores it, and taken away in the
one that brings its report up to it. Several workers pass over each other's rows.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

import uuid_utils
from sqlalchemy import Connection, Engine, Row, select, update

from record.errors import IieError
from record.proof import SigningKey
from registry.database import reading, writing
from registry.reports.book import Book, Change
from registry.reports.report import Report, changed
from registry.reports.rules import Rules
from registry.reports.state import State, What
from registry.store import CANCELLED
from registry.tables import drafts

log = logging.getLogger(__name__)

AT_ONCE = 100


def take_up(engine: Engine, rules: Rules, key: SigningKey, now: datetime, count: int = AT_ONCE) -> int:
    """Bring reports up to the drafts that have changed; how many were looked at. Raises what the database does."""
    with reading(engine) as connection:
        if connection.execute(select(drafts.c.position).where(drafts.c.pending).limit(1)).first() is None:
            return 0
    with writing(engine) as connection:
        query = select(drafts).where(drafts.c.pending).order_by(drafts.c.position).limit(count)
        rows = connection.execute(query.with_for_update(skip_locked=True)).all()
        book = Book(connection, rules, key, now)
        for row in rows:
            _follow(connection, book, row, now)
        done = drafts.c.position.in_([row.position for row in rows])
        connection.execute(update(drafts).where(done).values(pending=False))
    return len(rows)


def _follow(connection: Connection, book: Book, row: Row[Any], now: datetime) -> None:
    """Bring one report up to its draft. One that the program cannot take up is told, and stops no other."""
    try:
        with connection.begin_nested():
            report = book.of_draft(row.draft)
            if report is None:
                report = book.add(_new(book, row, now), Change(What.RECEIVED))
            elif row.event not in (report.event, report.proposed_event):
                report = _revise(book, report, row)
            if row.status == CANCELLED and report.state is not State.WITHDRAWN and not report.voided:
                _void(book, report)
    except (IieError, LookupError, ValueError):
        log.exception("reports: draft %s cannot be taken up", row.draft)


def _new(book: Book, row: Row[Any], now: datetime) -> Report:
    draft = book.draft_of(row.event)
    return Report(
        position=0,
        id=str(uuid_utils.uuid7()),
        version=1,
        state=State.DRAFT,
        depot=row.depot,
        gate=row.gate,
        lane=row.lane,
        draft=row.draft,
        event=row.event,
        delivery_number=row.delivery_number,
        simulated=row.simulated,
        voided=False,
        received_at=row.received_at,
        changed_at=now,
        base=draft.payload.to_wire(),
        gate_draft=draft,
    )


def _revise(book: Book, report: Report, row: Row[Any]) -> Report:
    """Lay a newer revision under people's entries, or propose it where the report has left."""
    draft = book.draft_of(row.event)
    base = draft.payload.to_wire()
    differences = changed(report.base, base)
    detail = {
        "revision": draft.revision,
        "changes": [{"field": f, "before": b, "after": a} for f, b, a in differences],
    }
    fields = tuple(where for where, _, _ in differences)
    if report.state is State.WITHDRAWN:
        return report
    if report.state.has_left:
        after = replace(report, proposed_event=row.event, proposed=draft)
        return book.save(after, report, Change(What.PROPOSED, detail=detail, fields=fields))
    after = replace(report, event=row.event, gate_draft=draft, base=base, lane=row.lane)
    if report.state is State.REVIEWED and after.payload != report.payload:
        after = replace(after, state=State.DRAFT)
    return book.save(after, report, Change(What.REVISED, detail=detail, fields=fields))


def _void(book: Book, report: Report) -> None:
    """The gate has taken the draft back."""
    if report.state is State.DRAFT:
        book.save(replace(report, state=State.WITHDRAWN), report, Change(What.WITHDRAWN))
    else:
        book.save(replace(report, voided=True), report, Change(What.VOIDED))
