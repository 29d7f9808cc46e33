"""Whether this machine's clock follows another one: the kernel knows (adjtimex(2), STA_UNSYNC).

struct timex { unsigned int modes; long offset, freq, maxerror, esterror; int status; … }
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from enum import StrEnum

STA_UNSYNC = 0x0040
CALLS = ("ntp_adjtime", "adjtimex")


class ClockState(StrEnum):
    """How far a time of this machine can be trusted."""

    SYNCHRONISED = "synchronised"
    UNSYNCHRONISED = "unsynchronised"
    UNKNOWN = "unknown"


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


def kernel_status() -> int | None:
    """The status bits of adjtimex(2), which is only asked (modes 0); None where it cannot be asked."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
    except OSError:
        return None
    for name in CALLS:
        call = getattr(library, name, None)
        if call is not None:
            buffer = Timex()
            return int(buffer.status) if call(ctypes.byref(buffer)) >= 0 else None
    return None
