"""Multipart streams as cameras push them (RFC 2046 5.1, `multipart/x-mixed-replace`): bytes in, parts out.

    --BOUNDARY CRLF
    Content-Type: image/jpeg CRLF
    Content-Length: N CRLF          (some cameras leave it out: the part then ends at the next boundary)
    CRLF
    <N bytes> CRLF
    --BOUNDARY CRLF ...

Cameras differ: bare line feeds, a boundary announced with its dashes, bytes between parts, lengths that are
wrong. A part is therefore cut by its length only when a boundary or the end of what was received follows it.
"""

from __future__ import annotations

import re
from email.message import Message

_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length\s*:\s*(\d{1,12})\s*\r?$", re.IGNORECASE | re.MULTILINE)
_MOST_HEADERS = 8192


def boundary_of(content_type: str) -> bytes | None:
    """The boundary that a Content-Type names, without leading dashes; None when it is no multipart type."""
    message = Message()
    message["Content-Type"] = content_type
    if message.get_content_maintype() != "multipart":
        return None
    boundary = message.get_boundary()
    return boundary.strip().removeprefix("--").encode("latin-1", "replace") if boundary else None


def _without_line_end(part: bytes) -> bytes:
    return part.removesuffix(b"\n").removesuffix(b"\r")


class Multipart:
    """Cuts a stream into the contents of its parts, holding at most one part of ``limit`` bytes.

    A part that grows beyond the limit is dropped and counted in ``oversized``; reading goes on at the next
    boundary.
    """

    def __init__(self, boundary: bytes, limit: int) -> None:
        self._mark = b"--" + boundary
        self._limit = limit
        self._held = bytearray()
        self._inside = False
        self.oversized = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The contents of the parts that these bytes complete, in order; often none."""
        self._held += data
        parts: list[bytes] = []
        while (part := self._next()) is not None:
            if part:
                parts.append(part)
        self._bound()
        return parts

    def _next(self) -> bytes | None:
        """One part (empty where there was only noise), or None when more bytes are needed."""
        if not self._inside and not self._enter():
            return None
        headers = _HEADERS_END.search(self._held, 0, _MOST_HEADERS)
        if headers is None:
            return self._give_up() if len(self._held) >= _MOST_HEADERS else None
        start = headers.end()
        end = self._end_by_length(self._held[:start], start)
        trim = end is None
        if end is None:
            end = self._held.find(self._mark, start)
        if end < 0:
            return None
        part = bytes(self._held[start:end])
        del self._held[:end]
        self._inside = False
        return _without_line_end(part) if trim else part

    def _give_up(self) -> bytes:
        self._inside = False
        return b""

    def _enter(self) -> bool:
        at = self._held.find(self._mark)
        if at < 0:
            del self._held[: max(0, len(self._held) - len(self._mark))]
            return False
        line = self._held.find(b"\n", at)
        if line < 0:
            del self._held[:at]
            return False
        del self._held[: line + 1]
        self._held[:0] = b"\n"
        self._inside = True
        return True

    def _end_by_length(self, headers: bytearray, start: int) -> int | None:
        """Where the announced length ends; -1 while it is not there yet, None when it cannot be trusted."""
        found = _LENGTH.search(headers)
        if found is None:
            return None
        length = int(found[1])
        if length > self._limit:
            return None
        end = start + length
        if end > len(self._held):
            return -1
        follows = bytes(self._held[end : end + len(self._mark) + 4]).lstrip(b"\r\n")
        return end if self._mark.startswith(follows[: len(self._mark)]) else None

    def _bound(self) -> None:
        """Drop a part that is larger than may be held, and look for the next boundary."""
        if len(self._held) > self._limit + _MOST_HEADERS:
            self.oversized += 1
            self._held.clear()
            self._inside = False
