"""Figures of the day as drawings: inline SVG, each with its numbers in a table beneath it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response

from registry.database import reading
from registry.numbers import ECUADOR
from registry.watch import figures
from registry.watch.figures import Bar
from registry.web.desk import AtDesk
from registry.web.problem import Problem
from registry.web.visitor import Seer
from registry.web.words import short_day

router = APIRouter(include_in_schema=False)


@router.get("/figures")
def show(request: Request, desk: AtDesk, who: Seer, day: str = "") -> Response:
    """The figures of a day, today's where none is named."""
    today = desk.clock().astimezone(ECUADOR).date()
    on = _day(day) if day else today
    language = desk.pages.language(request)
    depots = [each for each in sorted(desk.settings.file.depots) if who.sees(each)]
    with reading(desk.engine) as connection:
        read = figures.reading_rates(connection, depots, on)
        values: dict[str, Any] = {
            "visits": figures.visits(connection, depots, on),
            "waiting": figures.waiting(connection, who),
            "oldest": figures.oldest(connection, who),
            "reading": [
                replace(bar, label=short_day(date.fromisoformat(bar.label), language)) for bar in read
            ],
            "weights": figures.weights(connection, who),
        }
    total, part = sum(bar.value for bar in read), sum(bar.part for bar in read)
    values |= {"day": on.isoformat(), "rate": None if not total else 100 * part / total, "top": top}
    return desk.pages.render(request, "figures.html", values)


def top(bars: list[Bar]) -> int:
    """The height of a drawing in units of its bars: a round number above the highest, even for the line halfway."""
    highest = max((bar.value for bar in bars), default=0)
    steps = (step * int(10**power) for power in range(9) for step in (2, 4, 6, 8))
    return next(step for step in steps if step >= max(highest, 4))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Problem(400, "bad_request") from None
    if not 2012 <= day.year <= 2100:
        raise Problem(400, "bad_request")
    return day
