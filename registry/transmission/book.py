"""The answers of customs that were heard, within somebody's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select

from registry.reports.tables import reports
from registry.transmission.parcel import Answer
from registry.transmission.tables import transmission_answers

UNCLEAR = "unclear"
"""Outcome of an answer that may be a report's or its correction's: a person looks into the portal."""


def unheard(connection: Connection, references: Collection[str]) -> list[str]:
    """Those references whose answers were not laid upon a document yet, in their order."""
    known = set(
        connection.execute(
            select(transmission_answers.c.reference).where(transmission_answers.c.reference.in_(references))
        ).scalars()
    )
    return [each for each in dict.fromkeys(references) if each not in known]


def hear(
    connection: Connection, answer: Answer, outcome: str, now: datetime, correction: str | None = None
) -> None:
    """Write an answer down; ``correction`` is the id of the one that it was laid upon."""
    faults = [{"code": each.code, "text": each.text} for each in answer.faults]
    values = {
        "reference": answer.reference,
        "heard_at": now,
        "number": answer.number,
        "accepted": answer.accepted,
        "faults": faults,
        "outcome": outcome,
        "correction": correction,
    }
    connection.execute(insert(transmission_answers), values)


def answers(connection: Connection, number: str, correction: str | None = None) -> Sequence[Row[Any]]:
    """Every answer about the report of a número de entrega, or about one correction of it, the first first; those
    of which nobody knows are about both."""
    told = transmission_answers.c
    query = select(transmission_answers).where(
        told.number == number, or_(told.correction.is_not_distinct_from(correction), told.outcome == UNCLEAR)
    )
    return connection.execute(query.order_by(told.heard_at)).all()


def answered(connection: Connection, number: str) -> set[str | None]:
    """Whose answers were heard under a number: ids of corrections, None for the report's own."""
    told = transmission_answers.c
    query = select(told.correction).where(told.number == number, told.outcome != UNCLEAR)
    return set(connection.execute(query).scalars())


def report_of(connection: Connection, number: str) -> str | None:
    """The id of the report that bears a número de entrega."""
    found: str | None = connection.execute(
        select(reports.c.id).where(reports.c.delivery_number == number)
    ).scalar_one_or_none()
    return found
