"""Bytes of a barcode scanner to scans: one framer for serial, USB, TCP and keyboard scanners.

    [prefix] [AIM] text [suffix]
       |       |     |      +---- CR, LF, CRLF, TAB, ETX, or a pause of 80 ms, or what the site declares
       |       |     +----------- kept as it is: a group separator (GS, 0x1D) is data, never white space
       |       +----------------- ``]`` code character, modifier (ISO/IEC 15424), kept in `Scan.aim`
       +------------------------- STX, or what the site declares

Each suffix is a scanner's setting, and scanners are set up by people with a leaflet of barcodes in hand: so
all of them end a code unless the site declares one, which alone counts then (a QR code may hold line ends).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from drivers.readings import Scan, Skip, Skipped

AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""An AIM identifier: ``]``, code character, modifier (ISO/IEC 15424)."""

USUAL_ENDS = re.compile(rb"[\r\n\t\x03]")
"""What ends a code when the site declares no suffix."""


SURE = 1.0
"""Seconds of silence that end a code of a scanner that is known to send a suffix: a converter may stutter."""


@dataclass(frozen=True, slots=True)
class Framing:
    """What surrounds a code. ``pause`` is seconds, ``longest`` bytes; None as ``suffix`` means any usual
    one."""

    prefix: bytes = b""
    suffix: bytes | None = None
    pause: float = 0.08
    longest: int = 8192


class Framer:
    """Cuts the bytes of one scanner into codes. Times are seconds of any clock that never jumps.

    A silence ends a code only when `silence` says that nothing was there to read: the time between two reads
    of a busy machine is none.
    """

    def __init__(self, framing: Framing | None = None) -> None:
        self._framing = framing or Framing()
        suffix = self._framing.suffix
        self._end = USUAL_ENDS if suffix is None else re.compile(re.escape(suffix) or b"(?!)")
        self._buffer = bytearray()
        self._last = 0.0
        self._spoilt = False
        self._ended_by_suffix = False

    @property
    def pending(self) -> bool:
        """Whether a code has begun and not ended."""
        return bool(self._buffer) or self._spoilt

    def feed(self, data: bytes, at: float) -> list[Scan | Skipped]:
        """The codes that ``data``, heard at ``at``, completes."""
        self._last = at
        self._buffer += data
        found: list[Scan | Skipped] = []
        while match := self._end.search(self._buffer):
            self._ended_by_suffix = True
            self._finish(found, match.start(), match.end())
        self._cap(found)
        return found

    def silence(self, at: float) -> list[Scan | Skipped]:
        """The code that ends because nothing more came until ``at``, if that is long enough."""
        found: list[Scan | Skipped] = []
        if self.pending and at - self._last >= (SURE if self._ended_by_suffix else self._framing.pause):
            self._finish(found, len(self._buffer), len(self._buffer))
        return found

    def spoil(self, at: float) -> list[Skipped]:
        """Something was lost at ``at``: what has begun is no code, and neither is the rest of it."""
        self._last = at
        begun = bytes(self._buffer[:64])
        self._buffer.clear()
        self._spoilt = True
        return [Skipped(Skip.ERROR, begun)]

    def _finish(self, found: list[Scan | Skipped], length: int, end: int) -> None:
        raw = bytes(self._buffer[:end])
        del self._buffer[:end]
        if self._spoilt:
            self._spoilt = False
        elif length > self._framing.longest:
            found.append(Skipped(Skip.IMPOSSIBLE, raw[:64]))
        elif scan := scan_of(raw, length, self._framing.prefix):
            found.append(scan)

    def _cap(self, found: list[Scan | Skipped]) -> None:
        """A code without an end is given up, and so is the rest of it until an end comes."""
        if len(self._buffer) <= self._framing.longest:
            return
        if not self._spoilt:
            found.append(Skipped(Skip.IMPOSSIBLE, bytes(self._buffer[:64])))
        self._spoilt = True
        del self._buffer[: -len(self._framing.suffix or b"\n")]


def scan_of(raw: bytes, length: int, prefix: bytes = b"") -> Scan | None:
    """One code as it came: ``length`` bytes without its suffix. None when nothing is left of it.

    Bytes that are not UTF-8 are read as Latin-1, which every byte is.
    """
    body = raw[:length].removeprefix(b"\x02").removeprefix(prefix).removeprefix(b"\x02")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    aim = AIM.match(text)
    if aim is not None:
        text = text[aim.end() :]
    return Scan(text, aim.group() if aim else None, raw) if text else None
