"""The door before every route: who may be called by which name, from where, how large, and what goes with answers.

Host        one of the names that people use here; else a page elsewhere could rebind its name to this machine
Origin      a request that changes something comes from a page of this console (or from no page: programs)
size        a body is at most as large as its path allows, also when nobody says its length
headers     with every answer: content policy without inline scripts, no framing, no sniffing, no referrer elsewhere
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException

from record.web.asgi import Asgi, Message, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")
BODY_BYTES = 64 * 1024
"""What a form or a JSON body may have, where its path says nothing else."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
"""Set where the route has not set the same header itself. Without any referrer browsers would send forms with
``Origin: null`` (Fetch, 3.2), which is refused here."""

TLS_HEADERS = {"strict-transport-security": "max-age=31536000"}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the door lets in. ``limits`` are bytes of a body by the beginning of the path."""

    hosts: frozenset[str]
    secure: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)

    def limit(self, path: str) -> int:
        """The largest body of a path."""
        return next((size for begin, size in self.limits.items() if path.startswith(begin)), BODY_BYTES)


class Guard:
    """ASGI middleware that applies `Rules`."""

    def __init__(self, app: Asgi, rules: Rules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection; anything but HTTP and the server's own lifespan is not served."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        armed = _with_headers(send, HEADERS | (TLS_HEADERS if self._rules.secure else {}))
        refusal = self._refusal(scope["method"], scope["path"], headers)
        if refusal is not None:
            await _refuse(armed, *refusal)
            return
        await self._app(scope, _limited(receive, self._rules.limit(scope["path"])), armed)

    def _refusal(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """Why a request does not even reach a route: status and reason."""
        host = headers.get("host", "")
        if host_name(host) not in self._rules.hosts:
            return 421, "this server does not answer to that name (http.hosts)"
        if method not in SAFE and not self._same_origin(path, host, headers):
            return 403, "the request comes from a page of another origin"
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > self._rules.limit(path):
            return 413, "the body is too large"
        return None

    def _same_origin(self, path: str, host: str, headers: Mapping[str, str]) -> bool:
        """Whether a change is asked for by a page of this console, or by a program on a program's path."""
        origin = headers.get("origin")
        if origin is not None:
            return origin.lower() == f"{'https' if self._rules.secure else 'http'}://{host}".lower()
        return path.startswith("/v1/") or headers.get("sec-fetch-site") == "same-origin"


def host_name(host: str) -> str:
    """The name in a Host header, without its port; empty for what is none."""
    match = HOST.fullmatch(host.lower())
    return match[1].strip("[]") if match else ""


def _limited(receive: Receive, limit: int) -> Receive:
    """Count what arrives: a body of no stated length is bounded too."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413)
        return message

    return counted


def _with_headers(send: Send, wanted: Mapping[str, str]) -> Send:
    async def armed(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = [(name.lower(), value) for name, value in message.get("headers", ())]
            names = {name for name, _ in present}
            lacking = [(n.encode(), v.encode()) for n, v in wanted.items() if n.encode() not in names]
            message["headers"] = [*present, *lacking]
        await send(message)

    return armed


async def _refuse(send: Send, status: int, reason: str) -> None:
    body = reason.encode() + b"\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
