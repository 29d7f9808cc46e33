"""Ways in which frames lie in the bytes: of known lengths, between two marks, or as lines."""

from __future__ import annotations

import re

from drivers.readings import Skip, Weight
from drivers.scale.protocol import MORE, NO_FRAME, Decode, Decoder, Framing, Settings

_LINE_END = re.compile(rb"\r\n?|\n")
ESTABLISHED = 3
"""Frames of one layout after which a `SteadyDecoder` wonders at another."""

LOST = 4
"""Bytes that a line loses or adds at once."""

_LAYOUT = bytes(
    ord("0") if chr(byte) in "0123456789 +-?" else ord("A") if chr(byte).isalpha() else byte
    for byte in range(256)
)
"""Translation of a frame to its layout: digits, blanks and signs are one kind, letters another."""

_RETURN = re.compile(rb"[\r\n]")


def fixed(start: bytes, *lengths: int, end: bytes = b"", seven_bit: bool = True) -> Framing:
    """Frames of one of these lengths, shortest first, that begin with a ``start`` byte and end with ``end``.

    ``start`` is the inside of a character class.
    """

    def cut(data: bytes, at: int, final: bool) -> int:
        for length in lengths:
            if len(data) - at < length:
                return MORE
            if data.endswith(end, at, at + length):
                return length
        return NO_FRAME

    return Framing(re.compile(b"[" + start + b"]"), cut, seven_bit=seven_bit)


def enclosed(start: bytes, ends: bytes, longest: int) -> Framing:
    """Frames from a ``start`` byte to the first of the ``ends`` bytes, no other start byte between them."""
    stop = re.compile(b"[" + ends + start + b"]")
    closes = re.compile(b"[" + ends + b"]")

    def cut(data: bytes, at: int, final: bool) -> int:
        end = stop.search(data, at + 1, at + longest)
        if end is None:
            return NO_FRAME if len(data) - at >= longest else MORE
        return end.end() - at if closes.match(end[0]) else NO_FRAME

    return Framing(re.compile(b"[" + start + b"]"), cut)


def marked_line(start: bytes, head: bytes, longest: int, *, ends_with_return: bool = False) -> Framing:
    """Lines that begin with ``head``, an expression whose first byte is one of the class ``start``.

    A line ends with CR LF, CR or LF; the last one of a capture may lack it. ``ends_with_return``: no LF is
    waited for behind CR. Junk in front of a head, and a line into which the next one breaks, are left behind.
    """
    begins = re.compile(head)
    end = _RETURN if ends_with_return else _LINE_END

    def cut(data: bytes, at: int, final: bool) -> int:
        if len(data) - at >= longest and begins.match(data, at) is None:
            return NO_FRAME
        length = line(data, at, longest, final, end)
        if length > 0 and begins.match(data, at, at + length) is None:
            return NO_FRAME
        return length

    return Framing(re.compile(b"[" + start + b"]"), cut)


def whole_line() -> Framing:
    """Lines without a start mark: from one line end to the next, all or nothing."""

    def cut(data: bytes, at: int, final: bool) -> int:
        return line(data, at, len(data) - at + 1, final)

    return Framing(re.compile(rb"[^\r\n]"), cut, resync=False)


def line(data: bytes, at: int, longest: int, final: bool, ends: re.Pattern[bytes] = _LINE_END) -> int:
    """Length of the line at ``at`` with its end; `NO_FRAME` where it has none within ``longest`` bytes."""
    end = ends.search(data, at, at + longest)
    if end is None:
        if len(data) - at >= longest:
            return NO_FRAME
        return len(data) - at if final else MORE
    if ends is _LINE_END and end[0] == b"\r" and end.end() == len(data) and not final:
        return MORE
    return end.end() - at


def without_end(frame: bytes) -> bytes:
    """The line without the CR and LF behind it."""
    return frame.rstrip(b"\r\n")


def ended(frame: bytes) -> bool:
    """Whether the line came with its end; one that did not may have lost digits."""
    return frame[-1:] in (b"\r", b"\n")


class SteadyDecoder(Decoder):
    """For frames without a check whose length depends on the digits: an indicator rarely changes its layout.

    After three frames of one layout, one that is the same with a few bytes missing or added was probably
    damaged, and is believed only when the next has its layout too.
    """

    def __init__(self, framing: Framing, decode: Decode, settings: Settings, *, joined: bool = False):
        super().__init__(framing, decode, settings, joined=joined)
        self._layout = b""
        self._run = 0
        self._other = b""

    def interpret(self, frame: bytes) -> Weight | Skip:
        """The frame's meaning, if its layout is believable."""
        result = super().interpret(frame)
        if not isinstance(result, Weight):
            return result
        layout = without_end(frame).translate(_LAYOUT)
        if layout == self._layout:
            self._run += 1
            self._other = b""
        elif self._run < ESTABLISHED or layout == self._other or not _damaged(layout, self._layout):
            self._layout, self._run, self._other = layout, 1, b""
        else:
            self._other = layout
            self._give_up = True
            return Skip.TOO_SHORT if len(layout) < len(self._layout) else Skip.IMPOSSIBLE
        return result


def _damaged(layout: bytes, known: bytes) -> bool:
    """Whether one is the other without a few neighbouring bytes, or one is text and the other binary."""
    if layout.isascii() and layout.decode("ascii").isprintable() is not known.decode("latin-1").isprintable():
        return True
    shorter, longer = sorted((layout, known), key=len)
    if not 0 < len(longer) - len(shorter) <= LOST:
        return False
    same = next(
        (at for at, pair in enumerate(zip(shorter, longer, strict=False)) if pair[0] != pair[1]), len(shorter)
    )
    return longer.endswith(shorter[same:])


def steady(framing: Framing, decode: Decode, settings: Settings, joined: bool) -> Decoder:
    """`Protocol.make` of protocols that use a `SteadyDecoder`."""
    return SteadyDecoder(framing, decode, settings, joined=joined)
