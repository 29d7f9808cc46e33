"""Logging in and out: by name and PIN or password, or once by a link; and the page's language."""

from __future__ import annotations

import math
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.console.desk import Desk, desk_of
from gateway.console.pages import LANGUAGE_COOKIE
from gateway.console.person import Right
from gateway.console.visitor import address_of, form_of, own_form, session_of
from record.messages import LANGUAGES
from record.web.place import local


async def show(request: Request) -> Response:
    """The login; who is logged in already goes on."""
    desk = desk_of(request)
    if await run_in_threadpool(session_of, request, desk) is not None:
        return RedirectResponse("/", 303)
    return await _page(request, desk)


async def log_in(request: Request) -> Response:
    """Open a session for the right name and PIN or password."""
    desk, form = desk_of(request), await form_of(request)
    name, secret = form.get("name", "")[:64], form.get("secret", "")[:200]
    found = await run_in_threadpool(desk.people.enter, name, secret, address_of(request), desk.clock())
    if isinstance(found, timedelta):
        seconds = math.ceil(found.total_seconds())
        return await _page(request, desk, 429, name=name, wait=seconds, retry=seconds)
    if found is None:
        return await _page(request, desk, 401, name=name, wrong=True)
    return _entered(desk, found)


async def ask_link(request: Request) -> Response:
    """A link's page: it is used by its button alone, so that no preview of a message uses it up."""
    return desk_of(request).pages.render(
        request, "link.html", {"token": request.query_params.get("token", "")[:100]}
    )


async def use_link(request: Request) -> Response:
    """Log a person in by a link, once."""
    desk, form = desk_of(request), await form_of(request)
    token = await run_in_threadpool(desk.people.use_link, form.get("token", ""), desk.clock())
    return _entered(desk, token) if token else await _page(request, desk, 401, dead_link=True)


async def log_out(request: Request) -> Response:
    """End the session."""
    desk = desk_of(request)
    await own_form(request, Right.SEE)
    await run_in_threadpool(desk.people.leave, request.state.session.id)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(desk.cookie, path="/", secure=desk.part.secure, httponly=True, samesite="strict")
    return answer


async def speak(request: Request) -> Response:
    """The page in another language, for this browser."""
    form = await form_of(request)
    chosen = form.get("lang", LANGUAGES[0])
    answer = RedirectResponse(local(form.get("back", "/")), 303)
    if chosen in LANGUAGES:
        year = 365 * 24 * 3600
        answer.set_cookie(
            LANGUAGE_COOKIE, chosen, max_age=year, samesite="strict", secure=desk_of(request).part.secure
        )
    return answer


async def _page(
    request: Request, desk: Desk, status: int = 200, retry: int = 0, **values: object
) -> Response:
    people = [each for each in await run_in_threadpool(desk.people.all) if not each.disabled and each.pin]
    given = {"name": "", "wrong": False, "wait": 0, "dead_link": False, "people": people, **values}
    headers = {"retry-after": str(retry)} if retry else None
    return desk.pages.render(request, "login.html", given, status, headers)


def _entered(desk: Desk, token: str) -> Response:
    answer = RedirectResponse("/", 303)
    answer.set_cookie(desk.cookie, token, path="/", secure=desk.part.secure, httponly=True, samesite="strict")
    return answer


ROUTES = [
    Route("/login", show),
    Route("/login", log_in, methods=["POST"]),
    Route("/enter", ask_link),
    Route("/enter", use_link, methods=["POST"]),
    Route("/logout", log_out, methods=["POST"]),
    Route("/language", speak, methods=["POST"]),
]
