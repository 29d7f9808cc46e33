"""The book of corrections: read, and written with a row of history, within somebody's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import uuid_utils
from sqlalchemy import Connection, Row, func, insert, select, update

from registry.corrections.correction import BY_A_PERSON, OPEN, Aim, Correction
from registry.corrections.tables import correction_changes, corrections
from registry.people.who import Who
from registry.reports.book import Stale
from registry.reports.state import State, What
from registry.reports.tables import reports

PAGE = 50
WRITTEN = (
    "version",
    "state",
    "kind",
    "depot",
    "report",
    "number",
    "changes",
    "reason",
    "twin",
    "successor",
    "user",
    "name",
    "role",
    "made_at",
    "changed_at",
)
"""Columns of a correction beside its id."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a person asks for, before it is written."""

    kind: Aim
    changes: Sequence[Mapping[str, Any]]
    reason: str
    twin: str | None = None
    successor: int | None = None


def new_id() -> str:
    """An id for a correction that is to be made."""
    return str(uuid_utils.uuid7())


def find(connection: Connection, identity: str, lock: bool = False) -> Correction | None:
    """The correction of an id; locked until the transaction ends where it is to be changed."""
    query = select(corrections).where(corrections.c.id == identity)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else of_row(row)


def of_row(row: Row[Any]) -> Correction:
    """A row as a correction."""
    values = {**row._mapping, "state": State(row.state), "kind": Aim(row.kind)}
    return Correction(**values)


def of_report(connection: Connection, position: int) -> list[Correction]:
    """Every correction of a report, the first first."""
    query = select(corrections).where(corrections.c.report == position).order_by(corrections.c.position)
    return [of_row(row) for row in connection.execute(query)]


def open_of(connection: Connection, position: int) -> Correction | None:
    """The correction of a report that is not over yet: there is at most one."""
    return next((each for each in of_report(connection, position) if each.state in OPEN), None)


def replacing(connection: Connection, position: int) -> Correction | None:
    """The newest cancellation whose report this one takes the place of."""
    query = select(corrections).where(corrections.c.successor == position)
    row = connection.execute(query.order_by(corrections.c.position.desc()).limit(1)).one_or_none()
    return None if row is None else of_row(row)


def report_id(connection: Connection, position: int) -> str:
    """The id of a report by its place."""
    return str(connection.execute(select(reports.c.id).where(reports.c.position == position)).scalar_one())


def page(
    connection: Connection, who: Who, states: Sequence[State], before: int | None = None, count: int = PAGE
) -> tuple[list[Row[Any]], int | None]:
    """Corrections in these states, the newest first, each with its report's id, and where the next page begins."""
    query = (
        select(corrections, reports.c.id.label("report_id"), reports.c.container, reports.c.document_number)
        .join(reports, reports.c.position == corrections.c.report)
        .where(corrections.c.state.in_([state.value for state in states]))
    )
    if who.depots is not None:
        query = query.where(corrections.c.depot.in_(who.depots))
    if before is not None:
        query = query.where(corrections.c.position < before)
    rows = list(connection.execute(query.order_by(corrections.c.position.desc()).limit(count + 1)))
    return rows[:count], rows[count - 1].position if len(rows) > count else None


def to_do(connection: Connection, who: Who) -> int:
    """How many corrections wait for a person of the depot."""
    query = select(func.count()).select_from(corrections)
    query = query.where(corrections.c.state.in_([state.value for state in BY_A_PERSON]))
    if who.depots is not None:
        query = query.where(corrections.c.depot.in_(who.depots))
    return connection.execute(query).scalar_one()


def latest(connection: Connection) -> int:
    """A number that grows with every change of any correction."""
    return connection.execute(select(func.max(correction_changes.c.position))).scalar() or 0


def history(connection: Connection, position: int) -> Sequence[Row[Any]]:
    """Every change of a correction, the first first."""
    query = select(correction_changes).where(correction_changes.c.correction == position)
    return connection.execute(query.order_by(correction_changes.c.version)).all()


def add(connection: Connection, made: Correction, who: Who, now: datetime) -> Correction:
    """Write a new correction."""
    row = {"id": made.id, **_columns(made)}
    result = connection.execute(insert(corrections).returning(corrections.c.position), row)
    added = replace(made, position=result.scalar_one())
    _follow(connection, added, None, What.CREATED, who, now, made.reason, {"changes": list(made.changes)})
    return added


def save(
    connection: Connection,
    after: Correction,
    before: Correction,
    what: What,
    who: Who | None,
    now: datetime,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Correction:
    """Write a correction as it is after a change; ``who`` is None where nobody's hand did it.

    Raises `Stale` where it is no longer as it was before.
    """
    saved = replace(after, version=before.version + 1, changed_at=now)
    written = connection.execute(
        update(corrections)
        .where(corrections.c.position == before.position, corrections.c.version == before.version)
        .values(_columns(saved))
    )
    if written.rowcount != 1:
        raise Stale(f"correction {before.id} is no longer at version {before.version}")
    _follow(connection, saved, before, what, who, now, reason, detail or {})
    return saved


def _columns(correction: Correction) -> dict[str, Any]:
    values = {name: getattr(correction, name) for name in WRITTEN}
    values["changes"] = [dict(each) for each in correction.changes]
    return {**values, "state": correction.state.value, "kind": correction.kind.value}


def _follow(
    connection: Connection,
    after: Correction,
    before: Correction | None,
    what: What,
    who: Who | None,
    now: datetime,
    reason: str,
    detail: Mapping[str, Any],
) -> None:
    row = {
        "correction": after.position,
        "version": after.version,
        "at": now,
        "what": what.value,
        "before": before.state.value if before else None,
        "after": after.state.value,
        "user": who.id if who else "",
        "name": who.name if who else "",
        "role": who.role.value if who else "",
        "reason": reason,
        "detail": dict(detail),
    }
    connection.execute(insert(correction_changes), row)
