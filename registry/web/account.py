"""One's own account: the password, and the end of sessions elsewhere."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from record.web.passwords import BadPassword
from registry.database import reading, writing
from registry.people import sessions, throttle, trail, users
from registry.people.trail import Action
from registry.web.desk import AtDesk, Desk
from registry.web.problem import Problem
from registry.web.visitor import OwnForm, Working, address_of, cookie_name, secure

router = APIRouter(include_in_schema=False)


@router.get("/me")
def show(request: Request, desk: AtDesk, session: Working, done: bool = False) -> Response:
    """The account's page."""
    return _page(desk, request, session.who.id, done=done)


@router.post("/me/password")
def change(request: Request, desk: AtDesk, session: Working, form: OwnForm) -> Response:
    """Another password for oneself; who has one already says it first. Sessions elsewhere end."""
    user, now = session.who.id, desk.clock()
    with writing(desk.engine) as connection:
        if throttle.attempt(connection, throttle.subjects(f"password {user}", ""), now).total_seconds() > 0:
            raise Problem(429, "too_often")
    with reading(desk.engine) as connection:
        row = users.by_id(connection, user)
    if row is None or (row.password and not desk.passwords.fits(row.password, form.get("old", ""))):
        return _page(desk, request, user, wrong="console.me.wrong_old", status=403)
    if form.get("new", "") != form.get("again", ""):
        return _page(desk, request, user, wrong="console.me.not_the_same", status=400)
    try:
        hashed = desk.passwords.hashed(form.get("new", ""), row.name)
    except BadPassword as error:
        return _page(desk, request, user, wrong=error.advice, status=400)
    with writing(desk.engine) as connection:
        users.set_password(connection, user, hashed)
        throttle.succeeded(connection, throttle.subjects(f"password {user}", ""))
        trail.note(connection, now, session.who, Action.PASSWORD, address=address_of(request))
        token = sessions.begin(connection, user, address_of(request), now)
    answer = RedirectResponse("/me?done=1", 303)
    answer.set_cookie(cookie_name(desk), token, httponly=True, samesite="strict", secure=secure(desk))
    return answer


def _page(
    desk: Desk, request: Request, user: str, wrong: str = "", done: bool = False, status: int = 200
) -> Response:
    with reading(desk.engine) as connection:
        row = users.by_id(connection, user)
    values = {"has_password": bool(row and row.password), "wrong": wrong, "done": done}
    return desk.pages.render(request, "account.html", values, status)
