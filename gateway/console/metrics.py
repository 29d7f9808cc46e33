"""The gate's metrics for a Prometheus on this machine, or one that shows the token."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.console.desk import desk_of
from record.web.scrape import MEDIA_TYPE


async def metrics(request: Request) -> Response:
    """All of them in Prometheus' text format."""
    scrape, peer = desk_of(request).scrape, request.client.host if request.client else ""
    if scrape is None or not await run_in_threadpool(scrape.admits, peer, request.headers):
        raise HTTPException(404)
    return Response(await run_in_threadpool(scrape.render), headers={"content-type": MEDIA_TYPE})


ROUTES = [Route("/metrics", metrics)]
