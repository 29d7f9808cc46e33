"""Corrections (CII): what is asked of customs after a report is approved, its list, its page, its copy view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from record.messages import Phrase
from registry.corrections import book
from registry.corrections.correction import OF_TRANSMISSION, OPEN, Aim, Correction, correctable
from registry.corrections.office import Corrections, Seen
from registry.database import reading, writing
from registry.people import trail
from registry.people.role import Right
from registry.people.trail import Action
from registry.people.who import Who
from registry.reports.book import Stale
from registry.reports.completion import BadFields
from registry.reports.field import kind_of, shown
from registry.reports.office import NoReport, NotAllowed, NotNow
from registry.reports.report import Report
from registry.reports.state import NEEDS_REASON, State, What
from registry.web import customs, report_view
from registry.web.desk import AtDesk, Desk
from registry.web.document import Step
from registry.web.forms import asked_of, version_of
from registry.web.issued import issued_or_told
from registry.web.problem import Problem
from registry.web.report_view import Typed
from registry.web.visitor import OwnForm, Seer, Worker, address_of

router = APIRouter(include_in_schema=False)

OF_TAB = {"open": sorted(OPEN), "all": sorted(State)}


@router.get("/corrections")
def show_all(
    request: Request, desk: AtDesk, who: Seer, tab: str = "open", before: int | None = None
) -> Response:
    """Corrections that are not over yet, or all of them, the newest first."""
    if tab not in OF_TAB:
        raise Problem(400, "bad_request")
    with reading(desk.engine) as connection:
        rows, more = book.page(connection, who, OF_TAB[tab], before)
    values = {"rows": rows, "tab": tab, "tabs": list(OF_TAB), "more": more, "first": before is None}
    return desk.pages.render(request, "corrections.html", values)


@router.get("/reports/{report}/correct")
def begin(request: Request, desk: AtDesk, who: Worker, report: str, proposed: bool = False) -> Response:
    """The form: the report's fields as customs has them, or as a later revision of the gate proposes them."""
    return _form(request, desk, who, report, proposed=proposed)


@router.post("/reports/{report}/correct")
def correct(request: Request, desk: AtDesk, who: Worker, form: OwnForm, report: str) -> Response:
    """Ask for other values; what cannot stand is shown again with the reason."""
    asked = asked_of(form)
    typed = Typed(asked.texts, reason=asked.reason)
    return _made(
        request, desk, who, report, typed, lambda: _of(desk).correct(report, version_of(form), who, asked)
    )


@router.post("/reports/{report}/swap")
def swap(request: Request, desk: AtDesk, who: Worker, form: OwnForm, report: str) -> Response:
    """Ask that two reports take each other's document."""
    words, reason = form.get("other", ""), form.get("reason", "")
    typed = Typed({"other": words, "swap_reason": reason})
    return _made(
        request,
        desk,
        who,
        report,
        typed,
        lambda: _of(desk).swap(report, version_of(form), who, words, reason),
    )


@router.post("/reports/{report}/cancel")
def cancel(request: Request, desk: AtDesk, who: Worker, form: OwnForm, report: str) -> Response:
    """Ask that a report be cancelled, with another in its place where a document is given."""
    number = form.get("number", "").strip()[:60]
    document = f"{form.get('type', 'DAE')[:10]} {number}" if number else ""
    typed = Typed({"number": number, "cancel_reason": form.get("reason", "")})
    return _made(
        request,
        desk,
        who,
        report,
        typed,
        lambda: _of(desk).cancel(report, version_of(form), who, form.get("reason", ""), document),
    )


@router.get("/corrections/{correction}")
def show(request: Request, desk: AtDesk, who: Seer, correction: str) -> Response:
    """A correction's page."""
    return _page(request, desk, who, correction)


@router.get("/corrections/{correction}/rewrite")
def again(request: Request, desk: AtDesk, who: Worker, correction: str) -> Response:
    """The form of a draft, as it was written."""
    seen = _seen(desk, who, correction)
    texts = {
        where: shown(kind, value)
        for where, value in seen.correction.values.items()
        if (kind := kind_of(where)) is not None
    }
    typed = Typed(texts, reason=seen.correction.reason)
    return _form(request, desk, who, seen.report.id, typed, rewriting=seen.correction)


@router.post("/corrections/{correction}/rewrite")
def rewrite(request: Request, desk: AtDesk, who: Worker, form: OwnForm, correction: str) -> Response:
    """Write a draft's list anew."""
    asked = asked_of(form)
    typed = Typed(asked.texts, reason=asked.reason)
    seen = _seen(desk, who, correction)

    def written() -> str:
        _of(desk).rewrite(correction, version_of(form), who, asked)
        return correction

    return _made(request, desk, who, seen.report.id, typed, written, seen.correction)


@router.post("/corrections/{correction}/do")
def do(request: Request, desk: AtDesk, who: Worker, form: OwnForm, correction: str) -> Response:
    """Move a correction on."""
    try:
        what = What(form.get("what", ""))
    except ValueError:
        raise Problem(400, "bad_request") from None
    if what in OF_TRANSMISSION and what not in customs.offered_of(desk, _seen(desk, who, correction)):
        raise Problem(400, "bad_request")
    try:
        _of(desk).do(correction, version_of(form), who, what, form.get("reason", ""))
    except Stale:
        return _page(request, desk, who, correction, 409, Phrase("console.report.stale"))
    except NotNow as error:
        return _page(request, desk, who, correction, 409, error.phrase)
    except NotAllowed:
        return _page(request, desk, who, correction, 403, Phrase("console.correction.not_yourself"))
    except NoReport:
        raise Problem(404, "not_found") from None
    return RedirectResponse(f"/corrections/{correction}", 303)


@router.get("/corrections/{correction}/document.xml")
def document(request: Request, desk: AtDesk, who: Seer, correction: str) -> Response:
    """The document of a correction that was exported."""
    with issued_or_told():
        name, body = _of(desk).document(correction, who)
    with writing(desk.engine) as connection:
        trail.note(connection, desk.clock(), who, Action.DOCUMENT, correction, address_of(request))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="application/xml", headers=headers)


@router.get("/corrections/{correction}/copy")
def copy(request: Request, desk: AtDesk, who: Seer, correction: str) -> Response:
    """The lines one by one, each value with a key to copy it and a box to tick."""
    seen = _seen(desk, who, correction)
    values = {"seen": seen, "correction": seen.correction, "steps": list(_steps(seen))}
    return desk.pages.render(request, "correction_copy.html", values)


def _steps(seen: Seen) -> Iterator[tuple[Phrase | None, list[Step]]]:
    """What goes in, in blocks: the head, then each line."""
    head = [
        Step(Phrase("console.copyview.number"), seen.correction.number),
        Step(Phrase("console.copyview.oce"), str(seen.report.base["depot"]["oce"])),
        Step(Phrase("console.report.reason"), seen.correction.reason),
    ]
    yield None, head
    for line in seen.lines:
        item = [Step(Phrase("console.copyview.sequence"), str(line.item))] if line.item else []
        code = [Step(Phrase("console.correction.code"), line.code)] if line.code else []
        before = Step(Phrase("console.correction.before"), line.before)
        yield line.label, [*item, *code, before, Step(Phrase("console.correction.after"), line.after)]


def _of(desk: Desk) -> Corrections:
    return Corrections(desk.office)


def _seen(desk: Desk, who: Who, correction: str) -> Seen:
    try:
        return _of(desk).see(correction, who)
    except NoReport:
        raise Problem(404, "not_found") from None


def _made(
    request: Request,
    desk: Desk,
    who: Who,
    report: str,
    typed: Typed,
    make: Callable[[], str],
    rewriting: Correction | None = None,
) -> Response:
    """Where a correction that was asked for leads, or the form again with what is wrong."""
    try:
        return RedirectResponse(f"/corrections/{make()}", 303)
    except BadFields as error:
        typed.problems = error.problems
        return _form(request, desk, who, report, typed, 422, rewriting=rewriting)
    except Stale:
        notice = Phrase("console.report.stale")
        return _form(request, desk, who, report, typed, 409, notice, rewriting=rewriting)
    except NotNow as error:
        return _form(request, desk, who, report, typed, 409, error.phrase, rewriting=rewriting)
    except NotAllowed:
        raise Problem(403, "forbidden") from None
    except NoReport:
        raise Problem(404, "not_found") from None


def _form(
    request: Request,
    desk: Desk,
    who: Who,
    report: str,
    typed: Typed | None = None,
    status: int = 200,
    notice: Phrase | None = None,
    proposed: bool = False,
    rewriting: Correction | None = None,
) -> Response:
    try:
        found = desk.office.see(report, who).report
    except NoReport:
        raise Problem(404, "not_found") from None
    with reading(desk.engine) as connection:
        why = _of(desk).why_not(connection, found) if rewriting is None else None
    if typed is None:
        typed = Typed(_proposed(found)) if proposed else Typed()
    values = {
        "report": found,
        "why": why,
        "notice": notice,
        "items": _items(found, desk, typed),
        "typed": typed,
        "rewriting": rewriting,
        "packaging": desk.office.rules.codes["packaging"],
        "version_now": rewriting.version if rewriting else found.version,
    }
    return desk.pages.render(request, "correct.html", values, status)


def _proposed(found: Report) -> Mapping[str, str]:
    """What a later revision of the gate says of fields that can be corrected."""
    kinds = {where: kind_of(where) for where, _, _ in found.proposals() if correctable(where)}
    values = {where: after for where, _, after in found.proposals()}
    return {where: shown(kind, values[where]) for where, kind in kinds.items() if kind is not None}


def _items(found: Report, desk: Desk, typed: Typed) -> list[report_view.Item]:
    """The fields that can stand in a list of changes."""
    made = report_view.items(found, desk.office.rules, typed)
    return [
        report_view.Item(each.number, tuple(f for f in each.fields if correctable(f.field.pointer)))
        for each in made
    ]


def _page(
    request: Request,
    desk: Desk,
    who: Who,
    correction: str,
    status: int = 200,
    notice: Phrase | None = None,
) -> Response:
    seen = _seen(desk, who, correction)
    found = seen.correction
    works = who.may(Right.WORK)
    offered = customs.offered_of(desk, seen)
    deeds = [
        each
        for each in (found.possible(who) if works else ())
        if each not in OF_TRANSMISSION or each in offered
    ]
    why = [each for each in deeds if each in NEEDS_REASON or found.overrides(each)]
    values: dict[str, Any] = {
        "seen": seen,
        "correction": found,
        "report": seen.report,
        "notice": notice,
        "lacking": _of(desk).lacking(seen),
        "forward": [each for each in deeds if each not in why],
        "beside": why,
        "customs": customs.standing_of(desk, found),
        "stopped": customs.stopped(found.state, seen.history),
        "sends": What.QUEUED in offered,
        "envelope": customs.way_of(desk).leads_from(found.depot),
        "own": works and found.state is State.DRAFT and found.user == who.id,
        "rewritable": works and found.state is State.DRAFT and found.kind is Aim.CHANGE,
    }
    return desk.pages.render(request, "correction.html", values, status)
