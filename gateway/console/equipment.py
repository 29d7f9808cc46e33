"""Devices with their states and last frames, for the technician; pictures of the evidence, for everybody inside."""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from drivers.advice import ADVICE
from drivers.device import DeviceStatus
from drivers.errors import Advice
from gateway.bytes_shown import ascii_of, hex_of
from gateway.console.desk import desk_of
from gateway.console.person import Right
from gateway.console.visitor import watching, working
from record.messages import text

DIGEST = re.compile(r"[0-9a-f]{64}")
FRAME = 160
"""Bytes of a frame that are shown."""


async def devices(request: Request) -> Response:
    """Every device of every lane."""
    await working(request, Right.SEE_DEVICES)
    desk = desk_of(request)
    language = desk.pages.language(request)
    lanes = [
        (name, [_shown(status, language) for _, status in sorted(lane.devices.items())])
        for name, lane in desk.board.view.lanes.items()
    ]
    return desk.pages.render(request, "devices.html", {"lanes": lanes})


def _shown(status: DeviceStatus, language: str) -> dict[str, object]:
    """One device as a technician reads it."""
    raw = status.last_raw[:FRAME]
    return {
        "name": status.name,
        "state": status.state.value,
        "words": text(f"state.{status.state.value}", language),
        "since": status.since,
        "rate": f"{status.frames_per_second:g}",
        "hex": hex_of(raw),
        "ascii": ascii_of(raw),
        "advice": getattr(ADVICE[Advice(status.advice)], language) if status.advice else "",
        "error": status.error,
        "skips": [(text(f"skip.{skip}", language), count) for skip, count in sorted(status.skips.items())],
    }


async def picture(request: Request) -> Response:
    """A picture or a read line by its hash."""
    await watching(request)
    digest = request.path_params["digest"]
    if DIGEST.fullmatch(digest) is None:
        raise HTTPException(404)
    path = desk_of(request).store.path(digest)
    try:
        data = await run_in_threadpool(path.read_bytes)
    except OSError:
        raise HTTPException(404) from None
    headers = {"cache-control": "private, max-age=3600, immutable"}
    return Response(data, media_type="image/jpeg", headers=headers)


ROUTES = [Route("/devices", devices), Route("/evidence/{digest}", picture)]
