"""What the registry has written down of each document on its way, within somebody's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from registry.reports.state import State, What
from registry.reports.tables import report_changes, reports
from registry.transmission.parcel import Answer
from registry.transmission.tables import transmission_answers, transmissions

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Leg:
    """One time that a report was queued."""

    report: int
    queued: int
    number: str
    attempts: int
    began_at: datetime | None
    sent_at: datetime | None
    unsure: bool
    next_at: datetime
    overdue_at: datetime | None
    trouble: str | None


def waiting(connection: Connection, depots: Collection[str]) -> Sequence[str]:
    """Ids of the reports that are queued, the longest first; some of them."""
    queued = (reports.c.state == State.QUEUED.value) & reports.c.depot.in_(depots)
    query = select(reports.c.id).where(queued).order_by(reports.c.changed_at, reports.c.position)
    return connection.execute(query.limit(AT_ONCE)).scalars().all()


@dataclass(frozen=True, slots=True)
class Queued:
    """The change that queued a report: the version it gave, when, and which document was issued by it."""

    version: int
    at: datetime
    issued: Mapping[str, Any]


def queued_with(connection: Connection, report: int) -> Queued:
    """The change that queued a report last."""
    of_it = (report_changes.c.report == report) & (report_changes.c.what == What.QUEUED.value)
    query = select(report_changes.c.version, report_changes.c.at, report_changes.c.detail).where(of_it)
    row = connection.execute(query.order_by(report_changes.c.version.desc()).limit(1)).one()
    return Queued(row.version, row.at, row.detail)


def leg(connection: Connection, report: int, queued: int, number: str, now: datetime) -> Leg:
    """What is known of this time; written down as new where nothing is."""
    of_it = (transmissions.c.report == report) & (transmissions.c.queued == queued)
    row = connection.execute(select(transmissions).where(of_it)).one_or_none()
    if row is not None:
        return _leg(row)
    values = {"report": report, "queued": queued, "number": number, "attempts": 0, "next_at": now}
    connection.execute(insert(transmissions), values)
    return Leg(
        report, queued, number, 0, None, None, unsure=False, next_at=now, overdue_at=None, trouble=None
    )


def note(connection: Connection, of: Leg, **values: Any) -> None:
    """Write down what has become of it."""
    of_it = (transmissions.c.report == of.report) & (transmissions.c.queued == of.queued)
    connection.execute(update(transmissions).where(of_it).values(**values))


def latest(connection: Connection, report: int) -> Leg | None:
    """The last time that a report was queued and looked at."""
    query = select(transmissions).where(transmissions.c.report == report)
    row = connection.execute(query.order_by(transmissions.c.queued.desc()).limit(1)).one_or_none()
    return None if row is None else _leg(row)


def on_its_way(connection: Connection, report: int) -> bool:
    """Whether the report's document is being sent at this moment, or was when the registry was killed."""
    found = latest(connection, report)
    return found is not None and found.began_at is not None


def unanswered_since(connection: Connection, depots: Collection[str]) -> datetime | None:
    """When the first report of these depots was sent that still has no answer; None where all have one."""
    sent = (reports.c.state == State.SENT.value) & reports.c.depot.in_(depots)
    query = select(func.min(transmissions.c.sent_at)).select_from(
        reports.join(transmissions, transmissions.c.report == reports.c.position)
    )
    found: datetime | None = connection.execute(query.where(sent)).scalar()
    return found


def overdue(connection: Connection, before: datetime) -> Sequence[Leg]:
    """What was sent before a moment, has no answer, and nobody was told of yet."""
    late = (reports.c.state == State.SENT.value) & (transmissions.c.sent_at < before)
    query = select(transmissions).select_from(
        reports.join(transmissions, transmissions.c.report == reports.c.position)
    )
    rows = connection.execute(query.where(late & transmissions.c.overdue_at.is_(None)).limit(AT_ONCE))
    return [_leg(row) for row in rows]


def unheard(connection: Connection, references: Collection[str]) -> list[str]:
    """Those references whose answers were not laid upon a report yet, in their order."""
    known = set(
        connection.execute(
            select(transmission_answers.c.reference).where(transmission_answers.c.reference.in_(references))
        ).scalars()
    )
    return [each for each in dict.fromkeys(references) if each not in known]


def hear(connection: Connection, answer: Answer, outcome: str, now: datetime) -> None:
    """Write an answer down."""
    faults = [{"code": each.code, "text": each.text} for each in answer.faults]
    values = {
        "reference": answer.reference,
        "heard_at": now,
        "number": answer.number,
        "accepted": answer.accepted,
        "faults": faults,
        "outcome": outcome,
    }
    connection.execute(insert(transmission_answers), values)


def answers(connection: Connection, number: str) -> Sequence[Row[Any]]:
    """Every answer about one número de entrega, the first first."""
    query = select(transmission_answers).where(transmission_answers.c.number == number)
    return connection.execute(query.order_by(transmission_answers.c.heard_at)).all()


def report_of(connection: Connection, number: str) -> str | None:
    """The id of the report that bears a número de entrega."""
    found: str | None = connection.execute(
        select(reports.c.id).where(reports.c.delivery_number == number)
    ).scalar_one_or_none()
    return found


def _leg(row: Row[Any]) -> Leg:
    return Leg(**row._mapping)
