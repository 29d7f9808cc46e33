"""LP7516 and Selleton in their print format: on demand, or several lines in one read. Line: 9600 8N1.

Manual: LP7516, print formats.

    STX WWWWWWWWW uu K CR LF       18 bytes
        |         |  +- G gross, N net, PT preset tare
        |         +---- unit
        +-------------- right-aligned with sign and point

Nothing of motion. A line with PT is the tare.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Skip, Weight
from drivers.scale.fields import number, padded, unit_or
from drivers.scale.frames import marked_line, steady
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_LINE = re.compile(rb"\x02([ +-]*[\d.]+) *([A-Za-z]{1,2}?) *(G|N|PT|T)? *\x03?[\r\n]*", re.IGNORECASE)
_KINDS = {b"G": Kind.GROSS, b"N": Kind.NET, b"PT": Kind.TARE, b"T": Kind.TARE}


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One printed line."""
    match = _LINE.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    value = number(match[1], settings.places_or())
    unit = unit_or(match[2], settings.unit_or())
    if value is None or unit is None or match[3] is None:
        return Skip.IMPOSSIBLE
    return Weight(value, unit, kind=_KINDS[match[3].upper()], raw=frame)


def encode(weight: Weight, settings: Settings) -> bytes:
    """The printed line."""
    letter = {Kind.GROSS: b"G ", Kind.NET: b"N ", Kind.TARE: b"PT"}.get(weight.kind)
    if letter is None:
        raise CannotEncode("the line says gross, net or tare")
    return b"\x02" + padded(weight.value, 10) + b" " + weight.unit.encode("ascii").rjust(2) + letter + b"\r\n"


LP7516_PRINT = Protocol(
    id="lp7516_print",
    title="LP7516 print format",
    framing=marked_line(rb"\x02", rb"\x02[ +\d-]", 26),
    decode=decode,
    encode=encode,
    tells=frozenset({"kind", "unit"}),
    fields=frozenset({"decimals"}),
    serial=Serial(9600, 8, "N", 1),
    poll=b"R",
    make=steady,
)
