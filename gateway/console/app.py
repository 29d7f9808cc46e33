"""The page's application: every route in one place, behind one door.

request ─▶ Guard (host, origin, size) ─▶ route ─▶ page, part of a page, stream
                                           └─▶ error ─▶ a page that says what to do
"""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gateway.console import (
    commissioning,
    correct,
    entrance,
    equipment,
    live,
    logs,
    metrics,
    past,
    reload,
    ticket,
)
from gateway.console.desk import Desk, desk_of
from gateway.console.pages import STATIC
from gateway.outbox.letter import OutboxBroken
from gateway.site.page import PagePart
from record.messages import known
from record.web.guard import Guard, Rules


def app(desk: Desk) -> Starlette:
    """The application of one gate; it opens nothing until it is asked something."""
    made = Starlette(
        routes=[
            *live.ROUTES,
            *ticket.ROUTES,
            *correct.ROUTES,
            *past.ROUTES,
            *equipment.ROUTES,
            *commissioning.ROUTES,
            *reload.ROUTES,
            *logs.ROUTES,
            *metrics.ROUTES,
            *entrance.ROUTES,
            Route("/healthz", healthy),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        middleware=[Middleware(Guard, rules=rules(desk.part))],
        exception_handlers={HTTPException: told, OutboxBroken: broken},
    )
    made.state.desk, made.state.streams, made.state.ended = desk, Counter[str](), False
    return made


def rules(part: PagePart) -> Rules:
    """What the door lets in, by the site's file."""
    hosts = {"localhost", "127.0.0.1", "::1", part.address, *part.hosts}
    return Rules(frozenset(host.lower() for host in hosts), part.secure)


async def healthy(request: Request) -> Response:
    """For a machine that watches: whether lanes and link are at work; nothing of what they do."""
    view = desk_of(request).board.view
    return PlainTextResponse("degraded\n" if view.troubles else "ok\n", 503 if view.troubles else 200)


async def told(request: Request, error: Any) -> Response:
    """What went wrong, in words; who is not logged in is sent to the login."""
    if error.status_code == 401:
        return RedirectResponse("/login", 303)
    code = f"page.problem.{error.detail}"
    return _problem(request, error.status_code, code if known(code) else f"page.problem.{error.status_code}")


async def broken(request: Request, error: Exception) -> Response:
    """The database takes nothing now."""
    return _problem(request, 503, "page.problem.database")


def _problem(request: Request, status: int, code: str) -> Response:
    words = code if known(code) else "page.problem.other"
    values = {"status": status, "code": words, "phrase": HTTPStatus(status).phrase}
    return desk_of(request).pages.render(request, "problem.html", values, status)
