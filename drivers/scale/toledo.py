"""Toledo do Brasil and Filizola, as their small scales speak. Continuous P03 is `mt_continuous`; the TI400
terminal has a file of its own. Manual: Prix III protocols A, B (P05), C. Line: 2400 to 9600, 8N1.

asked with ENQ (`toledo_p05`)              asked with EOT (`stx_etx_weight`, Filizola, Urano)

    STX DDDDD[D] ETX                           STX S WWWWWW ETX

    IIIII moving, NNNNN negative, SSSSS over: no weight is sent then

protocol A (`toledo_a`), 22 bytes          protocol C (`toledo_c`)

    STX A B DDDDDD … CR                        STX DDDDDD CR
    STX A DDDDDD B … CR                        STX WWWW uu CR
        |        |
        |        +- 2-0 where the point is (first form), 3 two decimals
        +---------- 0 motion, 3 out of range

Digits without a point have three decimals where the site says nothing else. In protocol A the price and the
total follow the weight; where B says nothing of the point, three decimals.
"""

from __future__ import annotations

import re

from drivers.readings import Range, Skip, Stability, Unit, Weight
from drivers.scale.fields import digits, implied, number, padded, unit_or
from drivers.scale.frames import enclosed, fixed, steady
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_LETTERS = {b"I": Skip.BLANK, b"N": Skip.UNDER, b"S": Skip.OVER, b"C": Skip.ERROR, b"E": Skip.ERROR}


def _letters(field: bytes) -> Skip | None:
    """What a field of one letter, repeated, says instead of a weight; moving scales send no weight."""
    return _LETTERS.get(field[:1]) if field and field == field[:1] * len(field) else None


def decode_p05(frame: bytes, settings: Settings) -> Weight | Skip:
    """One answer to ENQ."""
    field = frame[1:-1]
    skip = _letters(field)
    if skip is not None:
        return skip
    value = digits(field, settings.places_or(3))
    if value is None:
        return Skip.IMPOSSIBLE if field.strip() else Skip.BLANK
    return Weight(value, settings.unit_or(), stability=Stability.STABLE, raw=frame)


def encode_p05(weight: Weight, settings: Settings) -> bytes:
    """The answer of five digits, or the five letters of a weight that is moving or out of range."""
    if weight.range is not Range.OK:
        return b"\x02SSSSS\x03" if weight.range is Range.OVER else b"\x02NNNNN\x03"
    if weight.stability is Stability.MOVING:
        return b"\x02IIIII\x03"
    return b"\x02" + implied(weight.value, 5, settings.places_or(3)) + b"\x03"


_STX_ETX = re.compile(rb"\x02([ +-]?)([ \d.]{5,7})\x03")


def decode_stx_etx(frame: bytes, settings: Settings) -> Weight | Skip:
    """One answer to EOT, sent when stable."""
    skip = _letters(frame[1:-1].lstrip(b" "))
    if skip is not None:
        return skip
    match = _STX_ETX.fullmatch(frame)
    value = number(match[1] + match[2], settings.places_or()) if match else None
    if match is None or value is None:
        return Skip.IMPOSSIBLE if frame[1:-1].strip() else Skip.BLANK
    return Weight(value, settings.unit_or(), stability=Stability.STABLE, raw=frame)


def encode_stx_etx(weight: Weight, settings: Settings) -> bytes:
    """The answer to EOT."""
    if weight.range is not Range.OK or weight.stability is Stability.MOVING:
        letter = b"I" if weight.range is Range.OK else b"S" if weight.range is Range.OVER else b"N"
        return b"\x02" + letter * 6 + b"\x03"
    sign = b"-" if weight.value < 0 else b" "
    return b"\x02" + sign + padded(abs(weight.value), 6, "0") + b"\x03"


_A = re.compile(rb"\x02(.)(?:(.)([ \d]{6})|([ \d]{6})([^ \d]))[ \d]{12}\r", re.DOTALL)


def decode_a(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame of protocol A. Where both places could hold the second status byte it is the first."""
    match = _A.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    status, point = match[1][0], (match[2] or match[5])[0]
    if status & 0x08:
        return Skip.OVER
    code = point & 0x07 if match[2] else 0
    places = 2 if point & 0x08 else code - 2 if code else settings.places_or(3)
    value = digits(match[3] or match[4], places)
    if value is None:
        return Skip.BLANK
    stability = Stability.MOVING if status & 0x01 else Stability.STABLE
    return Weight(value, settings.unit_or(), stability=stability, raw=frame)


def encode_a(weight: Weight, settings: Settings) -> bytes:
    """The frame with price and total zero."""
    places = max(0, -int(weight.value.as_tuple().exponent))
    if places > 5 or weight.stability is Stability.UNKNOWN:
        raise CannotEncode("at most five decimals, stable or moving")
    status = 0x30 | (weight.stability is Stability.MOVING) | (weight.range is not Range.OK) << 3
    return bytes((0x02, status, 0x30 | places + 2)) + implied(weight.value, 6, places) + b"0" * 12 + b"\r"


_C_DIGITS = re.compile(rb"\x02([ \d]{6})\r")
_C_UNIT = re.compile(rb"\x02([ +-]*[\d.,]{1,8}) *([A-Za-z]{1,2})[\r\n]*")


def decode_c(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame of protocol C."""
    skip = _letters(frame[1:].rstrip(b"\r\n"))
    if skip is not None:
        return skip
    bare = _C_DIGITS.fullmatch(frame)
    if bare is not None:
        value = digits(bare[1], settings.places_or(3))
        return Skip.BLANK if value is None else Weight(value, settings.unit_or(), raw=frame)
    match = _C_UNIT.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    value = number(match[1].replace(b",", b"."), settings.places_or())
    unit = unit_or(match[2], Unit.KG)
    return Skip.IMPOSSIBLE if value is None or unit is None else Weight(value, unit, raw=frame)


def encode_c(weight: Weight, settings: Settings) -> bytes:
    """The frame with the unit."""
    return b"\x02" + padded(weight.value, 8) + weight.unit.encode("ascii") + b"\r"


_UNIT = frozenset({"decimals", "unit"})
_LINE = Serial(9600, 8, "N", 1)
_STABLE = frozenset({"stability"})

TOLEDO_P05 = Protocol(
    id="toledo_p05",
    title="Toledo P05 (B), asked with ENQ",
    framing=fixed(rb"\x02", 7, 8, end=b"\x03"),
    decode=decode_p05,
    encode=encode_p05,
    tells=_STABLE,
    fields=_UNIT,
    serial=Serial(2400, 8, "N", 1),
    poll=b"\x05",
    make=steady,
)

STX_ETX_WEIGHT = Protocol(
    id="stx_etx_weight",
    title="Filizola, Urano: STX weight ETX, asked with EOT",
    framing=enclosed(rb"\x02", rb"\x03", 11),
    decode=decode_stx_etx,
    encode=encode_stx_etx,
    tells=_STABLE,
    fields=_UNIT,
    serial=Serial(2400, 8, "N", 1),
    poll=b"\x04",
    make=steady,
)

TOLEDO_A = Protocol(
    id="toledo_a",
    title="Toledo protocol A",
    framing=fixed(rb"\x02", 22, end=b"\r"),
    decode=decode_a,
    encode=encode_a,
    tells=_STABLE,
    fields=_UNIT,
    serial=_LINE,
)

TOLEDO_C = Protocol(
    id="toledo_c",
    title="Toledo protocol C",
    framing=enclosed(rb"\x02", rb"\r", 16),
    decode=decode_c,
    encode=encode_c,
    tells=frozenset({"unit"}),
    fields=_UNIT,
    serial=_LINE,
    make=steady,
)

ALL = (TOLEDO_P05, STX_ETX_WEIGHT, TOLEDO_A, TOLEDO_C)
