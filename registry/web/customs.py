"""How a report or a correction stands with customs' system, as its page tells it; and its envelope, for who sends it
themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Row

from record.messages import Phrase
from registry.corrections.correction import Correction
from registry.corrections.office import Corrections, Seen
from registry.database import reading, writing
from registry.people import trail
from registry.people.trail import Action
from registry.people.who import Who
from registry.reports.report import Report
from registry.reports.state import State, What
from registry.transmission import book
from registry.transmission.book import UNCLEAR
from registry.transmission.envelope import sending
from registry.transmission.parcel import Fault, Parcel
from registry.transmission.queue import CORRECTIONS, REPORTS, Leg
from registry.transmission.way import CII, Way
from registry.web.desk import AtDesk, Desk
from registry.web.issued import issued_or_told
from registry.web.problem import Problem
from registry.web.visitor import Seer, address_of
from registry.web.words import clock, instant

router = APIRouter(include_in_schema=False)


TROUBLES = {"contradicts": "transmission.contradicts", UNCLEAR: "transmission.unclear"}
"""Outcomes of an answer that take a person."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer of customs, and why a person has to look at it."""

    told: Phrase
    at: datetime
    rows: tuple[Fault, ...]
    trouble: Phrase | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page says of the way to customs. ``alarm``: a person has to look."""

    lines: tuple[Phrase, ...]
    answers: tuple[Heard, ...]
    alarm: bool

    def __bool__(self) -> bool:
        return bool(self.lines or self.answers)


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why a report or a correction goes no further: customs refused it, or it never got there."""

    state: State
    reason: str
    name: str
    at: datetime


def stopped(state: State, history: Sequence[Row[Any]]) -> Stopped | None:
    """The last change that ended the way to customs; None where it goes on."""
    if state not in (State.ERROR, State.REJECTED):
        return None
    last = next((row for row in reversed(history) if row.before != row.after == state), None)
    return None if last is None else Stopped(state, last.reason, last._mapping["name"], last.at)


def way_of(desk: Desk) -> Way:
    """The way to customs by the settings."""
    return Way(desk.settings.file, desk.office.documents)


def offered(desk: Desk, report: Report) -> frozenset[What]:
    """What the page offers beside what is done by hand: sending where there is a way, giving up what was swallowed."""
    return _offered(report.state, way_of(desk).why_not(report))


def offered_of(desk: Desk, seen: Seen) -> frozenset[What]:
    """The same of a correction; what cannot be written goes by hand."""
    return _offered(seen.correction.state, why_not(desk, seen)) | {What.UNQUEUED}


def why_not(desk: Desk, seen: Seen) -> Phrase | None:
    """Why a correction may not be transmitted; None where it may."""
    lacking = Corrections(desk.office).lacking(seen)
    return lacking[0] if lacking else way_of(desk).why_not(seen.report, CII)


def _offered(state: State, why: Phrase | None) -> frozenset[What]:
    found = {What.QUEUED} if why is None else set()
    return frozenset(found | ({What.FAILED} if state is State.SENT else set()))


def standing(desk: Desk, report: Report) -> Standing:
    """How a report stands with customs' system."""
    with reading(desk.engine) as connection:
        leg = REPORTS.latest(connection, report.position)
        rows = book.answers(connection, report.delivery_number)
    return _standing(report.state, leg, rows)


def standing_of(desk: Desk, correction: Correction) -> Standing:
    """How a correction stands with it."""
    with reading(desk.engine) as connection:
        leg = CORRECTIONS.latest(connection, correction.position)
        rows = book.answers(connection, correction.number, correction.id) if leg is not None else ()
    return _standing(correction.state, leg, rows)


def _standing(state: State, leg: Leg | None, rows: Iterable[Row[Any]]) -> Standing:
    answers = tuple(_heard(row) for row in rows)
    lines = tuple(_lines(state, leg))
    late = leg is not None and (leg.unsure or leg.overdue_at is not None) and state is State.SENT
    return Standing(lines, answers, late or any(each.trouble for each in answers))


def _lines(state: State, leg: Leg | None) -> Iterator[Phrase]:
    if state is State.QUEUED:
        yield Phrase("transmission.waiting", {"attempts": leg.attempts if leg else 0})
        if leg and leg.trouble:
            yield Phrase("transmission.next", {"at": clock(leg.next_at), "trouble": leg.trouble})
    elif state is State.SENT and leg and leg.sent_at is not None:
        code = "transmission.unsure" if leg.unsure else "transmission.sent"
        yield Phrase(code, {"at": instant(leg.sent_at)})
        if leg.overdue_at is not None:
            yield Phrase("transmission.overdue")


def _heard(row: Row[Any]) -> Heard:
    code = "transmission.answer_accepted" if row.accepted else "transmission.answer_rejected"
    rows = tuple(Fault(str(each["code"]), str(each["text"])) for each in row.faults)
    trouble = Phrase(TROUBLES[row.outcome]) if row.outcome in TROUBLES else None
    return Heard(Phrase(code, {"reference": row.reference}), row.heard_at, rows, trouble)


@router.get("/reports/{report}/envelope.xml")
def envelope(request: Request, desk: AtDesk, who: Seer, report: str) -> Response:
    """The issued document in the SOAP envelope that customs' service takes."""
    way = way_of(desk)
    with issued_or_told():
        name, body = desk.office.document(report, who)
        found = desk.office.see(report, who).report
    if not way.leads_from(found.depot):
        raise Problem(409, "why", what=Phrase("transmission.no_way", {"depot": found.depot}))
    code = found.issued().report.type_code
    parcel = Parcel(found.kind, code, found.delivery_number, body, way.sender(found.depot))
    return _enclosed(request, desk, who, report, name, parcel)


@router.get("/corrections/{correction}/envelope.xml")
def envelope_of(request: Request, desk: AtDesk, who: Seer, correction: str) -> Response:
    """The same of a correction."""
    way, office = way_of(desk), Corrections(desk.office)
    with issued_or_told():
        name, body = office.document(correction, who)
        seen = office.see(correction, who)
    found = seen.correction
    if not way.leads_from(found.depot):
        raise Problem(409, "why", what=Phrase("transmission.no_way", {"depot": found.depot}))
    code = desk.settings.file.corrections.type_code
    parcel = Parcel(CII, code, found.number, body, way.sender(found.depot))
    return _enclosed(request, desk, who, correction, name, parcel)


def _enclosed(request: Request, desk: Desk, who: Who, subject: str, name: str, parcel: Parcel) -> Response:
    with writing(desk.engine) as connection:
        trail.note(connection, desk.clock(), who, Action.DOCUMENT, subject, address_of(request))
    headers = {"Content-Disposition": f'attachment; filename="SOAP-{name}"'}
    return Response(sending(parcel), media_type="application/xml", headers=headers)
