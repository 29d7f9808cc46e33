"""Reports by number, document, container, plate, day, depot and state: as a page, as CSV, XLSX and JSON.

What is typed stands in no address: the form is posted, kept by an id, and shown at ``/reports?in=ID``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse
from sqlalchemy import Row

from record.messages import Phrase
from registry.database import reading, writing
from registry.people import searches, trail
from registry.people.trail import Action
from registry.people.who import Who
from registry.reports import query, sheet
from registry.reports.query import DaysReversed, Place, TooWide, Wanted
from registry.reports.state import State
from registry.web.desk import AtDesk, Desk
from registry.web.problem import Problem
from registry.web.visitor import OwnForm, Seer, address_of

router = APIRouter(include_in_schema=False)

AT_ONCE = 500
MOST_EXPORTED = 100_000
"""Rows of one file: a spreadsheet opens them."""

IN_MEMORY = 4 * 1024 * 1024
PIECE = 64 * 1024
NAMES = ("state", "depot", "kind", "from", "to")
BACK = "back"
"""The places that were passed, in an address: the way back to newer pages."""

MOST_BACK = 100
WORDS, KEPT = "q", "in"
"""What was typed, in a form; the id that it is kept by, in an address."""


@router.post("/reports/search")
def search(desk: AtDesk, who: Seer, form: OwnForm) -> Response:
    """Keep what was typed by an id, and show what it finds."""
    asked = {name: value for name, value in _given(form).items() if name in NAMES}
    with suppress(DaysReversed):  # the page says so, with the form as it was filled in
        wanted_of(desk, who, asked)
    if form.get(WORDS, "").strip():
        with writing(desk.engine) as connection:
            kept = searches.keep(connection, who, {WORDS: form[WORDS].strip()[:80]}, desk.clock())
        asked[KEPT] = kept
    return RedirectResponse(f"/reports?{urlencode(asked)}" if asked else "/reports", 303)


@router.get("/reports")
def show(request: Request, desk: AtDesk, who: Seer) -> Response:
    """A page of what was looked for."""
    asked, after = asked_of(request, desk, who), _after(request)
    passed = _passed(request)
    rows, more, trouble = _found(desk, who, asked, after)
    values = {
        "rows": rows,
        "asked": asked,
        "states": [state.value for state in State],
        "depots": _depots(desk, who),
        "next": _at(request, str(more), [*passed, *([str(after)] if after else [])]) if more else None,
        "newer": _at(request, passed[-1], passed[:-1]) if passed else address(request),
        "same": address(request),
        "first": after is None,
        "trouble": trouble,
    }
    return desk.pages.render(request, "reports.html", values)


def _found(
    desk: Desk, who: Who, asked: Mapping[str, str], after: Place | None
) -> tuple[Sequence[Row[Any]], Place | None, Phrase | None]:
    """The rows, where the next page begins, and why there are none where a person can mend that."""
    try:
        rows, more = _page(desk, who, wanted_of(desk, who, asked), after)
    except TooWide as error:
        return (), None, Phrase(error.advice, {"most": query.MOST_FOUND})
    except DaysReversed as error:
        return (), None, Phrase(error.advice, error.params)
    return rows, more, None


def _page(
    desk: Desk, who: Who, wanted: Wanted, after: Place | None
) -> tuple[Sequence[Row[Any]], Place | None]:
    """The rows, and where the next page begins. Raises `TooWide`."""
    with reading(desk.engine) as connection:
        return query.page(connection, who, wanted, after)


@router.get("/reports.csv")
def as_csv(request: Request, desk: AtDesk, who: Seer) -> Response:
    """Everything that was looked for, as a spreadsheet opens it."""
    rows = everything(request, desk, who, "csv")
    lines = sheet.csv_of(rows, desk.pages.language(request))
    headers = {"Content-Disposition": 'attachment; filename="informes.csv"'}
    return StreamingResponse(
        (line.encode() for line in lines), media_type="text/csv; charset=utf-8", headers=headers
    )


@router.get("/reports.xlsx")
def as_xlsx(request: Request, desk: AtDesk, who: Seer) -> Response:
    """The same as a workbook."""
    return workbook(everything(request, desk, who, "xlsx"), desk.pages.language(request))


def workbook(rows: Iterator[Row[Any]], language: str) -> Response:
    """Rows as an answer that holds a workbook; it grows on the disk, not in memory."""
    from registry.reports.workbook import MEDIA_TYPE, xlsx_of

    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when it has been sent
    xlsx_of(rows, language, file)
    headers = {"Content-Disposition": 'attachment; filename="informes.xlsx"'}
    return StreamingResponse(pieces(file), media_type=MEDIA_TYPE, headers=headers)


def pieces(file: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    """What a file holds, piece by piece; closed after the last."""
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


@router.get("/reports.json")
def as_json(request: Request, desk: AtDesk, who: Seer) -> Response:
    """A page of what was looked for, with the address of the next one."""
    asked = asked_of(request, desk, who)
    wanted = wanted_of(desk, who, asked)
    try:
        rows, more = _page(desk, who, wanted, _after(request))
    except TooWide:
        raise Problem(422, "too_wide", most=query.MOST_FOUND) from None
    note(desk, request, who, "json", asked)
    following = f"/reports.json?{address(request, after=str(more))}" if more else None
    return JSONResponse({"reports": [sheet.json_of(row) for row in rows], "next": following})


def everything(request: Request, desk: Desk, who: Who, form: str) -> Iterator[Row[Any]]:
    """All rows that were looked for, noted in the trail. Raises `Problem` before the first."""
    asked = asked_of(request, desk, who)
    wanted = wanted_of(desk, who, asked)
    rows = every(desk, who, wanted)
    note(desk, request, who, form, asked)
    return rows


def every(desk: Desk, who: Who, wanted: Wanted) -> Iterator[Row[Any]]:
    """Every row, in pages: none holds the database for long. Raises `Problem` for what finds too much."""
    try:
        with reading(desk.engine) as connection:
            query.named(connection, wanted)
    except TooWide:
        raise Problem(422, "too_wide", most=query.MOST_FOUND) from None
    return _all(desk, who, wanted)


def _all(desk: Desk, who: Who, wanted: Wanted) -> Iterator[Row[Any]]:
    """Every row, in pages: none holds the database for long."""
    after, count = None, 0
    while count < MOST_EXPORTED:
        with reading(desk.engine) as connection:
            rows, after = query.page(connection, who, wanted, after, AT_ONCE)
        yield from rows
        count += len(rows)
        if after is None:
            return


def note(desk: Desk, request: Request, who: Who, form: str, asked: Mapping[str, str]) -> None:
    """Write down that a list has left the house."""
    with writing(desk.engine) as connection:
        trail.note(
            connection, desk.clock(), who, Action.LISTED, address=address_of(request), form=form, **asked
        )


def asked_of(request: Request, desk: Desk, who: Who) -> dict[str, str]:
    """What was typed, empty things left out. Raises `Problem` for an id under which nothing is kept any more."""
    found = {name: value for name, value in _given(request.query_params).items() if name in NAMES}
    kept = request.query_params.get(KEPT)
    if kept is not None:
        with reading(desk.engine) as connection:
            words = searches.find(connection, who, kept)
        if words is None:
            raise Problem(404, "search_gone")
        found |= words
    return found


def address(request: Request, **more: str) -> str:
    """The query of this page's address, with something more."""
    names = {name: value for name, value in request.query_params.items() if name in (*NAMES, KEPT) and value}
    return urlencode({**names, **more})


def _at(request: Request, after: str, passed: Sequence[str]) -> str:
    """The query of the address of a page that begins after a place, with the places passed on the way to it."""
    more = {"after": after} | ({BACK: ",".join(passed[-MOST_BACK:])} if passed else {})
    return address(request, **more)


def _passed(request: Request) -> list[str]:
    """Where the pages before this one began, the second page first. Raises `Problem`."""
    try:
        return [str(Place.parse(each)) for each in request.query_params.get(BACK, "").split(",") if each]
    except (ValueError, OverflowError):
        raise Problem(400, "bad_request") from None


def _given(values: Mapping[str, str]) -> dict[str, str]:
    found = {name: values.get(name, "").strip()[:80] for name in NAMES}
    return {name: value for name, value in found.items() if value}


def wanted_of(desk: Desk, who: Who, asked: Mapping[str, str]) -> Wanted:
    """What is looked for, of what the person may see. Raises `Problem` for what cannot be asked."""
    depot = asked.get("depot")
    if depot is not None and depot not in _depots(desk, who):
        raise Problem(400, "bad_request")
    try:
        return Wanted(
            words=asked.get("q", ""),
            state=State(asked["state"]) if "state" in asked else None,
            depot=depot,
            kind={"IIE": "IIE", "ISE": "ISE"}[asked["kind"]] if "kind" in asked else None,
            first_day=_day(asked["from"]) if "from" in asked else None,
            last_day=_day(asked["to"]) if "to" in asked else None,
        )
    except (ValueError, KeyError):
        raise Problem(400, "bad_request") from None


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not 1900 <= day.year <= 9000:
        raise ValueError(text)
    return day


def _after(request: Request) -> Place | None:
    text = request.query_params.get("after")
    try:
        return Place.parse(text) if text else None
    except (ValueError, OverflowError):
        raise Problem(400, "bad_request") from None


def _depots(desk: Desk, who: Who) -> list[str]:
    return [depot for depot in sorted(desk.settings.file.depots) if who.sees(depot)]
