"""Logging in and out: by name and password, or once by a link.

name, password ─▶ throttle (by user, by address) ─▶ argon2 ─▶ session, cookie
                      └─▶ wait                        └─▶ the same answer for a wrong name and a wrong password
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Row

from record.web.place import local
from registry.database import reading, writing
from registry.people import sessions, throttle, trail, users
from registry.people.trail import Action
from registry.web.desk import AtDesk, Desk
from registry.web.unsent import ENDED, ENDINGS, NEXT
from registry.web.visitor import (
    LooseForm,
    OwnForm,
    Working,
    address_of,
    cookie_name,
    secure,
    session_of,
)

router = APIRouter(include_in_schema=False)


@router.get("/login")
def show(request: Request, desk: AtDesk, next: str = "/", ended: str = "") -> Response:
    """The login; who is logged in already goes on. ``ended`` says what has become of an earlier session."""
    if session_of(request, desk) is not None:
        return RedirectResponse(local(next), 303)
    return _page(desk, request, {"next": local(next), "ended": ended if ended in ENDINGS else ""})


@router.post("/login")
def log_in(request: Request, desk: AtDesk, form: LooseForm) -> Response:
    """Open a session for the right name and password."""
    name, password = form.get("name", "")[:200], form.get("password", "")
    wanted, address = local(form.get(NEXT, "/")), address_of(request)
    ended = form.get(ENDED, "") if form.get(ENDED) in ENDINGS else ""
    subjects = throttle.subjects(name, address)
    with writing(desk.engine) as connection:
        wait = throttle.attempt(connection, subjects, desk.clock())
    if wait.total_seconds() > 0:
        seconds = math.ceil(wait.total_seconds())
        values = {"next": wanted, "name": name, "wait": seconds, "ended": ended}
        return _page(desk, request, values, 429, {"Retry-After": str(seconds)})
    with reading(desk.engine) as connection:
        row = users.by_name(connection, name)
    if not desk.passwords.fits(row.password if row else None, password) or row is None or row.disabled_at:
        with writing(desk.engine) as connection:
            trail.note(connection, desk.clock(), name or "?", Action.LOGIN_FAILED, address=address)
        values = {"next": wanted, "name": name, "wrong": True, "ended": ended}
        return _page(desk, request, values, 401)
    with writing(desk.engine) as connection:
        throttle.succeeded(connection, subjects)
        if desk.passwords.outdated(row.password):
            users.set_password(connection, row.id, desk.passwords.hashed(password))
        token = _begin(desk, connection, row, address, Action.LOGIN)
    return _entered(desk, token, wanted)


@router.get("/login/{token}")
def show_link(request: Request, desk: AtDesk, token: str) -> Response:
    """A one-time link: it is used when the person says so, not when something only looks at it."""
    return desk.pages.render(request, "link.html", {"token": token[:100]})


@router.post("/login/{token}")
def use_link(request: Request, desk: AtDesk, token: str) -> Response:
    """Open a session for a link that was not used yet."""
    address = address_of(request)
    with writing(desk.engine) as connection:
        user = sessions.use_link(connection, token[:100], desk.clock())
        row = users.by_id(connection, user) if user else None
        if row is not None and row.disabled_at is None:
            session = _begin(desk, connection, row, address, Action.LOGIN_LINK)
            return _entered(desk, session, "/" if row.password else "/me")
        trail.note(connection, desk.clock(), "?", Action.LOGIN_FAILED, address=address, link=True)
    return _page(desk, request, {"next": "/", "dead_link": True}, 401)


@router.post("/logout")
def log_out(request: Request, desk: AtDesk, session: Working, form: OwnForm) -> Response:
    """End the session, here and in the database."""
    with writing(desk.engine) as connection:
        sessions.end(connection, session.id)
        trail.note(connection, desk.clock(), session.who, Action.LOGOUT, address=address_of(request))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie_name(desk), secure=secure(desk), httponly=True, samesite="strict")
    return answer


def _begin(desk: Desk, connection: Any, row: Row[Any], address: str, action: Action) -> str:
    now = desk.clock()
    sessions.sweep(connection, now)
    trail.note(connection, now, users.who(row), action, address=address)
    return sessions.begin(connection, row.id, address, now)


def _entered(desk: Desk, token: str, place: str) -> Response:
    answer = RedirectResponse(place, 303)
    answer.set_cookie(cookie_name(desk), token, httponly=True, samesite="strict", secure=secure(desk))
    return answer


def _page(
    desk: Desk,
    request: Request,
    values: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    blank = {"name": "", "wrong": False, "wait": 0, "dead_link": False, "ended": ""}
    return desk.pages.render(request, "login.html", {**blank, **values}, status, headers)
