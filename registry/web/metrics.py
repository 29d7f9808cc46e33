"""The registry's metrics for a Prometheus on this machine, or one that shows the token."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from record.web.scrape import MEDIA_TYPE, Scrape

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """All of them in Prometheus' text format."""
    scrape, peer = request.app.state.scrape, request.client.host if request.client else ""
    if not isinstance(scrape, Scrape) or not scrape.admits(peer, request.headers):
        raise HTTPException(404)
    return Response(scrape.render(), headers={"content-type": MEDIA_TYPE})
