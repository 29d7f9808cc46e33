"""A camera that pushes JPEG pictures over HTTP (`multipart/x-mixed-replace`, "MJPEG"), read without OpenCV.

Only the newest picture is handed on: what piles up while somebody is busy with the last one is read and
dropped. A stream that stalls, dribbles or ends is an error; the supervisor opens it again.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator, Sequence

from drivers.camera.encoded import LARGEST, picture
from drivers.camera.login import Authorization, Login
from drivers.camera.multipart import Multipart, boundary_of
from drivers.camera.web import Answer, Timeouts, address, get
from drivers.errors import Advice, CannotOpen, OperationFailed, TimedOut
from drivers.readings import Picture, Skip, Skipped

BEAT = 0.25
"""Seconds between looks at the stop event, and so between heartbeats, while nothing comes."""

_CATCH_UP = 0.5


class MjpegCamera:
    """One HTTP MJPEG stream as a device.

    ``interval`` is the least time in seconds between two pictures handed on (0: every newest one),
    ``largest`` the most bytes of one picture, ``context`` the TLS settings for a camera with a certificate of
    its own.
    Raises `ValueError` for a URL that is none or carries a password.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        login: Login | None = None,
        timeouts: Timeouts | None = None,
        interval: float = 0.0,
        largest: int = LARGEST,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.name = name
        self._where = address(url)
        self._authorization = Authorization(login) if login else None
        self._timeouts = timeouts or Timeouts()
        self._interval = interval
        self._largest = largest
        self._context = context

    def __repr__(self) -> str:
        return f"MjpegCamera({self.name!r}, {self._where})"

    def read(self, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """Pictures, newest first to arrive; parts that are none as `Skipped`; None while nothing comes.

        Raises `NotAvailable` or `CannotOpen`, `TimedOut` when no whole part came within the read time-out,
        `OperationFailed` when the stream ended.
        """
        with get(self._where, self._timeouts, self._authorization, self._context) as answer:
            parser = self._parser(answer)
            yield None
            yield from self._pictures(answer, parser, stop)

    def _parser(self, answer: Answer) -> Multipart:
        boundary = boundary_of(answer.content_type)
        if boundary is None:
            kind = answer.content_type.partition(";")[0] or "nothing"
            raise CannotOpen(f"{self._where}: sends {kind}, no picture stream", advice=Advice.CHECK_ADDRESS)
        return Multipart(boundary, self._largest)

    def _pictures(
        self, answer: Answer, parser: Multipart, stop: threading.Event
    ) -> Iterator[Picture | Skipped | None]:
        newest = _Newest(self._interval)
        heard = spoke = time.monotonic()
        while not stop.is_set():
            parts = [picture(part) for part in parser.feed(self._receive(answer, newest.wait()))]
            now = time.monotonic()
            if parts:
                heard = now
            elif now - heard > self._timeouts.read:
                raise TimedOut(f"{self._where}: no picture for {self._timeouts.read:g} s")
            yield from self._skipped(parts, parser)
            newest.put(parts, now)
            if newest.is_due(now, answer.waiting()):
                yield newest.take(now)
                heard = spoke = time.monotonic()
            elif now - spoke >= BEAT:
                yield None
                spoke = now

    def _receive(self, answer: Answer, wait: float) -> bytes:
        """Bytes of the stream, b"" when none came in time. Raises `OperationFailed` at the stream's end."""
        try:
            received = answer.read(wait)
        except TimeoutError:
            return b""
        if not received:
            raise OperationFailed(f"{self._where}: the stream ended", advice=Advice.CHECK_CABLE)
        return received

    def _skipped(self, parts: Sequence[Picture | Skipped], parser: Multipart) -> Iterator[Skipped]:
        yield from (part for part in parts if isinstance(part, Skipped))
        yield from [Skipped(Skip.IMPOSSIBLE)] * parser.oversized
        parser.oversized = 0


class _Newest:
    """The newest picture, until it may be handed on. Times are seconds of the monotonic clock."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._picture: Picture | None = None
        self._since = 0.0
        self._next = 0.0

    def wait(self) -> float:
        """How long to wait for more of the stream."""
        left = self._next - time.monotonic() if self._picture else BEAT
        return min(max(left, 0.001), BEAT)

    def put(self, parts: Sequence[Picture | Skipped], now: float) -> None:
        """The last picture of these takes the place of the one before."""
        for part in parts:
            if isinstance(part, Picture):
                self._since = self._since if self._picture else now
                self._picture = part

    def is_due(self, now: float, more: bool) -> bool:
        """Whether there is one, its interval is over, and no newer one is already there (but not for ever)."""
        return self._picture is not None and now >= self._next and (not more or now - self._since > _CATCH_UP)

    def take(self, now: float) -> Picture | None:
        """Hand it on."""
        taken, self._picture = self._picture, None
        self._next = now + self._interval
        return taken
