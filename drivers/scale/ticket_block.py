"""A printed ticket of several lines (Jadever JIK and labels after it): sent when the print key is pressed.

Known from two captures. Line: 9600 8N1.

    ^NAME…                header
    2023-11-07            date, also with /
    17:19:26
      0.00 kg             tare
      1.94 kg             gross
    0, 0                  two lines of the label
      1.94 kg             net: the reading
      1.94 kg …           net again, pieces and other lines
    ~P1                   print one

One ticket is one reading, the net; a ticket whose net is not gross less tare is none. Its lines are not
weights. A cut ticket is none.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Skip, Unit, Weight
from drivers.scale.fields import number, padded, unit_or
from drivers.scale.protocol import MORE, NO_FRAME, CannotEncode, Framing, Protocol, Serial, Settings

_END = re.compile(rb"[\r\n]~P\d*(?:\r\n?|\n)")
_DATE = re.compile(rb"\d{2,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_WEIGHT = re.compile(rb" *([+-]? *[\d.]+) *(kg|g|t|lb|oz) *", re.IGNORECASE)
_LONGEST = 1024


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One ticket."""
    lines = frame.split()
    if not any(_DATE.fullmatch(line) for line in lines):
        return Skip.NOT_MINE
    found = [match for line in re.split(rb"[\r\n]+", frame) if (match := _WEIGHT.fullmatch(line))]
    if len(found) < 3:
        return Skip.TOO_SHORT
    tare, gross, net = (number(match[1]) for match in found[:3])
    unit = unit_or(found[2][2], Unit.KG)
    units = {match[2].lower() for match in found[:3]}
    if tare is None or gross is None or net is None or unit is None or len(units) > 1 or gross - tare != net:
        return Skip.IMPOSSIBLE
    return Weight(net, unit, kind=Kind.NET, raw=frame)


def _cut(data: bytes, at: int, final: bool) -> int:
    end = _END.search(data, at, at + _LONGEST)
    again = data.find(b"^", at + 1, end.start() if end else at + _LONGEST)
    if again >= 0 or (end is None and len(data) - at >= _LONGEST):
        return NO_FRAME
    if end is None or (end[0].endswith(b"\r") and end.end() == len(data) and not final):
        return MORE
    return end.end() - at


def encode(weight: Weight, settings: Settings) -> bytes:
    """The ticket with tare zero."""
    if weight.kind is not Kind.NET:
        raise CannotEncode("a ticket is read as net")
    zero, net = (padded(value, 9) + b" " + weight.unit.encode() for value in (weight.value * 0, weight.value))
    lines = (
        b"^JIK000",
        b"2026-01-01",
        b"12:00:00",
        zero,
        net,
        b"0",
        b"0",
        net,
        net,
        b"    0 pcs",
        b"E",
        b"~P1",
    )
    return b"\r\n".join(lines) + b"\r\n"


TICKET_BLOCK = Protocol(
    id="ticket_block",
    title="Printed ticket of several lines",
    framing=Framing(re.compile(rb"\^"), _cut),
    decode=decode,
    encode=encode,
    tells=frozenset({"kind", "unit"}),
    serial=Serial(9600, 8, "N", 1),
)
