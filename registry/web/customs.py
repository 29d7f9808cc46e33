"""How a report stands with customs' system, as its page tells it; and its envelope, for who sends it themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from record.messages import Phrase
from registry.database import reading, writing
from registry.people import trail
from registry.people.trail import Action
from registry.reports.document import NoDocument
from registry.reports.office import NoReport, NotNow
from registry.reports.report import Report
from registry.reports.state import State, What
from registry.transmission import book
from registry.transmission.book import Leg
from registry.transmission.envelope import sending
from registry.transmission.parcel import Parcel
from registry.transmission.way import Way
from registry.web.desk import AtDesk, Desk
from registry.web.problem import Problem
from registry.web.visitor import Seer, address_of
from registry.web.words import clock, instant

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an answer: customs' code and words."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer of customs."""

    told: Phrase
    at: datetime
    rows: tuple[Row, ...]
    contradicts: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page says of the way to customs. ``alarm``: a person has to look."""

    lines: tuple[Phrase, ...]
    answers: tuple[Heard, ...]
    alarm: bool

    def __bool__(self) -> bool:
        return bool(self.lines or self.answers)


def way_of(desk: Desk) -> Way:
    """The way to customs by the settings."""
    return Way(desk.settings.file, desk.office.documents)


def offered(desk: Desk, report: Report) -> frozenset[What]:
    """What the page offers beside what is done by hand: sending where there is a way, giving up what was swallowed."""
    found = set()
    if way_of(desk).why_not(report) is None:
        found.add(What.QUEUED)
    if report.state is State.SENT:
        found.add(What.FAILED)
    return frozenset(found)


def standing(desk: Desk, report: Report) -> Standing:
    """How a report stands with customs' system."""
    with reading(desk.engine) as connection:
        leg = book.latest(connection, report.position)
        rows = book.answers(connection, report.delivery_number)
    answers = tuple(_heard(row) for row in rows)
    lines = tuple(_lines(report, leg)) if leg is not None else ()
    alarm = any(each.contradicts for each in answers) or _waits_too_long(report, leg)
    return Standing(lines, answers, alarm)


def _waits_too_long(report: Report, leg: Leg | None) -> bool:
    late = leg is not None and (leg.unsure or leg.overdue_at is not None)
    return late and report.state is State.SENT


def _lines(report: Report, leg: Leg) -> Iterator[Phrase]:
    if report.state is State.QUEUED:
        yield Phrase("transmission.waiting", {"attempts": leg.attempts})
        if leg.trouble:
            yield Phrase("transmission.next", {"at": clock(leg.next_at), "trouble": leg.trouble})
    elif report.state is State.SENT and leg.sent_at is not None:
        code = "transmission.unsure" if leg.unsure else "transmission.sent"
        yield Phrase(code, {"at": instant(leg.sent_at)})
        if leg.overdue_at is not None:
            yield Phrase("transmission.overdue")


def _heard(row: Any) -> Heard:
    code = "transmission.answer_accepted" if row.accepted else "transmission.answer_rejected"
    rows = tuple(Row(str(each["code"]), str(each["text"])) for each in row.faults)
    return Heard(Phrase(code, {"reference": row.reference}), row.heard_at, rows, row.outcome == "contradicts")


@router.get("/reports/{report}/envelope.xml")
def envelope(request: Request, desk: AtDesk, who: Seer, report: str) -> Response:
    """The issued document in the SOAP envelope that customs' service takes."""
    way = way_of(desk)
    try:
        name, body = desk.office.document(report, who)
        found = desk.office.see(report, who).report
    except NoReport:
        raise Problem(404, "not_found") from None
    except NotNow as error:
        raise Problem(409, "why", what=error.phrase) from None
    except NoDocument as error:
        raise Problem(409, "why", what=error.phrases) from None
    if not way.leads_from(found.depot):
        raise Problem(409, "why", what=Phrase("transmission.no_way", {"depot": found.depot}))
    code = found.issued().report.type_code
    parcel = Parcel(found.kind, code, found.delivery_number, body, way.sender(found.depot))
    with writing(desk.engine) as connection:
        trail.note(connection, desk.clock(), who, Action.DOCUMENT, report, address_of(request))
    headers: Mapping[str, str] = {"Content-Disposition": f'attachment; filename="SOAP-{name}"'}
    return Response(sending(parcel), media_type="application/xml", headers=dict(headers))
