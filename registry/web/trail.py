"""The trail of what people did, read by supervisors and auditors: each row with the name of what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, select

from record.messages import Phrase, known
from registry.api.tables import tokens
from registry.corrections.tables import corrections
from registry.database import reading
from registry.hooks.tables import hooks
from registry.people import trail
from registry.people.tables import users
from registry.people.who import Who
from registry.reports.tables import reports
from registry.web.desk import AtDesk
from registry.web.visitor import TrailSeer

router = APIRouter(include_in_schema=False)
ROWS = 100


@dataclass(frozen=True, slots=True)
class Subject:
    """What a row is about: its number or name, and where it is shown, if the reader may see it there."""

    name: str
    place: str | None = None


@router.get("/trail")
def show(request: Request, desk: AtDesk, who: TrailSeer, before: int | None = None) -> Response:
    """What people did, newest first."""
    with reading(desk.engine) as connection:
        rows = trail.latest(connection, before, ROWS)
        about = subjects(connection, who, {row.subject for row in rows if row.subject})
    more = rows[-1].position if len(rows) == ROWS else None
    seen = [(row, about.get(row.subject), list(details(row.detail))) for row in rows]
    return desk.pages.render(request, "trail.html", {"rows": seen, "more": more})


def subjects(connection: Connection, who: Who, ids: Iterable[str]) -> dict[str, Subject]:
    """What ids stand for: reports and corrections by their numbers, people and systems by their names."""
    named = sorted(ids)
    found: dict[str, Subject] = {}
    for table in (users, tokens, hooks):
        query = select(table.c.id, table.c.name).where(table.c.id.in_(named))
        found |= {row.id: Subject(row.name) for row in connection.execute(query)}
    for place, table, number in (
        ("/reports", reports, reports.c.delivery_number),
        ("/corrections", corrections, corrections.c.number),
    ):
        numbers = select(table.c.id, table.c.depot, number.label("number")).where(table.c.id.in_(named))
        for row in connection.execute(numbers):
            found[row.id] = Subject(row.number, f"{place}/{row.id}" if who.sees(row.depot) else None)
    return found


def details(detail: Mapping[str, Any]) -> Iterator[tuple[Phrase | str, Phrase | str]]:
    """What else was written down, each with its name, in words where there are any."""
    for name, value in detail.items():
        code = f"console.trail.detail.{name}"
        words = _words(name, value)
        if words:
            yield Phrase(code) if known(code) else name, words


def _words(name: str, value: Any) -> Phrase | str:
    if name == "depots" and value is None:
        return Phrase("console.users.all_depots")
    if isinstance(value, bool):
        return Phrase("console.yes") if value else ""
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    code = f"console.{name}.{value}"
    if name in ("role", "state") and known(code):
        return Phrase(code)
    return "" if value is None else str(value)
