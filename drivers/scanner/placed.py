"""The scanner at a place, whatever kind of place it is: a line, a converter, or an input device."""

from __future__ import annotations

from drivers.port import Line, Tap
from drivers.scanner.framer import Framing
from drivers.scanner.hid import HidScanner
from drivers.scanner.layouts import US, Layout
from drivers.scanner.repeats import WINDOW
from drivers.scanner.serial import Scanner

INPUT_DEVICES = ("/dev/input/", "usb:")
"""How the place of a keyboard scanner begins."""


def scanner_at(
    name: str,
    line: Line,
    framing: Framing | None = None,
    layout: Layout = US,
    repeat_window: float = WINDOW,
    *,
    tap: Tap | None = None,
) -> Scanner | HidScanner:
    """The scanner at ``line.port``: its keys by ``layout`` where that is an input device, else its bytes.

    ``repeat_window`` as in `drivers.scanner.repeats.Repeats`; ``tap`` hears bytes, and no keys.
    """
    if line.port.startswith(INPUT_DEVICES):
        return HidScanner(name, line.port, layout, framing, repeat_window)
    return Scanner(name, line, framing, repeat_window, tap=tap)
