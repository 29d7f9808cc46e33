"""Sterling 7600 counting scale: asked with three letters and CR (SGW gross, SNW net). Line: 9600 8N1.

Measured on firmware 4.31.0, which differs from its manual: the command is echoed in front, whole or in part.

    SGW Gross WWWWWWWW uu CR LF     (no blank between echo and word)

Nothing of motion; negative weights carry a minus.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Skip, Weight
from drivers.scale.fields import number, padded, unit_or
from drivers.scale.frames import marked_line, steady
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_LINE = re.compile(rb"(Gross|Net|Tare) *([+-]? *[\d.]+) *([A-Za-z]{1,3})\.? *[\r\n]*")
_KINDS = {b"Gross": Kind.GROSS, b"Net": Kind.NET, b"Tare": Kind.TARE}


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One answer, from its word on: what is left of the echo stands before it."""
    match = _LINE.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    value = number(match[2], settings.places_or())
    unit = unit_or(match[3], settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE
    return Weight(value, unit, kind=_KINDS[match[1]], raw=frame)


def encode(weight: Weight, settings: Settings) -> bytes:
    """The answer without an echo."""
    word = next((word for word, kind in _KINDS.items() if kind is weight.kind), None)
    if word is None:
        raise CannotEncode("the answer says gross, net or tare")
    return word + padded(weight.value, 8) + b" " + weight.unit.encode("ascii") + b"\r\n"


STERLING7600 = Protocol(
    id="sterling7600",
    title="Sterling 7600",
    framing=marked_line(rb"GNT", rb"Gross|Net|Tare", 40),
    decode=decode,
    encode=encode,
    tells=frozenset({"kind", "unit"}),
    fields=frozenset({"decimals"}),
    serial=Serial(9600, 8, "N", 1),
    poll=b"SGW\r",
    make=steady,
)
