"""A camera that pushes JPEG pictures over HTTP (`multipart/x-mixed-replace`, "MJPEG"), read without OpenCV.

Only the newest picture is handed on: what piles up while somebody is busy with the last one is read and
dropped. A stream that stalls, dribbles or ends is an error; the supervisor opens it again.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator

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
        newest: Picture | None = None
        heard = held_since = time.monotonic()
        due = heard
        while not stop.is_set():
            received = self._receive(answer, max(0.0, due - time.monotonic()) if newest else BEAT)
            now = time.monotonic()
            parts = [picture(part) for part in parser.feed(received)]
            if parts:
                heard = now
            elif now - heard > self._timeouts.read:
                raise TimedOut(
                    f"{self._where}: no picture for {self._timeouts.read:g} s",
                    advice=Advice.CHECK_CABLE,
                )
            skipped = [part for part in parts if isinstance(part, Skipped)] + self._oversized(parser)
            pictures = [part for part in parts if isinstance(part, Picture)]
            if pictures:
                held_since = held_since if newest else now
                newest = pictures[-1]
            yield from skipped
            caught_up = not answer.waiting() or now - held_since > _CATCH_UP
            if newest and now >= due and caught_up:
                yield newest
                newest, heard = None, time.monotonic()
                due = now + self._interval
            elif not received:
                yield None

    def _receive(self, answer: Answer, wait: float) -> bytes:
        """Bytes of the stream, b"" when none came in time. Raises `OperationFailed` at the stream's end."""
        try:
            received = answer.read(max(0.001, min(wait, BEAT)))
        except TimeoutError:
            return b""
        if not received:
            raise OperationFailed(f"{self._where}: the stream ended", advice=Advice.CHECK_CABLE)
        return received

    def _oversized(self, parser: Multipart) -> list[Skipped]:
        count, parser.oversized = parser.oversized, 0
        return [Skipped(Skip.IMPOSSIBLE)] * count
