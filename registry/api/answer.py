"""Answers for programs: JSON with an entity tag, so that nothing is sent twice, and how refusals are described."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import BaseModel, Field

from registry.web.problem import MEDIA_TYPE, Problem

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
    412: "somebody has changed it since the version that `If-Match` names",
    413: "the body is too large",
    428: "`If-Match` has to name the version that was looked at",
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


def told(
    request: Request, content: BaseModel, headers: dict[str, str] | None = None, version: int | None = None
) -> Response:
    """The content as JSON; 304 without it where the asker holds the same already (RFC 9110, 13.1.2)."""
    body = content.model_dump_json(by_alias=True).encode()
    return tagged(request, body, "application/json", headers, version)


def tagged(
    request: Request,
    body: bytes,
    media_type: str,
    headers: dict[str, str] | None = None,
    version: int | None = None,
) -> Response:
    """Bytes with their entity tag; 304 without them where the asker holds the same already.

    The tag of what has a ``version`` begins with it: `matched` reads it again.
    """
    digest = hashlib.sha256(body).hexdigest()[:32]
    tag = f'"{digest}"' if version is None else f'"{version}-{digest}"'
    given = {**HEADERS, **(headers or {}), "ETag": tag}
    if holds(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=given)
    return Response(body, media_type=media_type, headers=given)


MATCH = re.compile(r'"([1-9][0-9]{0,8})(?:-[0-9a-f]{32})?"')

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=100,
        description="the `ETag` of the report as it was read, or its `version` in quotes",
        examples=['"7"'],
    ),
]


def matched(header: str | None) -> int:
    """The version that an ``If-Match`` names (RFC 9110, 13.1.1). Raises `Problem` 428 without one.

    What is no tag of a version matches none; nor does ``*``, since somebody has to have looked.
    """
    if header is None:
        raise Problem(428, "if_match_needed")
    found = MATCH.fullmatch(header.strip())
    if found is None:
        raise Problem(412, "stale")
    return int(found[1])


def holds(header: str, tag: str) -> bool:
    """Whether an ``If-None-Match`` names this tag."""
    named = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in named or tag in named
