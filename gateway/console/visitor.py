"""Who is at the other end: the session's cookie to a person with rights, and forms that only their pages send."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway.console.desk import Desk, desk_of
from gateway.console.people import Session
from gateway.console.person import Person, Right

CSRF = "csrf"
MOST_FIELDS = 40


class LoginNeeded(HTTPException):
    """Nobody is logged in: people are sent to the login."""

    def __init__(self) -> None:
        super().__init__(401)


def address_of(request: Request) -> str:
    """Where a request came from; behind a proxy of this machine, what the proxy says of it."""
    peer = request.client.host if request.client else ""
    if desk_of(request).part.behind_tls and peer in ("127.0.0.1", "::1"):
        return request.headers.get("x-forwarded-for", peer).rpartition(",")[2].strip()[:64]
    return peer


def session_of(request: Request, desk: Desk) -> Session | None:
    """The session that a request belongs to, if any."""
    token = request.cookies.get(desk.cookie, "")
    return desk.people.session(token, desk.clock(), desk.idle) if 0 < len(token) <= 100 else None


async def watching(request: Request, right: Right = Right.SEE) -> Session:
    """The session of a page that asks by itself: that is no use, and keeps nobody logged in."""
    found = await run_in_threadpool(session_of, request, desk_of(request))
    if found is None:
        raise LoginNeeded
    if not found.person.may(right):
        raise HTTPException(403)
    request.state.session = found
    return found


async def working(request: Request, right: Right = Right.SEE) -> Person:
    """A person who does something, with the right to it."""
    found = await watching(request, right)
    if found.stale:
        desk = desk_of(request)
        await run_in_threadpool(desk.people.touch, found.id, desk.clock())
    return found.person


async def form_of(request: Request) -> Mapping[str, str]:
    """The texts of a form; of a name that comes twice the first counts."""
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    found: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, value)
    return found


async def own_form(request: Request, right: Right) -> tuple[Person, Mapping[str, str]]:
    """The form of a logged-in person, sent by one of their own pages."""
    person = await working(request, right)
    form = await form_of(request)
    if not secrets.compare_digest(form.get(CSRF, "").encode(), request.state.session.csrf.encode()):
        raise HTTPException(403, "old_page")
    return person, form
