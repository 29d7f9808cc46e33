"""Users, kept by supervisors."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection, Row

from registry.database import reading, writing
from registry.people import sessions, trail, users
from registry.people.role import OF_PEOPLE, Role
from registry.people.trail import Action
from registry.people.users import BadUser
from registry.people.who import Who
from registry.web.desk import AtDesk, Desk
from registry.web.problem import Problem
from registry.web.visitor import OwnForm, UserKeeper, address_of

router = APIRouter(include_in_schema=False)


@router.get("/users")
def show(request: Request, desk: AtDesk, who: UserKeeper) -> Response:
    """Everybody, with what may be changed."""
    return _page(desk, request)


@router.post("/users")
def add(request: Request, desk: AtDesk, who: UserKeeper, form: OwnForm) -> Response:
    """A new user, with the link that lets them in once to choose their password."""
    role, depots = _role(form.get("role", "")), _depots(desk, form.get("depot", ""))
    now = desk.clock()
    try:
        with writing(desk.engine) as connection:
            user = users.add(connection, form.get("name", ""), role, now, depots)
            trail.note(
                connection,
                now,
                who,
                Action.USER_ADDED,
                user,
                address_of(request),
                role=role.value,
                depots=depots,
            )
            token = sessions.link(connection, user, now)
    except BadUser as error:
        return _page(desk, request, wrong=error.advice, status=400)
    return _page(desk, request, link=(users.clean(form["name"]), token))


@router.post("/users/{user}/{deed}")
def change(request: Request, desk: AtDesk, who: UserKeeper, form: OwnForm, user: str, deed: str) -> Response:
    """Give another role, disable, enable, or make a new link. Nobody changes themselves out of the house."""
    if user == who.id and deed in ("role", "disable"):
        raise Problem(409, "not_yourself")
    with writing(desk.engine) as connection:
        row = users.by_id(connection, user)
        if row is None:
            raise Problem(404, "not_found")
        token = _changed(desk, connection, row, deed, form, who, address_of(request))
    if token is not None:
        return _page(desk, request, link=(row.name, token))
    return RedirectResponse("/users", 303)


def _changed(
    desk: Desk, connection: Connection, row: Row[Any], deed: str, form: OwnForm, who: Who, address: str
) -> str | None:
    """What a supervisor asked for, done and written down; the token where a link was made."""
    now, token, detail = desk.clock(), None, {}
    match deed:
        case "role":
            role, depots = _role(form.get("role", "")), _depots(desk, form.get("depot", ""))
            users.set_role(connection, row.id, role, depots)
            action, detail = Action.USER_CHANGED, {"role": role.value, "depots": depots}
        case "disable":
            users.disable(connection, row.id, now)
            action = Action.USER_DISABLED
        case "enable":
            users.enable(connection, row.id)
            action = Action.USER_ENABLED
        case "link":
            token = sessions.link(connection, row.id, now)
            action = Action.LINK_MADE
        case _:
            raise Problem(404, "not_found")
    trail.note(connection, now, who, action, row.id, address, **detail)
    return token


def _page(
    desk: Desk, request: Request, link: tuple[str, str] | None = None, wrong: str = "", status: int = 200
) -> Response:
    with reading(desk.engine) as connection:
        everybody = users.everybody(connection)
    values = {
        "everybody": everybody,
        "roles": [role.value for role in OF_PEOPLE],
        "depots": sorted(desk.settings.file.depots),
        "link": link,
        "wrong": wrong,
        "origin": f"{request.url.scheme}://{request.url.netloc}",
    }
    return desk.pages.render(request, "users.html", values, status)


def _role(text: str) -> Role:
    try:
        role = Role(text)
    except ValueError:
        raise Problem(400, "bad_request") from None
    if role not in OF_PEOPLE:
        raise Problem(400, "bad_request")
    return role


def _depots(desk: Desk, text: str) -> list[str] | None:
    if not text:
        return None
    if text not in desk.settings.file.depots:
        raise Problem(400, "bad_request")
    return [text]
