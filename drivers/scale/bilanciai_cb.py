"""Società Cooperativa Bilanciai, string Cb: pushed, asked, or with ACK and NAK. Line: 9600 8N1.

Manual: DD700 advanced use, 2.2.1.

    $ S DDDDD CR
      |   +- net weight, five digits
      +----- 0 stable, 1 moving, 3 no weight: negative or overloaded

Beware: of a weight of more than five digits the lowest ones are not sent, and nothing shows it. On a scale
that weighs 100 000 or more of its unit choose another string.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Skip, Stability, Weight
from drivers.scale.fields import digits, implied
from drivers.scale.frames import marked_line
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_STRING = re.compile(rb"\$([01])([ \d]{5})[\r\n]*")


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One string."""
    if frame[1:2] == b"3":
        return Skip.ERROR
    match = _STRING.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    value = digits(match[2], settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE if match[2].strip() else Skip.BLANK
    stability = Stability.STABLE if match[1] == b"0" else Stability.MOVING
    return Weight(value, settings.unit_or(), stability=stability, kind=settings.net, raw=frame)


def encode(weight: Weight, settings: Settings) -> bytes:
    """The string; one of a weight out of range where it is negative."""
    if weight.range is not Range.OK:
        return b"$300000\r"
    if weight.stability is Stability.UNKNOWN or weight.kind is not Kind.NET:
        raise CannotEncode("the string says a net weight, stable or moving")
    flag = b"0" if weight.stability is Stability.STABLE else b"1"
    return b"$" + flag + implied(weight.value, 5, settings.places_or()) + b"\r"


BILANCIAI_CB = Protocol(
    id="bilanciai_cb",
    title="Bilanciai Cb",
    framing=marked_line(rb"$", rb"\$[013]", 10, ends_with_return=True),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability", "kind"}),
    fields=frozenset({"decimals", "unit", "untared"}),
    serial=Serial(9600, 8, "N", 1),
)
