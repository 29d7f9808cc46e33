"""A camera that gives one JPEG for each HTTP request, asked again and again, without OpenCV."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator

from drivers.camera.encoded import LARGEST, picture
from drivers.camera.login import Authorization, Login
from drivers.camera.web import Timeouts, address, get
from drivers.readings import Picture, Skipped

BEAT = 0.25


class StillCamera:
    """One HTTP address of a still picture as a device, asked every ``interval`` seconds.

    ``largest`` is the most bytes of one picture, ``context`` the TLS settings for a camera with a certificate
    of its own. Raises `ValueError` for a URL that is none or carries a password.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        interval: float = 1.0,
        login: Login | None = None,
        timeouts: Timeouts | None = None,
        largest: int = LARGEST,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.name = name
        self._where = address(url)
        self._interval = interval
        self._authorization = Authorization(login) if login else None
        self._timeouts = timeouts or Timeouts()
        self._largest = largest
        self._context = context

    def __repr__(self) -> str:
        return f"StillCamera({self.name!r}, {self._where})"

    def read(self, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """A picture, or why the answer was none, every interval; None in between.

        Raises `NotAvailable`, `CannotOpen`, `TimedOut` or `OperationFailed` when a picture cannot be had.
        """
        while not stop.is_set():
            due = time.monotonic() + self._interval
            yield self._asked()
            while (left := due - time.monotonic()) > 0 and not stop.wait(min(left, BEAT)):
                if left > BEAT:
                    yield None

    def _asked(self) -> Picture | Skipped:
        with get(self._where, self._timeouts, self._authorization, self._context) as answer:
            return picture(answer.whole(self._largest, self._timeouts.read))
