"""Today's gates, live: the page asks every three seconds."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from registry.database import reading
from registry.people.who import Who
from registry.watch.gates import today
from registry.web.desk import AtDesk, Desk
from registry.web.visitor import Seer, Watching

router = APIRouter(include_in_schema=False)


@router.get("/gates")
def show(request: Request, desk: AtDesk, who: Seer) -> Response:
    """Every gate with what it says of itself and what has come from it today."""
    return desk.pages.render(request, "gates.html", _values(desk, who))


@router.get("/gates/rows")
def rows(request: Request, desk: AtDesk, session: Watching) -> Response:
    """The same, for the page that looks by itself."""
    return desk.pages.render(request, "gates_rows.html", _values(desk, session.who))


def _values(desk: Desk, who: Who) -> dict[str, Any]:
    now = desk.clock()
    with reading(desk.engine) as connection:
        return {"gates": today(connection, who, desk.settings.file, now), "now": now}
