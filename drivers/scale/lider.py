"""Líder LD2052: pushed without a request. Line: 2400 8N1. Described by ACBr after the scale.

    SOH DDDDD. _ M STX
        |        +- E stable, I moving
        +---------- digits with the point, a minus in front of a negative weight

Note the marks: a start of heading begins the frame and a start of text ends it.
"""

from __future__ import annotations

import re

from drivers.readings import Skip, Stability, Weight
from drivers.scale.fields import number, padded, plain
from drivers.scale.frames import enclosed, steady
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_FRAME = re.compile(rb"\x01([ +-]*[\d.]{5,8}) ?([EI])\x02")


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame."""
    match = _FRAME.fullmatch(frame)
    if match is None:
        return Skip.IMPOSSIBLE if frame[-2:-1] in (b"E", b"I") else Skip.NOT_MINE
    value = number(match[1], settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE
    stability = Stability.STABLE if match[2] == b"E" else Stability.MOVING
    return Weight(value, settings.unit_or(), stability=stability, raw=frame)


def encode(weight: Weight, settings: Settings) -> bytes:
    """The frame."""
    if weight.stability is Stability.UNKNOWN:
        raise CannotEncode("the frame says stable or moving")
    text = plain(abs(weight.value))
    figures = padded(abs(weight.value), 6, "0") if "." in text else padded(abs(weight.value), 5, "0") + b"."
    letter = b"E" if weight.stability is Stability.STABLE else b"I"
    return b"\x01" + (b"-" if weight.value < 0 else b"") + figures + b" " + letter + b"\x02"


LIDER = Protocol(
    id="lider",
    title="Líder LD2052",
    framing=enclosed(rb"\x01", rb"\x02", 16),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability"}),
    fields=frozenset({"decimals", "unit"}),
    serial=Serial(2400, 8, "N", 1),
    make=steady,
)
