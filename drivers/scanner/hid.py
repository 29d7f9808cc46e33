"""A scanner that pretends to be a keyboard, read from its input device and kept from typing into the console.

``/dev/input/by-id/usb-…-event-kbd`` keeps its name when the scanner is plugged in again; ``usb:0c2e:0b61``
finds it by vendor and product, wherever it is plugged in. A scanner that vanishes is looked for again.
"""

from __future__ import annotations

import errno
import os
import re
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Protocol

from drivers.device import Heard
from drivers.errors import Advice, CannotOpen, DeviceError, NotAvailable, OperationFailed
from drivers.scanner.framer import Framing
from drivers.scanner.keys import EVENT, Keys
from drivers.scanner.layouts import US, Layout
from drivers.scanner.repeats import WINDOW
from drivers.scanner.serial import HEARTBEAT, Codes, Said

VENDOR_PRODUCT = re.compile(r"usb:([0-9a-f]{4}):([0-9a-f]{4})", re.IGNORECASE)
"""``usb:VVVV:PPPP``, both hexadecimal."""


class KeySource(Protocol):
    """An open input device."""

    def read(self, timeout: float) -> bytes:
        """Whole input events, ``b""`` when none came within ``timeout`` seconds. Raises `OperationFailed`."""

    def close(self) -> None:
        """Let go of the device. Never raises."""


class HidScanner:
    """A keyboard scanner at ``place``: a path, or ``usb:VVVV:PPPP``. Yields `Scan` and `Skipped`.

    ``layout`` is the one that the scanner was set up for, normally US. ``repeat_window`` as in `Scanner`.
    """

    def __init__(
        self,
        name: str,
        place: str,
        layout: Layout = US,
        framing: Framing | None = None,
        repeat_window: float = WINDOW,
        *,
        opener: Callable[[str], KeySource] | None = None,
    ) -> None:
        self.name = name
        self._place = place
        self._layout = layout
        self._framing = framing or Framing()
        self._window = repeat_window
        self._opener = opener or open_evdev

    def read(self, stop: threading.Event) -> Iterator[Heard]:
        """As `drivers.device.Device.read`."""
        source = self._opener(self._place)
        typed = Typed(self._layout, self._framing, self._window)
        try:
            yield None
            while not stop.is_set():
                events = source.read(typed.codes.patience(HEARTBEAT))
                found = typed.hear(events, time.monotonic())
                yield from found
                if not found:
                    yield None
        except OperationFailed:
            yield from typed.codes.rest(time.monotonic())
            raise
        finally:
            source.close()
        yield from typed.codes.rest(time.monotonic())


class Typed:
    """Key strokes, framer and repeats of one scanner together."""

    def __init__(self, layout: Layout, framing: Framing, window: float) -> None:
        self._keys = Keys(layout)
        self.codes = Codes(framing, window)

    def hear(self, events: bytes, at: float) -> list[Said]:
        """The scans that these events, read at ``at``, complete; ``b""`` says that nothing came."""
        if not events:
            return self.codes.hear(b"", at)
        found: list[Said] = []
        text = ""
        for piece in self._keys.feed(events):
            if piece is None:
                found += self.codes.feed(text.encode(), at) + self.codes.spoil(at)
                text = ""
            else:
                text += piece
        return found + self.codes.feed(text.encode(), at)


def find(place: str) -> str:
    """The path of the input device at ``place``. Raises `NotAvailable` or, for nonsense, `CannotOpen`."""
    if place.startswith("/"):
        return place
    wanted = VENDOR_PRODUCT.fullmatch(place)
    if wanted is None:
        message = f"{place}: expected a path below /dev/input or usb:VVVV:PPPP"
        raise CannotOpen(message, advice=Advice.CHECK_SETTINGS, retry=False)
    import evdev

    vendor, product = (int(part, 16) for part in wanted.groups())
    for path in sorted(evdev.list_devices()):
        with closing(evdev.InputDevice(path)) as device:
            keyboard = evdev.ecodes.EV_KEY in device.capabilities()
            if keyboard and (device.info.vendor, device.info.product) == (vendor, product):
                return path
    raise NotAvailable(f"{place}: no such keyboard is plugged in", advice=Advice.CHECK_CABLE)


def open_evdev(place: str) -> KeySource:
    """Open and grab the input device at ``place``. Raises `NotAvailable` or `CannotOpen`."""
    import evdev

    try:
        device = evdev.InputDevice(find(place))
    except OSError as error:
        raise _opening_error(place, error) from error
    try:
        device.grab()
    except OSError as error:
        device.close()
        raise CannotOpen(f"{place}: another program holds it", advice=Advice.PORT_BUSY) from error
    return EvdevSource(place, device.fd, device.close)


def _opening_error(place: str, error: OSError) -> DeviceError:
    if error.errno == errno.EACCES:
        return CannotOpen(f"{place}: no permission", advice=Advice.CHECK_PERMISSION)
    return NotAvailable(f"{place}: {error.strerror or error}", advice=Advice.CHECK_CABLE)


class EvdevSource:
    """Input events as the kernel writes them, read from a file descriptor."""

    MOST = 256
    """Events that one read takes at the most."""

    def __init__(self, place: str, fd: int, close: Callable[[], None]) -> None:
        self._place = place
        self._fd = fd
        self._close = close

    def read(self, timeout: float) -> bytes:
        """As `KeySource.read`."""
        try:
            if not select.select([self._fd], [], [], timeout)[0]:
                return b""
            data = os.read(self._fd, EVENT.size * self.MOST)
        except (OSError, ValueError) as error:
            raise self._gone(error) from error
        if not data:
            raise self._gone("it was unplugged")
        return data

    def close(self) -> None:
        """As `KeySource.close`."""
        try:
            self._close()
        except OSError:
            return

    def _gone(self, reason: object) -> OperationFailed:
        return OperationFailed(
            f"{self._place}: the scanner has gone away ({reason})", advice=Advice.CHECK_CABLE
        )
