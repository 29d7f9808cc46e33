"""What gates are told: pre-advice and releases, taken from files or made by hand, found and withdrawn."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import uuid_utils
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from record.announcing.files import MOST_BYTES
from record.base import timestamp
from record.draft import ExitReason
from record.errors import BadRecord
from record.messages import Phrase
from record.release import Release
from registry.database import reading, writing
from registry.notices import book
from registry.notices.book import By, Kind, Origin
from registry.notices.taking import Taken, take, take_file, withdraw
from registry.numbers import ECUADOR
from registry.people.role import Right
from registry.people.who import Who
from registry.releases.exits import without_release
from registry.reports.field import BadValue, typed
from registry.reports.office import NoReport
from registry.web.desk import AtDesk, Desk
from registry.web.problem import OldPage, Problem
from registry.web.visitor import CSRF_FIELD, OwnForm, Seer, Worker, Working

router = APIRouter(include_in_schema=False)

LIMITS = {"/notices/": MOST_BYTES + 64 * 1024}
"""Bodies that hold a file, by the beginning of their path."""

PLACES = {Kind.PREADVICE: "/preadvice", Kind.RELEASE: "/releases"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A form with a file."""

    fields: Mapping[str, str]
    name: str
    content: bytes


async def upload_of(request: Request, session: Working) -> Upload:
    """The form of a logged-in person with one file in it, sent by one of their own pages."""
    if not session.who.may(Right.WORK):
        raise Problem(403, "forbidden")
    async with request.form(max_files=1, max_fields=10) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        if not secrets.compare_digest(fields.get(CSRF_FIELD, "").encode(), session.csrf.encode()):
            raise OldPage
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise Problem(400, "no_file")
        return Upload(fields, file.filename[:120], await file.read(MOST_BYTES + 1))


@router.get("/preadvice")
def show_preadvice(request: Request, desk: AtDesk, who: Seer, before: int | None = None) -> Response:
    """What gates are told to expect."""
    return _page(request, desk, who, Kind.PREADVICE, before=before)


@router.get("/releases")
def show_releases(
    request: Request, desk: AtDesk, who: Seer, before: int | None = None, report: str = ""
) -> Response:
    """What customs lets leave, and what has left without; the form filled in for the exit that is named."""
    return _page(request, desk, who, Kind.RELEASE, before=before, asked=_of_exit(desk, who, report))


@router.post("/preadvice/search")
def search_preadvice(request: Request, desk: AtDesk, who: Seer, form: OwnForm) -> Response:
    """Announcements by what they name; words stay out of addresses."""
    return _page(request, desk, who, Kind.PREADVICE, words=form.get("q", "")[:80])


@router.post("/releases/search")
def search_releases(request: Request, desk: AtDesk, who: Seer, form: OwnForm) -> Response:
    """Releases by what they name."""
    return _page(request, desk, who, Kind.RELEASE, words=form.get("q", "")[:80])


@router.post("/notices/{kind}/file")
def take_upload(
    request: Request, desk: AtDesk, who: Seer, kind: Kind, upload: Annotated[Upload, Depends(upload_of)]
) -> Response:
    """Take a file in; what is wrong in it is told line by line."""
    depot = _depot(desk, who, upload.fields.get("depot", ""))
    by = By.of(who, Origin.FORM)
    taken = take_file(desk.office, depot, kind, upload.name, upload.content, by)
    return _page(request, desk, who, kind, taken=taken, status=422 if taken.wrong and not taken.new else 200)


@router.post("/releases/new")
def make(request: Request, desk: AtDesk, who: Worker, form: OwnForm) -> Response:
    """A release that somebody has on paper."""
    depot = _depot(desk, who, form.get("depot", ""))
    try:
        release = _release(desk, form)
        with writing(desk.engine) as connection:
            take(desk.office.book(connection), depot, [release], By.of(who, Origin.FORM), desk.clock())
    except (BadValue, BadRecord) as error:
        told = (
            error.phrase
            if isinstance(error, BadValue)
            else Phrase("console.notice.wrong", {"what": str(error)[:200]})
        )
        return _page(request, desk, who, Kind.RELEASE, status=422, notice=told, asked=form)
    named = _of_exit(desk, who, form.get("report", ""))
    return RedirectResponse(f"/reports/{named['report']}" if named else "/releases", 303)


@router.post("/notices/{position}/withdraw")
def take_back(request: Request, desk: AtDesk, who: Worker, form: OwnForm, position: int) -> Response:
    """Take one back from the gates."""
    with reading(desk.engine) as connection:
        row = book.by_position(connection, position) if position < 2**31 else None
    if row is None or not who.sees(row.depot):
        raise Problem(404, "not_found")
    kind, reason = Kind(row.kind), " ".join(form.get("reason", "").split())[:500]
    if not reason:
        return _page(request, desk, who, kind, status=409, notice=Phrase("console.value.reason"))
    withdraw(desk.office, kind, row.depot, row.id, By.of(who, Origin.FORM), reason)
    return RedirectResponse(PLACES[kind], 303)


def _release(desk: Desk, form: Mapping[str, str]) -> Release:
    """What a form says of a release. Raises `BadValue`, `BadRecord`."""
    today, rules = desk.clock().astimezone(ECUADOR).date(), desk.office.rules
    number, keys = form.get("number", "").strip()[:60], dict[str, Any]()
    if number:
        keys["document"] = typed("/document", f"{form.get('type', 'DAE')[:10]} {number}", rules, today).value
    boxes = [each for each in re.split(r"[,;]+", form.get("containers", "")[:1000]) if each.strip()]
    keys["containers"] = [typed("/items/0/container", each, rules, today).value for each in boxes]
    if not number and not boxes:
        raise BadValue("release_of_nothing")
    if form.get("reason", "") not in set(ExitReason):
        raise BadValue("choice")
    record = {
        "id": form.get("id", "").strip()[:200] or f"rads-{uuid_utils.uuid7()}",
        "keys": keys,
        "reason": form["reason"],
        "version": 1,
    }
    if form.get("until", "").strip():
        record["valid_until"] = timestamp(_end(form["until"].strip()))
    return Release.from_wire(record)


def _of_exit(desk: Desk, who: Who, report: str) -> Mapping[str, str]:
    """What the form of a release would say for an exit; nothing where there is no such report for the person."""
    if not report:
        return {}
    try:
        found = desk.office.see(report[:36], who).report
    except NoReport:
        return {}
    document = found.payload.get("document") or {}
    boxes = [each["container"] for each in found.items if each.get("container")]
    return {
        "report": found.id,
        "depot": found.depot,
        "type": document.get("type", "DAE"),
        "number": document.get("number", ""),
        "containers": ", ".join(boxes),
        "reason": found.payload.get("exit_reason") or "load",
    }


def _end(text: str) -> datetime:
    """The end of a day in Ecuador. Raises `BadValue`."""
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day + timedelta(days=1), time(0), tzinfo=ECUADOR) - timedelta(seconds=1)
    except (ValueError, OverflowError):
        raise BadValue("day") from None


def _depot(desk: Desk, who: Who, named: str) -> str:
    depots = [each for each in sorted(desk.settings.file.depots) if who.sees(each)]
    if named in depots:
        return named
    if not named and len(depots) == 1:
        return depots[0]
    raise Problem(400, "bad_request")


def _page(
    request: Request,
    desk: Desk,
    who: Who,
    kind: Kind,
    words: str = "",
    before: int | None = None,
    taken: Taken | None = None,
    status: int = 200,
    notice: Phrase | None = None,
    asked: Mapping[str, str] | None = None,
) -> Response:
    now, language = desk.clock(), desk.pages.language(request)
    with reading(desk.engine) as connection:
        rows, more = book.page(connection, who, kind, words, before)
        exits = without_release(connection, who) if kind is Kind.RELEASE and not words else []
    values = {
        "kind": kind,
        "place": PLACES[kind],
        "rows": [(row, book.record_of(row), book.told(row, now)) for row in rows],
        "more": more,
        "first": before is None and not words,
        "words": words,
        "exits": exits,
        "taken": taken,
        "problems": [each.line_text(language) for each in taken.problems[:100]] if taken else [],
        "notice": notice,
        "asked": asked or {},
        "reasons": [each.value for each in ExitReason],
        "depots": [each for each in sorted(desk.settings.file.depots) if who.sees(each)],
    }
    return desk.pages.render(request, "notices.html", values, status)
