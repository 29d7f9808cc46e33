"""What a person does about the truck on a lane: enter a field, confirm another's entry, weigh or read again, void.

Every deed names the truck and the deeds that its page was made with. Where another person was quicker, or another truck
stands there by now, nothing is done and the second is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.board import LaneView
from gateway.clerk.act import ENTERABLE, Act, Deed
from gateway.clerk.entry import RefusedDeed
from gateway.console.desk import Desk, desk_of
from gateway.console.lane_page import LanePage, basis, candidates, lane_page
from gateway.console.live import drawn
from gateway.console.person import Person, Right
from gateway.console.visitor import own_form, working
from gateway.outbox.letter import OutboxBroken
from record.errors import BadRecord

log = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""How long a lane may take to answer; it answers within a quarter of a second when it is well."""

RIGHTS = {
    Deed.ENTER: Right.CORRECT,
    Deed.CONFIRM: Right.CORRECT,
    Deed.REWEIGH: Right.CORRECT,
    Deed.REREAD: Right.CORRECT,
    Deed.VOID: Right.VOID,
}


async def ask(request: Request) -> Response:
    """The page on which a field is entered or confirmed, or a deed is done."""
    await working(request, Right.CORRECT)
    desk = desk_of(request)
    view, field = _lane(desk, request), request.query_params.get("field", "")
    if view.visit is None:
        return RedirectResponse("/", 303)
    return _page(request, desk, view, field)


async def do(request: Request) -> Response:
    """Do a deed of the form."""
    try:
        deed = Deed(request.path_params["deed"])
    except ValueError:
        raise HTTPException(404) from None
    person, form = await own_form(request, RIGHTS[deed])
    desk = desk_of(request)
    view, field = _lane(desk, request), form.get("field", "")
    if form.get("basis", "") != basis(view.visit):
        return _page(request, desk, view, field, 409, form, overtaken=True)
    refusal = await _done(desk, view, person, deed, field, form)
    if refusal is not None:
        return _page(request, desk, view, field, 422, form, refusal=refusal)
    return RedirectResponse("/", 303)


async def _done(
    desk: Desk, view: LaneView, person: Person, deed: Deed, field: str, form: Mapping[str, str]
) -> BadRecord | None:
    """Have the lane do it; why it refuses, if it does."""
    lane = desk.lanes[view.name]
    at, monotonic = lane.moment()
    act = Act(
        at=at,
        monotonic=monotonic,
        person=person.name,
        role=person.role.value,
        deed=deed,
        reason=" ".join(form.get("reason", "").split()),
        field=field,
        value=value_of(field, form.get("value", "")) if deed is Deed.ENTER else None,
        visit=view.visit.id if view.visit else None,
        insist=form.get("insist") == "yes",
    )
    answer = lane.act(act)
    answer.add_done_callback(partial(_noted, desk, person, act, form))
    try:
        await asyncio.wait_for(asyncio.shield(_told(answer)), PATIENCE_S)
    except BadRecord as error:
        return error
    except (TooLate, TimeoutError):
        raise HTTPException(503, "lane_silent") from None
    return None


def _told(answer: Future[None]) -> asyncio.Future[None]:
    """A lane's answer, which is looked at also when nobody waits for it any more."""
    told = asyncio.wrap_future(answer)
    told.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    return told


def _noted(desk: Desk, person: Person, act: Act, form: Mapping[str, str], answer: Future[None]) -> None:
    """A deed that was done is in the audit, however late the lane has done it. Called in the lane's thread."""
    if answer.cancelled() or answer.exception() is not None:
        return
    entered = f"{act.field} = {form.get('value', '')} ({act.reason})"
    try:
        desk.people.note(
            person, act.deed.value, act.visit or "", entered if act.field else act.reason, desk.clock()
        )
    except OutboxBroken as error:
        log.error("%s by %s is done, and cannot be written down: %s", act.deed.value, person.name, error)


def value_of(field: str, written: str) -> Any:
    """What was written into a field, as the clerk is told it: nothing takes a value out, seals are a list."""
    text = " ".join(written.split())
    if not text:
        return None
    return text.replace(",", " ").split() if field.endswith("/seals") else text


def _lane(desk: Desk, request: Request) -> LaneView:
    view = desk.board.view.lanes.get(request.path_params["lane"])
    if view is None:
        raise HTTPException(404)
    return view


def _page(
    request: Request,
    desk: Desk,
    view: LaneView,
    field: str,
    status: int = 200,
    form: Mapping[str, str] | None = None,
    overtaken: bool = False,
    refusal: BadRecord | None = None,
) -> Response:
    language = desk.pages.language(request)
    lane = lane_page(view, language)
    if field and field not in ENTERABLE:
        raise HTTPException(404)
    given = form or {}
    values = {
        "lane": lane,
        "row": _row(lane, field),
        "candidates": candidates(view.visit) if field.endswith("/container") else (),
        "drawn": drawn(desk, view),
        "value": given.get("value", ""),
        "reason": given.get("reason", ""),
        "overtaken": overtaken,
        "refusal": _words(refusal, language),
        "may_insist": isinstance(refusal, RefusedDeed) and refusal.code == "check_digit",
        "may_reread": view.name in desk.lanes and bool(desk.lanes[view.name].part.cameras),
        "may_void": request.state.session.person.may(Right.VOID),
    }
    return desk.pages.render(request, "correct.html", values, status)


def _row(lane: LanePage, field: str) -> Any:
    return next((row for row in lane.rows if row.field == field), None)


def _words(refusal: BadRecord | None, language: str) -> str:
    if refusal is None:
        return ""
    return refusal.words(language) if isinstance(refusal, RefusedDeed) else str(refusal)


ROUTES = [
    Route("/lanes/{lane}", ask),
    Route("/lanes/{lane}/{deed}", do, methods=["POST"]),
]
