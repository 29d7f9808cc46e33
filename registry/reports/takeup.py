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
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import uuid_utils
from sqlalchemy import Engine, Row, bindparam, select, update

from record.draft import Draft
from record.errors import IieError
from record.proof import SigningKey
from registry.database import reading, writing
from registry.reports.book import Book
from registry.reports.change import Change
from registry.reports.report import Report, changed
from registry.reports.rules import Rules
from registry.reports.state import State, What
from registry.store import CANCELLED
from registry.tables import drafts

log = logging.getLogger(__name__)

AT_ONCE = 100

ANY = select(drafts.c.position).where(drafts.c.pending).limit(1)
PENDING = (
    select(drafts)
    .where(drafts.c.pending)
    .order_by(drafts.c.position)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
)
DONE = (
    update(drafts).where(drafts.c.position.in_(bindparam("positions", expanding=True))).values(pending=False)
)


def take_up(engine: Engine, rules: Rules, key: SigningKey, now: datetime, count: int = AT_ONCE) -> int:
    """Bring reports up to the drafts that have changed; how many were looked at. Raises what the database does."""
    with reading(engine) as connection:
        if connection.execute(ANY).first() is None:
            return 0
    with writing(engine) as connection:
        rows = connection.execute(PENDING, {"count": count}).all()
        _follow(Book(connection, rules, key, now), rows, now)
        connection.execute(DONE, {"positions": [row.position for row in rows]})
    return len(rows)


def _follow(book: Book, rows: Sequence[Row[Any]], now: datetime) -> None:
    """Bring reports up to their drafts, all at once. One that the program cannot take up is looked for by halves; it
    is told, and stops no other."""
    try:
        with book.connection.begin_nested():
            _bring_up(book, rows, now)
    except (IieError, LookupError, ValueError):
        if len(rows) == 1:
            log.exception("reports: draft %s cannot be taken up", rows[0].draft)
            return
        half = len(rows) // 2
        _follow(book, rows[:half], now)
        _follow(book, rows[half:], now)


def _bring_up(book: Book, rows: Sequence[Row[Any]], now: datetime) -> None:
    """Make the reports that there are not yet, lay newer revisions into the others, take back what the gate has."""
    found = book.of_drafts([row.draft for row in rows])
    newer = [row for row in rows if row.draft in found and not _knows(found[row.draft], row)]
    new = [row for row in rows if row.draft not in found]
    brought = book.drafts_of({row.event for row in (*new, *newer)})
    made = book.add_all([(_new(row, brought[row.event], now), Change(What.RECEIVED)) for row in new])
    found |= {row.draft: report for row, report in zip(new, made, strict=True)}
    revised = [each for row in newer if (each := _revise(found[row.draft], row, brought[row.event]))]
    found |= {str(report.draft): report for report in book.save_all(revised)}
    taken_back = [found[row.draft] for row in rows if row.status == CANCELLED]
    book.save_all([_void(report) for report in taken_back if _stands(report)])


def _knows(report: Report, row: Row[Any]) -> bool:
    """Whether a report has its draft's newest revision, or proposes it."""
    return row.event in (report.event, report.proposed_event)


def _stands(report: Report) -> bool:
    return report.state is not State.WITHDRAWN and not report.voided


def _new(row: Row[Any], draft: Draft, now: datetime) -> Report:
    """The report of a draft that has none yet."""
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


def _revise(report: Report, row: Row[Any], draft: Draft) -> tuple[Report, Report, Change] | None:
    """Lay a newer revision under people's entries, or propose it where the report has left: after, before, change.

    None where nobody waits for it any more.
    """
    if report.state is State.WITHDRAWN:
        return None
    base = draft.payload.to_wire()
    differences = changed(report.base, base)
    detail = {
        "revision": draft.revision,
        "changes": [{"field": f, "before": b, "after": a} for f, b, a in differences],
    }
    fields = tuple(where for where, _, _ in differences)
    if report.state.has_left:
        after = replace(report, proposed_event=row.event, proposed=draft)
        return after, report, Change(What.PROPOSED, detail=detail, fields=fields)
    after = replace(report, event=row.event, gate_draft=draft, base=base, lane=row.lane)
    if report.state is State.REVIEWED and after.payload != report.payload:
        after = replace(after, state=State.DRAFT)
    return after, report, Change(What.REVISED, detail=detail, fields=fields)


def _void(report: Report) -> tuple[Report, Report, Change]:
    """The gate has taken the draft back: after, before, change."""
    if report.state is State.DRAFT:
        return replace(report, state=State.WITHDRAWN), report, Change(What.WITHDRAWN)
    return replace(report, voided=True), report, Change(What.VOIDED)
