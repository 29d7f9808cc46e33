"""Changes of reports for other programs: asked for page by page, or sent as they happen (server-sent events).

    GET /v1/changes?after=CURSOR        a page of changes and the next cursor; without `after` begins now
    GET /v1/changes/stream              the same as they happen; `Last-Event-ID` goes on after a break

They are the signed CloudEvents that the broker gets on `registry/v1/{depot}/report`: without personal data.
"""

from __future__ import annotations

import asyncio
import logging
import time
import weakref
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from registry.api import following, tokens
from registry.api.answer import refusals, tagged
from registry.api.caller import Guarded, Reader, limits_of
from registry.api.following import Change, Cursor, CursorGone
from registry.api.limits import Seat
from registry.api.models import Changes, Count
from registry.api.scope import Scope
from registry.api.tokens import Caller
from registry.database import reading
from registry.web.desk import AtDesk, Desk
from registry.web.problem import Problem

log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1/changes", tags=["changes"], route_class=Guarded)

AT_ONCE = 100
EVERY_S = 0.5
"""How often a stream looks for changes."""

ALIVE_S = 15.0
"""A stream without changes says that it is alive this often, so that no proxy ends it."""

Place = Annotated[str | None, Query(max_length=following.LONGEST, description="`next` of the page before")]
LastId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=following.LONGEST, description="id of the last event received"),
]


@router.get("", response_model=Changes, responses=refusals(410))
def list_changes(
    request: Request, desk: AtDesk, caller: Reader, after: Place = None, limit: Count = AT_ONCE
) -> Response:
    """Changes since a place, each depot's in order. Without `after` none: `next` is the place of now."""
    with reading(desk.engine) as connection:
        found: list[Change] = []
        if after is None:
            cursor = following.now(connection, caller.depots)
        else:
            found, cursor = following.since(connection, caller.depots, _cursor(after), limit)
    bodies = b",".join(change.body for change in found)
    return tagged(
        request, b'{"changes":[' + bodies + b'],"next":"' + str(cursor).encode() + b'"}', "application/json"
    )


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses=refusals(410) | {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream_changes(
    request: Request, desk: AtDesk, caller: Reader, last: LastId = None
) -> StreamingResponse:
    """Changes as they happen, from now on or from where a broken connection ended."""
    cursor = await run_in_threadpool(_begin, desk, caller, last)
    seats, most = limits_of(request).seats, desk.settings.file.api.streams
    if not seats.take(caller.id, most):
        raise Problem(429, "too_many_streams", {"Retry-After": "60"})
    seat = Seat(seats, caller.id)
    frames = _frames(desk, caller, cursor, seat)
    weakref.finalize(frames, seat.leave)  # of a connection that ends before the first byte
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


def _begin(desk: Desk, caller: Caller, last: str | None) -> Cursor:
    """Where a stream begins. Raises what makes it impossible before anything is sent."""
    with reading(desk.engine) as connection:
        if last is None:
            return following.now(connection, caller.depots)
        cursor = _cursor(last)
        following.since(connection, caller.depots, cursor, 1)
        return cursor


def _cursor(text: str) -> Cursor:
    return Cursor.parse(text)


async def _frames(desk: Desk, caller: Caller, cursor: Cursor, seat: Seat) -> AsyncIterator[bytes]:
    """The stream's bytes, until the connection or the token ends."""
    try:
        yield f"retry: 2000\nid: {cursor}\n\n".encode()
        told = time.monotonic()
        while (step := await run_in_threadpool(_step, desk, caller, cursor)) is not None:
            found, cursor = step
            for change in found:
                yield f"id: {change.cursor}\nevent: change\ndata: {change.body.decode()}\n\n".encode()
            if found:
                told = time.monotonic()
                continue
            if time.monotonic() - told >= ALIVE_S:
                told = time.monotonic()
                yield b": alive\n\n"
            await asyncio.sleep(EVERY_S)
    finally:
        seat.leave()


def _step(desk: Desk, caller: Caller, cursor: Cursor) -> tuple[list[Change], Cursor] | None:
    """What is new, None where the stream has to end: the token does not hold any more, or a change is gone."""
    try:
        with reading(desk.engine) as connection:
            found = tokens.by_id(connection, caller.id, desk.clock())
            if found is None or not found.may(Scope.REPORTS_READ):
                return None
            return following.since(connection, caller.depots, cursor, AT_ONCE)
    except CursorGone:
        return None
    except SQLAlchemyError as error:
        log.warning("changes: a stream ends, the database cannot be used: %s", getattr(error, "orig", error))
        return None
