"""Reports for other programs: found, read whole, with their history, their document and their proofs.

Ids stand in addresses; plates and numbers only in bodies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from sqlalchemy import Row

from record.upload import DIGEST, FileKind
from registry.api import shown
from registry.api.answer import refusals, tagged, told
from registry.api.caller import Guarded, Reader
from registry.api.models import Count, Cursor, Day, Detail, History, Page, Proofs, Search, Summary
from registry.api.scope import Scope
from registry.api.tokens import Caller
from registry.database import reading, writing
from registry.evidence import book as evidence
from registry.evidence.shelf import Shelf
from registry.evidence.tables import Keeping
from registry.people import trail
from registry.people.trail import Action
from registry.reports import query, sheet
from registry.reports.office import NoReport, Seen
from registry.reports.query import Place, Wanted
from registry.reports.state import State
from registry.web import report_view
from registry.web.desk import AtDesk, Desk
from registry.web.issued import issued_or_told
from registry.web.problem import Problem, spoken
from registry.web.search import every, workbook
from registry.web.visitor import address_of

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=Guarded)

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ANY_BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
SHEETS: dict[int | str, dict[str, Any]] = {200: {"content": {CSV: ANY_BYTES, XLSX: ANY_BYTES}}}


def report_id(
    report: Annotated[
        str, Path(description="id of a report", examples=["0199f2c4-7b5e-7a31-9d2f-6f1e0c4b8a77"])
    ],
) -> str:
    """An id that could be one. Raises `Problem` 404 for anything else, as for one that is not there."""
    if len(report) != 36 or not all(letter in "0123456789abcdef-" for letter in report):
        raise Problem(404, "not_found")
    return report


ReportId = Annotated[str, Depends(report_id)]


@router.get("", response_model=Page, responses=refusals())
def list_reports(
    request: Request,
    desk: AtDesk,
    caller: Reader,
    kind: Annotated[str | None, Query(pattern="^(IIE|ISE)$")] = None,
    state: State | None = None,
    depot: Annotated[str | None, Query(max_length=32)] = None,
    first_day: Annotated[
        Day | None, Query(alias="from", description="of the entry or exit, in Ecuador")
    ] = None,
    last_day: Annotated[Day | None, Query(alias="to", description="of the entry or exit, in Ecuador")] = None,
    after: Annotated[Cursor | None, Query(description="`next` of the page before")] = None,
    limit: Count = query.PAGE,
) -> Response:
    """Reports by kind, state, depot and day of entry, the newest entry first."""
    wanted = Wanted(state=state, depot=_text(depot), kind=kind, first_day=first_day, last_day=last_day)
    return told(request, _page(desk, caller, wanted, after, limit))


@router.post("/search", response_model=Page, responses=refusals(400, 413) | SHEETS)
def search_reports(request: Request, desk: AtDesk, caller: Reader, asked: Search) -> Response:
    """Reports by number, document, container or plate as well; what is looked for stands in the body alone.

    With `Accept: text/csv` or that of XLSX everything found comes as one file, 100,000 rows at most.
    """
    if asked.plate.strip() and not caller.may(Scope.PERSONAL_READ):
        raise Problem(403, "token_scope", scope=Scope.PERSONAL_READ.value)
    wanted = _wanted(asked)
    accepted = request.headers.get("accept", "")
    form = "csv" if CSV in accepted else "xlsx" if XLSX in accepted else None
    if form is None:
        return told(request, _page(desk, caller, wanted, asked.after, asked.limit))
    rows = every(desk, caller.who, wanted)
    _note(
        request,
        desk,
        caller,
        Action.LISTED,
        form=form,
        **asked.model_dump(mode="json", exclude_defaults=True),
    )
    return _sheet(rows, form, spoken(request, desk.settings.file.language))


@router.get("/{report}", response_model=Detail, responses=refusals(404))
def read_report(request: Request, desk: AtDesk, caller: Reader, report: ReportId) -> Response:
    """One report: every field with where it comes from, findings, and what is left to do."""
    return whole(request, desk, caller, report)


@router.get("/{report}/history", response_model=History, responses=refusals(404))
def read_history(request: Request, desk: AtDesk, caller: Reader, report: ReportId) -> Response:
    """Every change of a report, the first first."""
    seen = _seen(desk, caller, report)
    return told(request, shown.history(seen.history, caller.may(Scope.PERSONAL_READ)))


@router.get(
    "/{report}/document",
    response_class=Response,
    responses=refusals(404, 409) | {200: {"content": {"application/xml": ANY_BYTES}}},
)
def read_document(request: Request, desk: AtDesk, caller: Reader, report: ReportId) -> Response:
    """The XML of a report that has been exported, the very bytes that were."""
    with issued_or_told():
        name, body = desk.office.document(report, caller.who)
    _note(request, desk, caller, Action.DOCUMENT, report)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return tagged(request, body, "application/xml", headers)


@router.get("/{report}/evidence", response_model=Proofs, responses=refusals(404))
def read_evidence(request: Request, desk: AtDesk, caller: Reader, report: ReportId) -> Response:
    """What proves a report: weighings, what cameras read, and the files that there are."""
    seen = _seen(desk, caller, report)
    files = _files(desk, seen)
    return told(request, shown.proofs(seen.report, files, caller.may(Scope.PERSONAL_READ)))


@router.get(
    "/{report}/evidence/{digest}",
    response_class=Response,
    responses=refusals(404)
    | {200: {"content": {"image/jpeg": ANY_BYTES, "image/png": ANY_BYTES, "application/json": {}}}},
)
def read_file(
    request: Request,
    desk: AtDesk,
    caller: Reader,
    report: ReportId,
    digest: Annotated[str, Path(description="SHA-256 of a file that the report's draft names")],
) -> Response:
    """A file of evidence as the gate brought it. That which says who the driver is takes `personal:read`."""
    seen = _seen(desk, caller, report)
    if DIGEST.fullmatch(digest) is None or digest not in report_view.digests(seen.report):
        raise Problem(404, "not_found")
    found = _files(desk, seen).get(digest)
    if found is None or found.state is not Keeping.HELD or found.media_type is None:
        raise Problem(404, "not_here_yet")
    if found.kind is FileKind.PERSONAL:
        if not caller.may(Scope.PERSONAL_READ):
            raise Problem(403, "token_scope", scope=Scope.PERSONAL_READ.value)
        _note(request, desk, caller, Action.EVIDENCE, report, file=digest)
    path = Shelf(desk.settings.evidence).path(seen.report.depot, digest, found.media_type)
    if not path.is_file():
        raise Problem(404, "not_here_yet")
    return FileResponse(path, media_type=found.media_type, headers={"ETag": f'"{digest}"'})


def whole(request: Request, desk: Desk, caller: Caller, report: str) -> Response:
    """A report as `read_report` tells it, with its version in its tag."""
    seen = _seen(desk, caller, report)
    with reading(desk.engine) as connection:
        row = query.one(connection, report)
    if row is None:
        raise Problem(404, "not_found")
    language = spoken(request, desk.settings.file.language)
    found = shown.detail(row, seen.report, desk.office.rules, language, caller.may(Scope.PERSONAL_READ))
    return told(request, found, version=found.version)


def _page(desk: Desk, caller: Caller, wanted: Wanted, after: str | None, limit: int) -> Page:
    with reading(desk.engine) as connection:
        rows, more = query.page(connection, caller.who, wanted, _place(after), limit)
    found = [Summary.model_validate(sheet.json_of(row)) for row in rows]
    return Page(reports=found, next=str(more) if more else None)


def _place(after: str | None) -> Place | None:
    try:
        return Place.parse(after) if after is not None else None
    except (ValueError, OverflowError):
        raise Problem(422, "cursor_bad") from None


def _wanted(asked: Search) -> Wanted:
    return Wanted(
        words=asked.words,
        number=asked.number,
        document=asked.document,
        container=asked.container,
        plate=asked.plate,
        state=asked.state,
        depot=_text(asked.depot),
        kind=asked.kind,
        first_day=asked.first_day,
        last_day=asked.last_day,
    )


def _text(value: str | None) -> str | None:
    """A text as a database takes it: PostgreSQL's holds no NUL."""
    return None if value is None else value.replace("\x00", "\ufffd")


def _sheet(rows: Iterator[Row[Any]], form: str, language: str) -> Response:
    if form == "xlsx":
        return workbook(rows, language)
    lines = (line.encode() for line in sheet.csv_of(rows, language))
    headers = {"Content-Disposition": 'attachment; filename="informes.csv"'}
    return StreamingResponse(lines, media_type=f"{CSV}; charset=utf-8", headers=headers)


def _seen(desk: Desk, caller: Caller, report: str) -> Seen:
    try:
        return desk.office.see(report, caller.who)
    except NoReport:
        raise Problem(404, "not_found") from None


def _files(desk: Desk, seen: Seen) -> dict[str, evidence.Entry]:
    with reading(desk.engine) as connection:
        return evidence.entries(connection, seen.report.depot, report_view.digests(seen.report))


def _note(
    request: Request, desk: Desk, caller: Caller, action: Action, subject: str | None = None, **detail: Any
) -> None:
    """Write down in the trail what left the house, by the token's id and name."""
    with writing(desk.engine) as connection:
        trail.note(connection, desk.clock(), caller.who, action, subject, address_of(request), **detail)
