"""The lanes live: one page, and a stream of what has changed on it (server-sent events).

The stream looks at the board a few times a second, makes the page's parts anew where the board has changed, and sends
a lane's part where it differs from what was sent last. It holds one text a lane, so a page that is left open for a
week costs what one costs; who reads too slowly is waited for, and gets the newest then.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from gateway.board import GateView, LaneView
from gateway.console.desk import Desk, desk_of
from gateway.console.drawing import Drawing, drawing
from gateway.console.lane_page import lane_page
from gateway.console.visitor import session_of, watching, working
from gateway.lookout import view as view_of

LOOK_EVERY_S = 0.3
LOOKS_PER_SESSION_CHECK = 50
MOST_STREAMS = 16
STREAMS_PER_SESSION = 4
"""So that one person's open tabs leave the others theirs."""


async def lanes(request: Request) -> Response:
    """Every lane, and the link's state."""
    await working(request)
    desk = desk_of(request)
    parts = parts_of(desk, desk.pages.language(request), desk.board.view)
    return desk.pages.render(request, "lanes.html", {"parts": parts})


async def events(request: Request) -> Response:
    """What changes on the lanes' page, until it is closed or its session ends."""
    session = await watching(request)
    if not _has_room(request.app.state.streams, session.id):
        raise HTTPException(503, "too_many_pages")
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_changes(request), media_type="text/event-stream", headers=headers)


async def _changes(request: Request) -> AsyncIterator[str]:
    desk, state = desk_of(request), request.app.state
    language, sent, looks = desk.pages.language(request), dict[str, str](), 0
    shown: GateView | None = None
    session = request.state.session.id
    if not _has_room(state.streams, session):
        return
    state.streams[session] += 1
    try:
        yield "retry: 2000\n\n"
        while not await request.is_disconnected() and not state.ended:
            view = desk.board.view
            for name, part in parts_of(desk, language, view).items() if view is not shown else ():
                if sent.get(name) != part:
                    sent[name] = part
                    yield f"data: {json.dumps({'part': name, 'html': part})}\n\n"
            shown = view
            looks += 1
            if looks % LOOKS_PER_SESSION_CHECK == 0:
                shown = None
                if await run_in_threadpool(session_of, request, desk) is None:
                    yield "event: ended\ndata: {}\n\n"
                    return
                yield ": still here\n\n"
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        state.streams[session] -= 1
        if not state.streams[session]:
            del state.streams[session]


def _has_room(streams: Counter[str], session: str) -> bool:
    return streams.total() < MOST_STREAMS and streams[session] < STREAMS_PER_SESSION


def parts_of(desk: Desk, language: str, view: GateView) -> dict[str, str]:
    """The parts of the page by name: each lane, and the line at the bottom."""
    found = {
        f"lane-{name}": desk.pages.fragment(
            "lane.html", language, lane=lane_page(lane, language), drawn=drawn(desk, lane)
        )
        for name, lane in view.lanes.items()
    }
    found["link"] = desk.pages.fragment(
        "link_line.html", language, link=view.link, uploads=view.uploads, configuration=view.configuration
    )
    return found


def drawn(desk: Desk, view: LaneView) -> Drawing | None:
    """The newest picture of the truck with the lines that were read in it."""
    seen = view.visit.sightings[-1] if view.visit and view.visit.sightings else None
    lane = desk.lanes.get(view.name)
    if seen is None or lane is None:
        return None
    seen_as = next((view_of(part) for part in lane.part.cameras if part.name == seen.camera), None)
    return drawing(desk.sizes.of(seen.picture), seen.sighting.boxes, seen_as)


ROUTES = [Route("/", lanes), Route("/events", events)]
