"""OB-350: a binary frame of fourteen or fifteen bytes, pushed.

Known from a reader that was written beside the indicator; no manual was found: prove it with a known weight.

    01 00 0A xx nn WW WW WW … SS
                |  |          +- sum of all bytes from the second on, its low eight bits
                |  +------------ weight, 24 bits, most significant byte first, two's complement
                +--------------- counter

No unit, no point, nothing of motion. What stands between the weight and the sum is not known.
"""

from __future__ import annotations

import re
from decimal import Decimal

from drivers.readings import Checksum, Skip, Weight
from drivers.scale.checks import total
from drivers.scale.fields import implied, scaled
from drivers.scale.protocol import MORE, NO_FRAME, CannotEncode, Framing, Protocol, Serial, Settings

_HEAD = b"\x01\x00\x0a"
_SHORT, _LONG = 14, 15


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame."""
    if not frame.startswith(_HEAD) or len(frame) not in (_SHORT, _LONG):
        return Skip.TOO_SHORT
    if not _summed(frame):
        return Skip.CHECKSUM
    count = int.from_bytes(frame[5:8], "big", signed=True)
    value = scaled(Decimal(count), settings.places_or())
    return Weight(value, settings.unit_or(), checksum=Checksum.OK, raw=frame)


def _summed(frame: bytes) -> bool:
    return total(frame[1:-1]) & 0xFF == frame[-1]


def _cut(data: bytes, at: int, final: bool) -> int:
    """The length by which the sum is right; where both are, the one behind which a frame begins."""
    if not _HEAD.startswith(data[at : at + 3]):
        return NO_FRAME
    available = len(data) - at
    if available < _SHORT or (available == _SHORT and not final):
        return MORE
    if available == _SHORT:
        return _SHORT
    if _summed(data[at : at + _LONG]) and not (
        _summed(data[at : at + _SHORT]) and data[at + _SHORT] == _HEAD[0]
    ):
        return _LONG
    return _SHORT


def encode(weight: Weight, settings: Settings) -> bytes:
    """The frame of fourteen bytes with a counter of zero."""
    count = int(implied(abs(weight.value), 7, settings.places_or()))
    if count > 0x7FFFFF:
        raise CannotEncode(f"{weight.value} does not fit into 24 bits")
    signed = (-count if weight.value < 0 else count).to_bytes(3, "big", signed=True)
    body = _HEAD + b"\x00\x00" + signed + b"\x00" * 5
    return body + bytes((total(body[1:]) & 0xFF,))


OB350_BIN = Protocol(
    id="ob350_bin",
    title="OB-350 binary",
    framing=Framing(re.compile(rb"\x01"), _cut, between=b"", seven_bit=False),
    decode=decode,
    encode=encode,
    fields=frozenset({"decimals", "unit"}),
    serial=Serial(9600, 8, "N", 1),
)
