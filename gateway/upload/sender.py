"""One file to the registry over HTTP: asked for first, continued where the last attempt ended.

HEAD ─▶ held? erased? refused?   settled, nothing is sent
   └─▶ Upload-Offset ─▶ PUT the rest ─▶ 201 held
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import httpx

from record.proof import SigningKey
from record.upload import MAX_BYTES, PATH, Span, head_headers, put_headers

log = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(30.0, connect=5.0)

ANSWER, PIECE = 16 * 1024, 4096
"""Bytes of an answer that are read: a problem report has a few hundred."""

COUNTING = ("upload-offset", "retry-after")

NO_USE = frozenset({400, 413, 415})
"""Answers that the same file gets again however often it is sent."""


class Outcome(Enum):
    """What came of one attempt: settled for good, this file later, or everything later."""

    HELD = "held"
    REFUSED = "refused"
    FILE_LATER = "file later"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: what came of it and, where it failed, why. ``wait_s`` is what the registry asks for."""

    outcome: Outcome
    reason: str | None = None
    wait_s: float = 0.0


class Sender:
    """The registry's address for one gate. Used by one thread."""

    def __init__(
        self,
        url: str,
        key: SigningKey,
        clock: Callable[[], datetime],
        tls: ssl.SSLContext,
    ) -> None:
        self._key, self._clock = key, clock
        self._client = httpx.Client(
            base_url=url,
            timeout=TIMEOUT,
            verify=tls,
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def send(self, digest: str, data: bytes) -> Attempt:
        """Bring a file to the registry. Raises nothing: a network that fails is an attempt that failed."""
        if len(data) > MAX_BYTES:
            return Attempt(Outcome.REFUSED, f"larger than {MAX_BYTES} bytes")
        path = PATH + digest
        try:
            asked = self._answer("HEAD", path, b"", head_headers(path, self._key, self._clock()))
            if asked.status_code != 404:
                return _judged(asked)
            if "upload-offset" not in asked.headers:
                return Attempt(Outcome.FILE_LATER, "the registry knows no draft yet that names the file")
            return _judged(self._put(path, data, _offset(asked, len(data))))
        except httpx.HTTPError as error:
            return Attempt(Outcome.LATER, f"{type(error).__name__}: {error}")

    def _put(self, path: str, data: bytes, begin: int) -> httpx.Response:
        rest = data[begin:]
        span = Span(begin, len(rest), len(data))
        return self._answer("PUT", path, rest, put_headers(path, rest, span, self._key, self._clock()))

    def _answer(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """An answer with the headers that count here and the beginning of its body: no more is taken in."""
        wanted = {**headers, "accept-encoding": "identity"}
        with self._client.stream(method, path, content=content, headers=wanted) as answer:
            body = b""
            for piece in answer.iter_raw(PIECE):
                body += piece
                if len(body) >= ANSWER:
                    break
            kept = {name: answer.headers[name] for name in COUNTING if name in answer.headers}
            return httpx.Response(answer.status_code, headers=kept, content=body)


def _offset(asked: httpx.Response, size: int) -> int:
    """Where to go on; from the beginning where that makes no sense for this file."""
    text = asked.headers["upload-offset"]
    offset = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return offset if offset < size else 0


def _judged(answer: httpx.Response) -> Attempt:
    """What an answer means for the file."""
    status = answer.status_code
    if status in (200, 201):
        return Attempt(Outcome.HELD)
    reason = f"the registry answers {status}{_detail(answer)}"
    if status == 410:
        return Attempt(Outcome.REFUSED, "the registry has erased it at its age")
    if status in NO_USE:
        return Attempt(Outcome.REFUSED, reason)
    if status in (404, 409, 422):
        return Attempt(Outcome.FILE_LATER, reason, _wait(answer))
    return Attempt(Outcome.LATER, reason, _wait(answer))


def _detail(answer: httpx.Response) -> str:
    """What a problem report (RFC 9457) says, cut short; nothing for another body."""
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return f": {detail[:300]}" if isinstance(detail, str) else ""


def _wait(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "0")
    return min(float(text), 600.0) if text.isascii() and text.isdigit() else 0.0
