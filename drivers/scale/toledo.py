"""Toledo do Brasil and Filizola, as their small scales and the TI400 terminal speak. Continuous P03 is
`mt_continuous`. Manuals: Prix III protocols A, B (P05), C; TI400 P08 and P10. Line: 2400 to 9600, 8N1.

asked with ENQ (`toledo_p05`)              asked with EOT (`stx_etx_weight`, Filizola, Urano)

    STX DDDDD[D] ETX                           STX S WWWWWW ETX

    IIIII moving, NNNNN negative, SSSSS over: no weight is sent then

protocol A (`toledo_a`), 22 bytes          protocol C (`toledo_c`)

    STX A B DDDDDD … CR                        STX DDDDDD CR
    STX A DDDDDD B … CR                        STX WWWW uu CR
        |        |
        |        +- 2-0 where the point is (first form), 3 two decimals
        +---------- 0 motion, 3 out of range

TI400 P08 (`ti400_p08`)                    TI400 P10 (`ti400_p10`), a text that its owner may edit

    M _ WWWWWWWW _kg CR LF                     STX … WW,W … K S R M Z … gross … tare … CR
    |                                                       | | | | +- Z zero captured
    +- S stable, I moving, N negative, O over               | | | +--- E stable, I moving
                                                            | | +----- F in range, S over
                                                            | +------- P positive, N negative
                                                            +--------- L net, B gross

Digits without a point have three decimals where the site says nothing else. In protocol A the price and the
total follow the weight; where B says nothing of the point, three decimals.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Skip, Stability, Unit, Weight
from drivers.scale.fields import digits, implied, number, padded, plain, unit_or
from drivers.scale.frames import enclosed, fixed, marked_line, steady
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
_C_UNIT = re.compile(rb"\x02([ +-]*[\d.,]{1,8}) *([A-Za-z]{1,2}) *[\r\n]*")


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


_P08 = re.compile(rb"([SINO]) {1,2}([ +\d.,-]{8}) ?([A-Za-z]{1,2}) *[\r\n]*")


def decode_p08(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line of P08. A negative weight may come without its minus: the letter says it."""
    match = _P08.fullmatch(frame)
    if match is None:
        return Skip.OVER if frame[:1] == b"O" and not re.search(rb"\d", frame) else Skip.NOT_MINE
    letter, figures, letters = match.groups()
    if letter == b"O":
        return Skip.OVER
    value = number(figures.replace(b",", b"."), settings.places_or())
    unit = unit_or(letters, settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    if letter == b"N":
        return Weight(-abs(value) if value else value, unit, raw=frame)
    return Weight(value, unit, stability=Stability.STABLE if letter == b"S" else Stability.MOVING, raw=frame)


def encode_p08(weight: Weight, settings: Settings) -> bytes:
    """The line of P08."""
    letter = b"N" if weight.value < 0 else b"I" if weight.stability is Stability.MOVING else b"S"
    letter = letter if weight.range is Range.OK else b"O"
    return letter + b" " + padded(weight.value, 8) + b" " + weight.unit.encode("ascii") + b"\r\n"


_P10_NUMBER = re.compile(
    rb"(?<![A-Za-z\d])([+-]?) *(\d{1,7}(?:[.,]\d{1,4})?) *(kg|KG|Kg|g|t|lb)?(?![\d.,:/])"
)
_P10_STATES = re.compile(
    rb"([LB])[^A-Za-z\d]{0,3}([PN])[^A-Za-z\d]{0,3}([FS])[^A-Za-z\d]{0,3}([EI])[^A-Za-z\d]{0,3}(Z?)"
)
_P10_ALONE = re.compile(rb"(?<![A-Za-z])([LBPNFSEIZ])(?![A-Za-z])")
_P10_KINDS = {b"L": Kind.NET, b"B": Kind.GROSS}


def decode_p10(frame: bytes, settings: Settings) -> Weight | Skip:
    """One text of P10 in its usual arrangement: the first number, and the five letters in their order."""
    text = frame[1:]
    match = _P10_NUMBER.search(text)
    states = _p10_states(text)
    if match is None or states is None:
        return Skip.NOT_MINE
    kind, sign, within, motion, zero = states
    if within == b"S":
        return Skip.OVER
    value = number(match[1] + match[2].replace(b",", b"."), settings.places_or())
    unit = unit_or(match[3] or b"", settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE
    return Weight(
        -abs(value) if sign == b"N" and value else value,
        unit,
        stability=Stability.STABLE if motion == b"E" else Stability.MOVING,
        kind=_P10_KINDS.get(kind, Kind.UNKNOWN),
        zero=zero == b"Z",
        raw=frame,
    )


def _p10_states(text: bytes) -> tuple[bytes, ...] | None:
    """Kind, sign, range, motion and zero: side by side in their order, or each a letter that stands alone."""
    together = _P10_STATES.search(text)
    if together is not None:
        return together.groups()
    alone = set(_P10_ALONE.findall(text))
    found = [alone & set(pair) for pair in ((b"L", b"B"), (b"P", b"N"), (b"F", b"S"), (b"E", b"I"), (b"Z",))]
    if any(len(choice) > 1 for choice in found) or not (found[2] and found[3]):
        return None
    return tuple(next(iter(choice), b"") for choice in found)


def encode_p10(weight: Weight, settings: Settings) -> bytes:
    """The usual arrangement, gross equal to the weight and tare zero."""
    if weight.stability is Stability.UNKNOWN or weight.kind is Kind.TARE:
        raise CannotEncode("the text says stable or moving, gross or net")
    figures = plain(abs(weight.value)).replace(".", ",").encode("ascii")
    if len(figures) > 8:
        raise CannotEncode("at most seven digits")
    letters = (b"L" if weight.kind is Kind.NET else b"B") + (b"N" if weight.value < 0 else b"P")
    letters += (b"F" if weight.range is Range.OK else b"S") + (
        b"I" if weight.stability is Stability.MOVING else b"E"
    )
    letters += b"Z" if weight.zero else b" "
    unit = weight.unit.encode("ascii")
    return b"\x02%8b%b %b %8b%b %8b%b\r" % (figures, unit, letters, figures, unit, b"0", unit)


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

TI400_P08 = Protocol(
    id="ti400_p08",
    title="Toledo TI400 P08",
    framing=marked_line(rb"SINO", rb"[SINO] ", 20),
    decode=decode_p08,
    encode=encode_p08,
    tells=frozenset({"stability", "unit"}),
    fields=_UNIT,
    serial=_LINE,
    make=steady,
)

TI400_P10 = Protocol(
    id="ti400_p10",
    title="Toledo TI400 P10 in its usual arrangement",
    framing=enclosed(rb"\x02", rb"\r", 200),
    decode=decode_p10,
    encode=encode_p10,
    tells=frozenset({"stability", "kind", "zero", "unit"}),
    fields=_UNIT,
    serial=_LINE,
    make=steady,
)

ALL = (TOLEDO_P05, STX_ETX_WEIGHT, TOLEDO_A, TOLEDO_C, TI400_P08, TI400_P10)
