"""Reports by number, document, container, plate, day, depot and state: as a page, as CSV, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from sqlalchemy import Row

from registry.database import reading, writing
from registry.people import trail
from registry.people.trail import Action
from registry.people.who import Who
from registry.reports import query, sheet
from registry.reports.query import Place, Wanted
from registry.reports.state import State
from registry.web.desk import AtDesk, Desk
from registry.web.problem import Problem
from registry.web.visitor import Seer, address_of

router = APIRouter(include_in_schema=False)

AT_ONCE = 500
MOST_EXPORTED = 100_000
"""Rows of one CSV file: a spreadsheet opens them."""

NAMES = ("q", "state", "depot", "kind", "from", "to")


@router.get("/reports")
def show(request: Request, desk: AtDesk, who: Seer) -> Response:
    """A page of what was looked for."""
    asked = asked_of(request)
    wanted, after = wanted_of(desk, who, asked), _after(request)
    with reading(desk.engine) as connection:
        rows, more = query.page(connection, who, wanted, after)
    values = {
        "rows": rows,
        "asked": asked,
        "states": [state.value for state in State],
        "depots": _depots(desk, who),
        "next": urlencode({**asked, "after": str(more)}) if more else None,
        "same": urlencode(asked),
        "first": after is None,
    }
    return desk.pages.render(request, "reports.html", values)


@router.get("/reports.csv")
def as_csv(request: Request, desk: AtDesk, who: Seer) -> Response:
    """Everything that was looked for, as a spreadsheet opens it."""
    asked = asked_of(request)
    wanted = wanted_of(desk, who, asked)
    _note(desk, request, who, "csv", asked)
    lines = sheet.csv_of(_all(desk, who, wanted), desk.pages.language(request))
    headers = {"Content-Disposition": 'attachment; filename="informes.csv"'}
    return StreamingResponse(
        (line.encode() for line in lines), media_type="text/csv; charset=utf-8", headers=headers
    )


@router.get("/reports.json")
def as_json(request: Request, desk: AtDesk, who: Seer) -> Response:
    """A page of what was looked for, with the address of the next one."""
    asked = asked_of(request)
    wanted = wanted_of(desk, who, asked)
    with reading(desk.engine) as connection:
        rows, more = query.page(connection, who, wanted, _after(request))
    _note(desk, request, who, "json", asked)
    following = f"/reports.json?{urlencode({**asked, 'after': str(more)})}" if more else None
    return JSONResponse({"reports": [sheet.json_of(row) for row in rows], "next": following})


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


def _note(desk: Desk, request: Request, who: Who, form: str, asked: Mapping[str, str]) -> None:
    with writing(desk.engine) as connection:
        trail.note(
            connection, desk.clock(), who, Action.LISTED, address=address_of(request), form=form, **asked
        )


def asked_of(request: Request) -> dict[str, str]:
    """What was typed, empty things left out."""
    found = {name: request.query_params.get(name, "").strip()[:80] for name in NAMES}
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
