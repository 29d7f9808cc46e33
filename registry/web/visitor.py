"""Who is at the other end: the session's cookie to a person with rights, and forms that only their pages send."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.datastructures import FormData

from registry.database import reading, writing
from registry.people import kept, sessions
from registry.people.role import Right
from registry.people.sessions import Session
from registry.people.who import Who
from registry.web.desk import AtDesk, Desk
from registry.web.problem import LoginNeeded, OldPage, Problem

CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
KEPT_FIELD = "kept"
"""In an address, and hidden in the form that it filled: the id that `registry.people.kept` keeps a typed form by."""

MOST_FIELDS = 200


def cookie_name(desk: Desk) -> str:
    """The cookie's name; by https with the prefix that ties it to this host (RFC 6265bis, 4.1.3.2)."""
    return "__Host-iie" if secure(desk) else "iie"


def secure(desk: Desk) -> bool:
    """Whether cookies are for https only."""
    http = desk.settings.file.http
    return http is not None and http.secure


def idle(desk: Desk) -> timedelta:
    """After how long without use a session ends."""
    http = desk.settings.file.http
    return timedelta(minutes=http.session_minutes if http else 30)


def address_of(request: Request) -> str:
    """Where a request came from; behind a proxy of this machine, what the proxy says of it."""
    peer = request.client.host if request.client else ""
    http = request.app.state.desk.settings.file.http
    if http is not None and http.behind_tls and peer in ("127.0.0.1", "::1"):
        return request.headers.get("x-forwarded-for", peer).rpartition(",")[2].strip()[:64]
    return peer


def session_of(request: Request, desk: Desk) -> Session | None:
    """The session that a request belongs to, if any."""
    token = request.cookies.get(cookie_name(desk))
    if not token or len(token) > 100:
        return None
    with reading(desk.engine) as connection:
        return sessions.find(connection, token, desk.clock(), idle(desk))


def watching(request: Request, desk: AtDesk) -> Session:
    """The session of a page that asks by itself: that is no use, and keeps nobody logged in."""
    found = session_of(request, desk)
    if found is None:
        raise LoginNeeded
    request.state.who, request.state.csrf = found.who, found.csrf
    return found


def working(request: Request, desk: AtDesk) -> Session:
    """The session of a person who does something."""
    found = watching(request, desk)
    if found.stale:
        with writing(desk.engine) as connection:
            sessions.touch(connection, found.id, desk.clock())
    name = request.query_params.get(KEPT_FIELD)
    if name is not None and request.method == "GET":
        with reading(desk.engine) as connection:
            request.state.kept = kept.find(connection, found.who, name, desk.clock())
    return found


Watching = Annotated[Session, Depends(watching)]
Working = Annotated[Session, Depends(working)]


def allowed(right: Right) -> Callable[[Session], Who]:
    """A dependency that lets only people with a right pass."""

    def check(session: Working) -> Who:
        if not session.who.may(right):
            raise Problem(403, "forbidden")
        return session.who

    return check


Seer = Annotated[Who, Depends(allowed(Right.SEE))]
Worker = Annotated[Who, Depends(allowed(Right.WORK))]
Overrider = Annotated[Who, Depends(allowed(Right.OVERRIDE))]
UserKeeper = Annotated[Who, Depends(allowed(Right.KEEP_USERS))]
TrailSeer = Annotated[Who, Depends(allowed(Right.SEE_TRAIL))]


async def form_of(request: Request) -> Mapping[str, str]:
    """The texts of a form; files in it are left out, of a name that comes twice the first counts."""
    form: FormData = await request.form(max_files=0, max_fields=MOST_FIELDS)
    found: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, value)
    return found


async def own_form(request: Request, desk: AtDesk, session: Working) -> Mapping[str, str]:
    """The form of a logged-in person, sent by one of their own pages. Raises `OldPage`."""
    form = await form_of(request)
    token = request.headers.get(CSRF_HEADER) or form.get(CSRF_FIELD, "")
    if not secrets.compare_digest(token.encode(), session.csrf.encode()):
        raise OldPage
    if KEPT_FIELD in form:
        await run_in_threadpool(_forget, desk, session, form[KEPT_FIELD])
    return form


def _forget(desk: Desk, session: Session, name: str) -> None:
    with writing(desk.engine) as connection:
        kept.forget(connection, session.who, name[:36])


LooseForm = Annotated[Mapping[str, str], Depends(form_of)]
OwnForm = Annotated[Mapping[str, str], Depends(own_form)]
