"""Forms that come without their session: kept for who typed them, shown again after the login, never acted upon.

POST ─▶ no session, or a later one than the page's ─▶ kept ─▶ login ─▶ the page, its form filled ─▶ POST by a person

Whose page it was says the token in the form: nobody but its user has it. The form is shown to that user alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from record.web.place import local
from registry.database import writing
from registry.people import kept, sessions
from registry.people.sessions import Session
from registry.web.desk import Desk, desk_of
from registry.web.problem import API, LoginNeeded, OldPage, answer
from registry.web.visitor import CSRF_FIELD, KEPT_FIELD, cookie_name, form_of, session_of

NEXT, ENDED = "next", "ended"
"""In the login's address: where to go after it, and what to say of the session that has ended."""

ENDINGS = IDLE, SAVED, LOST = "idle", "kept", "lost"

ID = r"([0-9A-Za-z-]{1,64})"
PAGES = tuple(
    (re.compile(action), page)
    for action, page in (
        (rf"/reports/{ID}/(?:complete|confirm|do)", r"/reports/\1"),
        (rf"/reports/{ID}/(?:correct|swap|cancel)", r"/reports/\1/correct"),
        (rf"/corrections/{ID}/rewrite", r"/corrections/\1/rewrite"),
        (rf"/corrections/{ID}/do", r"/corrections/\1"),
        (rf"/daes/{ID}/(?:say|regularise|revoke)", r"/daes/\1"),
        (r"/(reports|daes|preadvice|releases)/search", r"/\1"),
        (r"/releases/new", "/releases"),
        (r"/reports", "/reports"),
        (r"/users", "/users"),
        (r"/systems/(?:tokens|hooks)", "/systems"),
    )
)
"""The forms that are kept, with the page that each stands on. Passwords and files are in none of them."""

NO_MORE_POLLS = 286
"""htmx: an answer after which an element asks no more."""


def install(app: FastAPI) -> None:
    """Let who has no session be sent to the login, with what they typed kept."""
    app.add_exception_handler(LoginNeeded, _login_needed)
    app.add_exception_handler(OldPage, _old_page)


def page_of(action: str, fields: Mapping[str, str]) -> str | None:
    """The page that a form stands on; None for forms that are not kept."""
    for pattern, page in PAGES:
        match = pattern.fullmatch(action)
        if match:
            place = match.expand(page)
            break
    else:
        return None
    if action == "/reports" and re.fullmatch(ID, fields.get("like", "")):
        return f"/reports/{fields['like']}"
    if action.endswith("/complete") and ("more" in fields or "add" in fields):
        return f"{place}?more=1"
    return place


async def _login_needed(request: Request, error: Exception) -> Response:
    """To the login; from there a person comes back to where they were."""
    assert isinstance(error, LoginNeeded)  # noqa: S101 - registered for nothing else
    desk = desk_of(request)
    if request.url.path.startswith(API):
        return answer(request, error)
    ended = IDLE if cookie_name(desk) in request.cookies else ""
    if "hx-request" in request.headers:
        return _polled(request, ended)
    if request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        return _to_login(f"{request.url.path}{query}", ended)
    place = await _kept(request, desk, None)
    return _to_login(place or "/", SAVED if place else LOST)


async def _old_page(request: Request, error: Exception) -> Response:
    """The page is of a session before this one: the form is shown again, with this session's token."""
    assert isinstance(error, OldPage)  # noqa: S101 - registered for nothing else
    desk = desk_of(request)
    session = await run_in_threadpool(session_of, request, desk)
    place = await _kept(request, desk, session) if session else None
    return RedirectResponse(place, 303) if place else answer(request, error)


async def _kept(request: Request, desk: Desk, session: Session | None) -> str | None:
    """Keep what was sent: the address that shows it again. None where it is no form of a known user's page."""
    action = request.url.path
    if page_of(action, {}) is None:
        return None
    try:
        form = await form_of(request)
    except HTTPException:
        return None
    return await run_in_threadpool(_keep, desk, action, form, session)


def _keep(desk: Desk, action: str, form: Mapping[str, str], session: Session | None) -> str | None:
    fields = {name: value for name, value in form.items() if name not in (CSRF_FIELD, KEPT_FIELD)}
    with writing(desk.engine) as connection:
        user = sessions.user_of_form(connection, form.get(CSRF_FIELD, ""))
        if user is None or (session is not None and user != session.who.id):
            return None
        name = kept.keep(connection, user, action, fields, desk.clock())
    page = page_of(action, fields) or "/"
    return f"{page}{'&' if '?' in page else '?'}{urlencode({KEPT_FIELD: name})}"


def _polled(request: Request, ended: str) -> Response:
    """A page that asks by itself goes to the login; one where somebody may be typing stays, and asks no more."""
    if request.url.path.startswith("/reports/"):
        return Response(status_code=NO_MORE_POLLS, headers={"HX-Reswap": "none"})
    page = request.url.path.removesuffix("/rows")
    return Response(status_code=401, headers={"HX-Redirect": _login(page, ended)})


def _to_login(place: str, ended: str) -> Response:
    return RedirectResponse(_login(place, ended), 303)


def _login(place: str, ended: str) -> str:
    """The login's address; it leads on to a place."""
    asked = {} if local(place) == "/" else {NEXT: place}
    if ended:
        asked[ENDED] = ended
    query = urlencode(asked, quote_via=quote, safe="")
    return f"/login?{query}" if query else "/login"
