"""A scanner that sends bytes: on a serial line, as a USB serial device, or over TCP in either direction."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence

from drivers.device import Aged, Heard
from drivers.errors import DeviceError
from drivers.port import Line, Tap, open_port
from drivers.readings import Scan, Skipped
from drivers.scanner.framer import Framer, Framing
from drivers.scanner.repeats import WINDOW, Repeats

Said = Scan | Aged | Skipped
"""What a scanner says; a scan that was held for its repeats has an age."""

HEARTBEAT = 0.2
"""Seconds that a read waits at the most."""


class Scanner:
    """A scanner on a line. Yields `Scan` and `Skipped`.

    ``repeat_window`` is seconds within which the same code is one scan with a count, given out when the
    window is over; 0 gives out every reading at once.
    """

    def __init__(
        self,
        name: str,
        line: Line,
        framing: Framing | None = None,
        repeat_window: float = WINDOW,
        *,
        tap: Tap | None = None,
    ) -> None:
        self.name = name
        self._line = line
        self._framing = framing or Framing()
        self._window = repeat_window
        self._tap = tap

    def read(self, stop: threading.Event) -> Iterator[Heard]:
        """As `drivers.device.Device.read`."""
        codes = Codes(self._framing, self._window)
        with open_port(self._line, self._tap) as port:
            yield port.away
            while not stop.is_set():
                try:
                    data = port.read(codes.patience(HEARTBEAT))
                except DeviceError:
                    yield from codes.rest(time.monotonic())
                    raise
                found = codes.hear(data, time.monotonic())
                yield from found
                if not found:
                    yield port.away
        yield from codes.rest(time.monotonic())


class Codes:
    """Framer and repeats of one scanner together."""

    def __init__(self, framing: Framing, window: float) -> None:
        self._framing = framing
        self._framer = Framer(framing)
        self._repeats = Repeats(window)

    def patience(self, longest: float) -> float:
        """Seconds to wait for more: short while a code has begun."""
        return min(self._framing.pause, longest) if self._framer.pending else longest

    def hear(self, data: bytes, at: float) -> list[Said]:
        """What ``data``, read at ``at``, completes; ``b""`` says that nothing came."""
        return self.feed(data, at) if data else self._given(self._framer.silence(at), at)

    def feed(self, data: bytes, at: float) -> list[Said]:
        """As `hear`; no data say only that the scanner is at it."""
        return self._given(self._framer.feed(data, at), at)

    def spoil(self, at: float) -> list[Said]:
        """Something was lost at ``at``: what has begun is no code."""
        return self._given(self._framer.spoil(at), at)

    def rest(self, at: float) -> list[Aged]:
        """What is held, because nothing more will come after ``at``."""
        return self._repeats.all(at)

    def _given(self, found: Sequence[Scan | Skipped], at: float) -> list[Said]:
        return [*self._sifted(found, at), *self._repeats.due(at)]

    def _sifted(self, found: Iterable[Scan | Skipped], at: float) -> Iterator[Said]:
        for each in found:
            if isinstance(each, Scan):
                yield from self._repeats.add(each, at)
            else:
                yield each
