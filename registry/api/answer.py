"""Answers for programs: JSON with an entity tag, so that nothing is sent twice, and how refusals are described."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, Field

from registry.web.problem import MEDIA_TYPE

HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Language"}


class Refusal(BaseModel):
    """Why something was not done (RFC 9457). ``code`` is for programs and stays, ``detail`` is for people."""

    type: str = Field(examples=["urn:iie:problem:not_found"])
    code: str = Field(examples=["not_found"])
    title: str
    status: int
    detail: str


REFUSALS = {
    400: "the request cannot be understood",
    401: "no token, or one that is unknown, revoked or expired",
    403: "the token lacks the scope",
    404: "there is no such thing, or it is of a depot that the token does not see",
    409: "not in this state",
    410: "no longer kept",
    413: "the body is too large",
    422: "a value is wrong; `detail` names it",
    429: "too many requests or connections; `Retry-After` says for how many seconds",
    503: "the database cannot be used at the moment; `Retry-After` says for how many seconds",
}
REFERENCE = {"$ref": "#/components/schemas/Refusal"}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How OpenAPI describes what a route may refuse; what any route may is always there."""
    return {
        status: {"description": REFUSALS[status], "content": {MEDIA_TYPE: {"schema": REFERENCE}}}
        for status in sorted({401, 403, 422, 429, 503, *statuses})
    }


def told(request: Request, content: BaseModel, headers: dict[str, str] | None = None) -> Response:
    """The content as JSON; 304 without it where the asker holds the same already (RFC 9110, 13.1.2)."""
    return tagged(request, content.model_dump_json(by_alias=True).encode(), "application/json", headers)


def tagged(request: Request, body: bytes, media_type: str, headers: dict[str, str] | None = None) -> Response:
    """Bytes with their entity tag; 304 without them where the asker holds the same already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    given = {**HEADERS, **(headers or {}), "ETag": tag}
    if holds(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=given)
    return Response(body, media_type=media_type, headers=given)


def holds(header: str, tag: str) -> bool:
    """Whether an ``If-None-Match`` names this tag."""
    named = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in named or tag in named
