"""One report: its page, what people do on it, its pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from record.draft import ReportKind
from record.messages import Phrase
from record.upload import DIGEST, FileKind
from registry.corrections import book as corrected
from registry.corrections.office import Corrections
from registry.database import reading, writing
from registry.evidence import book as evidence
from registry.evidence.shelf import Shelf
from registry.evidence.tables import Keeping
from registry.people import trail
from registry.people.role import Right
from registry.people.trail import Action
from registry.people.who import Who
from registry.reports.book import Stale
from registry.reports.completion import BadFields
from registry.reports.field import kind_of
from registry.reports.office import NoReport, NotAllowed, NotNow, NotReady, Seen
from registry.reports.report import Matter, label, may_acknowledge, phrase
from registry.reports.state import OVERRIDES, State, What, possible
from registry.web import customs, report_view
from registry.web.desk import AtDesk, Desk
from registry.web.forms import asked_of, version_of
from registry.web.problem import Problem
from registry.web.report_view import Typed
from registry.web.visitor import OwnForm, Seer, Watching, Worker, address_of

router = APIRouter(include_in_schema=False)

BY_HAND = frozenset(
    {
        What.REVIEWED,
        What.REOPENED,
        What.EXPORTED,
        What.APPROVED,
        What.REJECTED,
        What.WITHDRAWN,
        What.DISMISSED,
        What.UNQUEUED,
    }
)
"""Deeds that the page always offers; `customs.offered` adds those of transmission."""

ORDER = (What.REVIEWED, What.QUEUED, What.EXPORTED, What.APPROVED)
"""The way forward: these are one key; the others ask why."""


@router.post("/reports")
def create(request: Request, desk: AtDesk, who: Worker, form: OwnForm) -> Response:
    """A report from nothing, or with the values of another."""
    try:
        kind = ReportKind(form.get("kind", ""))
    except ValueError:
        raise Problem(400, "bad_request") from None
    like = form.get("like") or None
    try:
        made = desk.office.create(form.get("depot", ""), kind, who, form.get("reason", ""), like)
    except NoReport:
        raise Problem(404, "not_found") from None
    except NotAllowed:
        raise Problem(403, "forbidden") from None
    except NotNow as error:
        raise Problem(409, "why", what=error.phrase) from None
    return RedirectResponse(f"/reports/{made}", 303)


@router.get("/reports/{report}")
def show(request: Request, desk: AtDesk, who: Seer, report: str, more: bool = False) -> Response:
    """The report's page; ``more`` shows an empty item to be filled in."""
    return _page(request, desk, who, report, more=more)


@router.post("/reports/{report}/complete")
def complete(request: Request, desk: AtDesk, who: Worker, form: OwnForm, report: str) -> Response:
    """Take what a person typed; what cannot stand is shown again with the reason. With ``add`` nothing is taken yet:
    the form is shown again with an empty item more."""
    asked, more = asked_of(form), "more" in form
    typed = Typed(asked.texts, reason=asked.reason)
    if "add" in form:
        stale = _seen(desk, who, report).report.version != version_of(form)
        notice = Phrase("console.report.stale") if stale else None
        return _page(request, desk, who, report, typed, 409 if stale else 200, notice, more=True)
    try:
        done = desk.office.complete(report, version_of(form), who, asked)
    except BadFields as error:
        typed.problems = error.problems
        return _page(request, desk, who, report, typed, 422, more=more)
    except Stale:
        notice = Phrase("console.report.stale")
        return _page(request, desk, who, report, typed, 409, notice, more=more)
    except NoReport:
        raise Problem(404, "not_found") from None
    except NotAllowed:
        raise Problem(403, "forbidden") from None
    except NotNow as error:
        return _page(request, desk, who, report, typed, 409, error.phrase, more=more)
    if done.remarks:
        typed = Typed(remarks=done.remarks)
        return _page(request, desk, who, report, typed, notice=Phrase("console.report.look"), bad=False)
    return RedirectResponse(f"/reports/{report}", 303)


@router.post("/reports/{report}/confirm")
def confirm(request: Request, desk: AtDesk, who: Worker, form: OwnForm, report: str) -> Response:
    """A second person confirms a value."""
    try:
        desk.office.confirm(report, version_of(form), who, form.get("field", ""))
    except NotAllowed:
        notice = Phrase("console.value.not_yourself")
        return _page(request, desk, who, report, status=403, notice=notice)
    except (Stale, NotNow, NoReport) as error:
        return _refused(request, desk, who, report, error)
    return RedirectResponse(f"/reports/{report}", 303)


@router.post("/reports/{report}/do")
def do(request: Request, desk: AtDesk, who: Worker, form: OwnForm, report: str) -> Response:
    """Move the report on."""
    try:
        what = What(form.get("what", ""))
    except ValueError:
        raise Problem(400, "bad_request") from None
    if what not in BY_HAND and what not in customs.offered(desk, _seen(desk, who, report).report):
        raise Problem(400, "bad_request")
    try:
        desk.office.do(report, version_of(form), who, what, form.get("reason", ""))
    except (Stale, NotNow, NotAllowed, NoReport) as error:
        return _refused(request, desk, who, report, error)
    return RedirectResponse(f"/reports/{report}", 303)


@router.get("/reports/{report}/picture/{digest}")
def picture(request: Request, desk: AtDesk, session: Watching, report: str, digest: str) -> Response:
    """A picture's place on the page: the picture, or that it is still on its way."""
    seen = _seen(desk, session.who, report)
    found = [each for each in report_view.pictures(seen.report, _files(desk, seen)) if each.digest == digest]
    if not found:
        raise Problem(404, "not_found")
    return desk.pages.render(request, "picture.html", {"picture": found[0], "report": seen.report})


@router.get("/reports/{report}/evidence/{digest}")
def file(request: Request, desk: AtDesk, who: Seer, report: str, digest: str) -> Response:
    """A file that the report's draft names, as it was brought. What says who the driver is takes a right."""
    seen = _seen(desk, who, report)
    if DIGEST.fullmatch(digest) is None or digest not in report_view.digests(seen.report):
        raise Problem(404, "not_found")
    found = _files(desk, seen).get(digest)
    if found is None or found.state is not Keeping.HELD or found.media_type is None:
        raise Problem(404, "not_here_yet")
    if found.kind is FileKind.PERSONAL:
        if not who.may(Right.SEE_PERSONAL):
            raise Problem(403, "forbidden")
        with writing(desk.engine) as connection:
            trail.note(
                connection,
                desk.clock(),
                who,
                Action.EVIDENCE,
                seen.report.id,
                address_of(request),
                file=digest,
            )
    path = Shelf(desk.settings.evidence).path(seen.report.depot, digest, found.media_type)
    if not path.is_file():
        raise Problem(404, "not_here_yet")
    headers = {"Cache-Control": "private, max-age=86400"} if found.kind is not FileKind.PERSONAL else {}
    return FileResponse(path, media_type=found.media_type, headers=headers)


def _seen(desk: Desk, who: Who, report: str) -> Seen:
    try:
        return desk.office.see(report, who)
    except NoReport:
        raise Problem(404, "not_found") from None


def _files(desk: Desk, seen: Seen) -> Mapping[str, evidence.Entry]:
    with reading(desk.engine) as connection:
        return evidence.entries(connection, seen.report.depot, report_view.digests(seen.report))


def _refused(request: Request, desk: Desk, who: Who, report: str, error: Exception) -> Response:
    """Why a deed was not done, on the page of the report as it is now."""
    match error:
        case Stale():
            return _page(request, desk, who, report, status=409, notice=Phrase("console.report.stale"))
        case NotReady():
            notice = error.phrase
            return _page(request, desk, who, report, status=409, notice=notice, matters=error.matters)
        case NotNow():
            return _page(request, desk, who, report, status=409, notice=error.phrase)
        case NotAllowed():
            raise Problem(403, "forbidden") from None
        case _:
            raise Problem(404, "not_found") from None


def _page(
    request: Request,
    desk: Desk,
    who: Who,
    report: str,
    typed: Typed | None = None,
    status: int = 200,
    notice: Phrase | None = None,
    more: bool = False,
    bad: bool = True,
    matters: Sequence[Matter] = (),
) -> Response:
    seen, typed = _seen(desk, who, report), typed or Typed()
    found, rules = seen.report, desk.office.rules
    files = _files(desk, seen)
    with reading(desk.engine) as connection:
        corrections = corrected.of_report(connection, found.position)
        replaces = corrected.replacing(connection, found.position)
        why_not = Corrections(desk.office).why_not(connection, found)
    offered = BY_HAND | customs.offered(desk, found)
    deeds = [each for each in possible(found.state, who.may(Right.OVERRIDE)) if each in offered]
    values: dict[str, Any] = {
        "report": found,
        "evidence": found.gate_draft.evidence if found.gate_draft else None,
        "items": report_view.items(found, rules, typed, more),
        "more": more,
        "matters": matters or (found.matters(rules) if found.state is State.DRAFT else []),
        "judged": [(each, phrase(each.finding)) for each in found.judged()],
        "may_acknowledge": [each.key for each in found.judged() if may_acknowledge(each.finding, who)],
        "proposals": [(label(f), f, b, a) for f, b, a in found.proposals()],
        "pictures": report_view.pictures(found, files),
        "personal": _personal(found, files),
        "may_see_personal": who.may(Right.SEE_PERSONAL),
        "history": [(row, list(report_view.changes(row.detail))) for row in reversed(seen.history)],
        "editable": found.state is State.DRAFT and who.may(Right.WORK),
        "works": who.may(Right.WORK),
        "customs": customs.standing(desk, found),
        "stopped": customs.stopped(found.state, seen.history),
        "envelope": customs.way_of(desk).leads_from(found.depot),
        "forward": [each for each in ORDER if each in deeds and not _overrides(found, each)],
        "beside": [each for each in deeds if each not in ORDER or _overrides(found, each)],
        "corrections": corrections,
        "replaces": replaces,
        "why_not": why_not,
        "typed": typed,
        "notice": notice,
        "notice_bad": bad,
        "packaging": rules.codes["packaging"],
        "show_value": report_view.value_text,
        "kind_of": kind_of,
    }
    return desk.pages.render(request, "report.html", values, status)


def _overrides(found: Any, what: What) -> bool:
    return found.state in OVERRIDES.get(what, frozenset())


def _personal(found: Any, files: Mapping[str, evidence.Entry]) -> evidence.Entry | None:
    digest = found.gate_draft.evidence.personal if found.gate_draft else None
    return files.get(digest) if digest else None
