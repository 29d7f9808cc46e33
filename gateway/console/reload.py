"""The site's file: whether the gate follows it, what is wrong in it, what waits, and a button that reads it again."""

from __future__ import annotations

from concurrent.futures import TimeoutError as TakesTooLong
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.console.desk import Desk, desk_of
from gateway.console.person import Right
from gateway.console.visitor import own_form, working
from gateway.doctor.bundle import without_secrets
from gateway.reload import ReloadRefused
from gateway.site.checks import CHECKS
from gateway.site.site import Site
from record.yamlfile import check

WITHIN_S = 20.0
SHOWN = 200_000
"""Characters of a file that are shown."""


async def show(request: Request) -> Response:
    """What the gate is at work by."""
    await working(request, Right.CONFIGURE)
    desk = desk_of(request)
    language, known = desk.pages.language(request), desk.board.view.configuration
    problems = [(each.severity.value, each.line_text(language)) for each in known.problems] if known else []
    lines = await run_in_threadpool(_lines, Path(known.file), language) if known else []
    errors = sum(severity == "error" for _, _, found in lines for severity, _ in found)
    values = {"known": known, "problems": problems, "lines": lines, "errors": errors}
    return desk.pages.render(request, "configuration.html", values)


def _lines(file: Path, language: str) -> list[tuple[int, str, list[tuple[str, str]]]]:
    """The file as it lies there now, before any reload: line by line, without secrets, each with its problems."""
    _, problems = check(file, Site, CHECKS)
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            written = without_secrets(opened.read(SHOWN)).splitlines() or [""]
    except OSError:
        written = [""]
    found: dict[int, list[tuple[str, str]]] = {}
    for each in problems:
        place = min(max(each.line, 1), len(written))
        found.setdefault(place, []).append((each.severity.value, each.text(language)))
    return [(number, words, found.get(number, [])) for number, words in enumerate(written, 1)]


async def reload(request: Request) -> Response:
    """Read the file again; what came of it stands on the page, and in the audit with who asked."""
    person, _ = await own_form(request, Right.CONFIGURE)
    desk = desk_of(request)
    found = await run_in_threadpool(_reloaded, desk)
    await run_in_threadpool(desk.people.note, person, "reload", "", found, desk.clock())
    return RedirectResponse("/configuration", 303)


def _reloaded(desk: Desk) -> str:
    """What was done, or why nothing was, in one line."""
    if desk.reload is None:
        raise HTTPException(404)
    try:
        counts = desk.reload().result(WITHIN_S).counts()
    except ReloadRefused as error:
        return str(error)
    except TakesTooLong:
        raise HTTPException(503, "lane_silent") from None
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count)


ROUTES = [
    Route("/configuration", show),
    Route("/configuration/reload", reload, methods=["POST"]),
]
