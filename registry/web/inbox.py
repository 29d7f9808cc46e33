"""The inbox: what a person has to do next, tray by tray, the longest waiting first. It keeps itself up to date.

page ──every 2 s──▶ /inbox/rows?since=N ──▶ 204 nothing has changed
                                        └─▶ the rows anew
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection, Row

from registry.corrections import book as corrections
from registry.database import reading
from registry.people.who import Who
from registry.reports import query
from registry.reports.book import Book
from registry.reports.tray import Tray
from registry.web.desk import AtDesk, Desk
from registry.web.visitor import Seer, Watching

router = APIRouter(include_in_schema=False)

SHOWN = 50
"""Rows of a tray that a page shows; the tray's count tells how many there are."""


@router.get("/inbox")
def show(request: Request, desk: AtDesk, who: Seer, tray: Tray | None = None) -> Response:
    """A tray; without a name the first that holds anything."""
    return desk.pages.render(request, "inbox.html", _values(desk, who, tray))


@router.get("/inbox/rows")
def rows(request: Request, desk: AtDesk, session: Watching, tray: Tray, since: int = 0) -> Response:
    """The rows of a tray where anything has changed since; else an answer without a body."""
    with reading(desk.engine) as connection:
        if _latest(connection) == since:
            return Response(status_code=204)
    return desk.pages.render(request, "inbox_rows.html", _values(desk, session.who, tray))


@router.get("/inbox/next")
def following(desk: AtDesk, who: Seer, after: str = "") -> Response:
    """The report to look at after one: the next of the first trays that hold another; else the inbox."""
    with reading(desk.engine) as connection:
        for each in (Tray.COMPLETE, Tray.REVIEW, Tray.EXPORT):
            ids = [row.id for row in query.tray(connection, who, each, SHOWN)]
            if after in ids:
                ids = ids[ids.index(after) + 1 :] + ids[: ids.index(after)]
            if ids:
                return RedirectResponse(f"/reports/{ids[0]}", 303)
    return RedirectResponse("/inbox", 303)


def _values(desk: Desk, who: Who, wanted: Tray | None) -> dict[str, Any]:
    with reading(desk.engine) as connection:
        counts = query.counts(connection, who)
        tray = wanted or next((each for each in Tray if counts[each]), Tray.COMPLETE)
        found = query.tray(connection, who, tray, SHOWN)
        book = desk.office.book(connection)
        return {
            "trays": list(Tray),
            "tray": tray,
            "counts": counts,
            "most": query.COUNTED,
            "rows": found,
            "several": sum(map(who.sees, desk.settings.file.depots)) > 1,
            "open": {row.id: _open(book, desk, row) for row in found if tray is Tray.COMPLETE},
            "corrections": corrections.to_do(connection, who),
            "since": _latest(connection),
        }


def _latest(connection: Connection) -> int:
    """A number that grows with every change that a page of the inbox may show."""
    return query.latest(connection) + corrections.latest(connection)


def _open(book: Book, desk: Desk, row: Row[Any]) -> list[Any]:
    """What a draft lacks, as phrases."""
    return [matter.phrase for matter in book.whole(row).matters(desk.office.rules)]
