"""Whether this machine's clock follows another one: the kernel knows (adjtimex(2), STA_UNSYNC).

struct timex { unsigned int modes; long offset, freq, maxerror, esterror; int status; … }
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

STA_UNSYNC = 0x0040
STA_NANO = 0x2000
"""Offsets are in nanoseconds, else in microseconds."""
CALLS = ("ntp_adjtime", "adjtimex")


class ClockState(StrEnum):
    """How far a time of this machine can be trusted."""

    SYNCHRONISED = "synchronised"
    UNSYNCHRONISED = "unsynchronised"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the kernel says of the clock: how far it is off, and by how much it may be off at most, in seconds."""

    state: ClockState
    offset_s: float | None = None
    max_error_s: float | None = None


class Timex(ctypes.Structure):
    """The beginning of the kernel's ``struct timex``; ``rest`` is room for the fields that are not read."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def clock_state(status: Callable[[], int | None] | None = None) -> ClockState:
    """The state of the machine's clock now. ``status`` gives the kernel's word, None where there is none."""
    found = (status or kernel_status)()
    if found is None:
        return ClockState.UNKNOWN
    return ClockState.UNSYNCHRONISED if found & STA_UNSYNC else ClockState.SYNCHRONISED


def clock_reading(timex: Callable[[], Timex | None] | None = None) -> ClockReading:
    """All that the kernel knows of the clock now."""
    found = (timex or kernel_timex)()
    if found is None:
        return ClockReading(ClockState.UNKNOWN)
    state = clock_state(lambda: int(found.status))
    unit = 1e-9 if found.status & STA_NANO else 1e-6
    return ClockReading(state, float(found.offset * unit), float(found.maxerror * 1e-6))


def kernel_status() -> int | None:
    """The status bits of adjtimex(2); None where it cannot be asked."""
    found = kernel_timex()
    return None if found is None else int(found.status)


def kernel_timex() -> Timex | None:
    """What adjtimex(2) tells when it is only asked (modes 0); None where it cannot be asked."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
    except OSError:
        return None
    for name in CALLS:
        call = getattr(library, name, None)
        if call is not None:
            buffer = Timex()
            return buffer if call(ctypes.byref(buffer)) >= 0 else None
    return None
