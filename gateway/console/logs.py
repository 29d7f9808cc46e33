"""What the gate said lately, for the technician: what one looks for first while standing at the gate."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.console.desk import desk_of
from gateway.console.person import Right
from gateway.console.visitor import working


async def logs(request: Request) -> Response:
    """The newest lines."""
    await working(request, Right.CONFIGURE)
    desk = desk_of(request)
    warnings = request.query_params.get("only") == "warnings"
    lines = await run_in_threadpool(desk.recent.lines, warnings) if desk.recent else []
    return desk.pages.render(request, "logs.html", {"lines": lines, "warnings": warnings})


ROUTES = [Route("/logs", logs)]
