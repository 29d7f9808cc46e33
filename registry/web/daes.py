"""Base documents: the loading process of each, declared against received, with all that has happened to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from record.messages import Phrase
from registry.corrections import book as corrections
from registry.daes import book
from registry.daes.book import Declaration
from registry.daes.ledger import ledger, ledgers, others
from registry.daes.office import NUMBERS, TEXTS, Declarations
from registry.daes.timeline import timeline
from registry.database import reading
from registry.notices import book as notices
from registry.notices.book import Kind
from registry.numbers import ECUADOR
from registry.people.role import Right
from registry.people.who import Who
from registry.reports.book import Stale
from registry.reports.completion import BadFields
from registry.reports.office import NoReport, NotAllowed, NotNow
from registry.web.desk import AtDesk, Desk
from registry.web.forms import version_of
from registry.web.problem import Problem
from registry.web.report_view import Typed
from registry.web.visitor import OwnForm, Seer, Worker

router = APIRouter(include_in_schema=False)

CHANNELS = ("automático", "electrónico", "documental", "físico")
"""Channels of inspection that customs' page names; its list of codes is not public."""

STATUSES = ("Salida autorizada", "Regularizada")
"""States of a DAE that are known; the full list is not public."""


@router.get("/daes")
def show_all(request: Request, desk: AtDesk, who: Seer, before: int | None = None) -> Response:
    """Documents, the newest first, each as it adds up."""
    return _list(request, desk, who, before=before)


@router.post("/daes/search")
def search(request: Request, desk: AtDesk, who: Seer, form: OwnForm) -> Response:
    """Documents by the beginning of their number; words stay out of addresses."""
    return _list(request, desk, who, words=form.get("q", "")[:80])


@router.get("/reports/{report}/dae")
def of_report(desk: AtDesk, who: Seer, report: str) -> Response:
    """The document of a report."""
    try:
        found = desk.office.see(report, who).report
    except NoReport:
        raise Problem(404, "not_found") from None
    document = found.payload.get("document")
    with reading(desk.engine) as connection:
        known = document and book.of_document(connection, found.depot, document["type"], document["number"])
    if not known:
        raise Problem(404, "not_found")
    return RedirectResponse(f"/daes/{known.id}", 303)


@router.get("/daes/{identity}")
def show(request: Request, desk: AtDesk, who: Seer, identity: str) -> Response:
    """A document's page."""
    return _page(request, desk, who, identity)


@router.post("/daes/{identity}/say")
def say(request: Request, desk: AtDesk, who: Worker, form: OwnForm, identity: str) -> Response:
    """Write down what customs' screen says of it."""
    texts = {name: form[name][:300] for name in (*NUMBERS, *TEXTS, "ends_at") if name in form}
    typed = Typed(texts, reason=form.get("reason", ""))
    office = Declarations(desk.office)
    return _done(
        request,
        desk,
        who,
        identity,
        typed,
        lambda: office.say(identity, version_of(form), who, texts, form.get("reason", "")),
    )


@router.post("/daes/{identity}/regularise")
def regularise(request: Request, desk: AtDesk, who: Worker, form: OwnForm, identity: str) -> Response:
    """Customs has closed it."""
    office, reason = Declarations(desk.office), form.get("reason", "")
    deed = lambda: office.regularise(identity, version_of(form), who, reason)  # noqa: E731 - one line, one deed
    return _done(request, desk, who, identity, Typed(), deed)


@router.post("/daes/{identity}/revoke")
def revoke(request: Request, desk: AtDesk, who: Worker, form: OwnForm, identity: str) -> Response:
    """It was marked as closed by mistake."""
    office, reason = Declarations(desk.office), form.get("reason", "")
    deed = lambda: office.revoke(identity, version_of(form), who, reason)  # noqa: E731 - one line, one deed
    return _done(request, desk, who, identity, Typed(), deed)


def _done(
    request: Request, desk: Desk, who: Who, identity: str, typed: Typed, deed: Callable[[], None]
) -> Response:
    try:
        deed()
    except BadFields as error:
        typed.problems = error.problems
        return _page(request, desk, who, identity, typed, 422)
    except Stale:
        return _page(request, desk, who, identity, typed, 409, Phrase("console.report.stale"))
    except NotNow as error:
        return _page(request, desk, who, identity, typed, 409, error.phrase)
    except NotAllowed:
        raise Problem(403, "forbidden") from None
    except NoReport:
        raise Problem(404, "not_found") from None
    return RedirectResponse(f"/daes/{identity}", 303)


def _list(request: Request, desk: Desk, who: Who, words: str = "", before: int | None = None) -> Response:
    with reading(desk.engine) as connection:
        found, more = book.page(connection, who, words, before)
        rows = list(zip(found, ledgers(connection, found), strict=True))
    first = before is None and not words
    values = {"rows": rows, "more": None if words else more, "words": words, "first": first}
    return desk.pages.render(request, "daes.html", values)


def _page(
    request: Request,
    desk: Desk,
    who: Who,
    identity: str,
    typed: Typed | None = None,
    status: int = 200,
    notice: Phrase | None = None,
) -> Response:
    typed, now = typed or Typed(), desk.clock()
    with reading(desk.engine) as connection:
        found = book.find(connection, identity)
        if found is None or not who.sees(found.depot):
            raise Problem(404, "not_found")
        adds = ledger(connection, found)
        positions = [row.position for row in adds.reports]
        told = {kind: notices.of_document(connection, found.depot, kind, found.number) for kind in Kind}
        places = [row.position for rows in told.values() for row in rows]
        corrected = [each for row in adds.reports for each in corrections.of_report(connection, row.position)]
        values: dict[str, Any] = {
            "dae": found,
            "adds": adds,
            "differences": adds.differences(),
            "shared": others(connection, found, adds),
            "corrections": corrected,
            "told": [
                (row, notices.record_of(row), notices.told(row, now))
                for rows in told.values()
                for row in rows
            ],
            "moments": timeline(connection, found, positions, places),
        }
    values |= {
        "over": found.ends_at is not None and found.ends_at < now,
        "notice": notice,
        "typed": typed,
        "texts": _texts(found, typed.texts),
        "numbers": NUMBERS,
        "channels": CHANNELS,
        "statuses": STATUSES,
        "works": who.may(Right.WORK),
        "overrides": who.may(Right.OVERRIDE),
    }
    return desk.pages.render(request, "dae.html", values, status)


def _texts(found: Declaration, typed: Mapping[str, str]) -> dict[str, str]:
    """What stands in the boxes of the form: what was typed, else what is known."""
    known = {name: getattr(found, name) for name in (*NUMBERS, *TEXTS)}
    made = {name: "" if value is None else str(value) for name, value in known.items()}
    made["ends_at"] = found.ends_at.astimezone(ECUADOR).date().isoformat() if found.ends_at else ""
    return {**made, **typed}
