"""Cardinal's scoreboard strings, and Weigh-Tronix's WI-120 whose string is kin: pushed, or asked with ENQ.

Manuals: Cardinal 190, 200, 201, 212, 225; Fairbanks FB3000 page 56, FB2550 page 98; Rice Lake 480 figure 9-4.

SB-400, SB-80, computer (`cardinal`)        SB-200, 738 (`cardinal_cr`)

    S DDDDDD uu K TT CR                         CR S DDDDDD C uu K ETX, or blanks before uu, K and ETX
    |   |    |  | +- OC over, CZ zero,             |   |    | |  +- G gross, N net
    |   |    |  |    MO motion, BZ below           |   |    | +---- unit
    |   |    |  |    zero, EE weight not           |   |    +------ O over, M motion, e not shown
    |   |    |  |    shown, or two blanks          |   +----------- six digits, a point among them
    |   |    |  +--- G gross, N net                +--------------- + or -; letters in either case
    |   |    +------ unit                       CR comes first: the line before it belongs to nobody.
    |   +----------- six digits, a point among them
    +--------------- + or -, or a blank

WI-120 (`cardinal`):  _ K P DDDDDD _ uu CR LF    G gross, N net, T tare; P minus or blank
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Skip, Stability, Weight
from drivers.scale.fields import number, padded, plain, sign_of, unit_or
from drivers.scale.frames import enclosed, marked_line, steady
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_FIGURES = rb"((?=[ \d]*\.?[ \d]* ?[A-Za-z])(?:[ \d.]{7}|[ \d]{6})) ?"
_UNIT = rb"([A-Za-z]{2}| [A-Za-z]|[A-Za-z] )"
_SB400 = re.compile(rb"([+ -])" + _FIGURES + _UNIT + rb" ?([GNgn]) ?(OC|CZ|MO|BZ|EE|ee|  |)[\r\n]*")
_WI120 = re.compile(rb" ([GNTgnt])([+ -])" + _FIGURES + rb"([A-Za-z]{2}) ?[\r\n]*")
_SB200 = re.compile(
    rb"\r([+ -])((?:[ \d.]{7}|[ \d]{6}))([ OMeEomn]) ?([A-Za-z]{2}| [A-Za-z]|[A-Za-z] ) ?([GNgn]) {0,2}\x03"
)
_SKIPS = {b"OC": Skip.OVER, b"EE": Skip.BLANK, b"O": Skip.OVER, b"E": Skip.BLANK}
_KINDS = {b"G": Kind.GROSS, b"N": Kind.NET, b"T": Kind.TARE}


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line of an SB-400, SB-80 or computer port, or of a WI-120."""
    match = _SB400.fullmatch(frame)
    if match is not None:
        sign, figures, unit, kind, status = match.groups()
        return _weight(sign, figures, unit, kind, status.upper(), frame, settings)
    other = _WI120.fullmatch(frame)
    if other is None:
        return Skip.NOT_MINE
    kind, sign, figures, unit = other.groups()
    return _weight(sign, figures, unit, kind, b"?", frame, settings)


def decode_cr(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame of an SB-200 or 738, from its CR to its ETX."""
    match = _SB200.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    sign, figures, status, unit, kind = match.groups()
    return _weight(sign, figures, unit, kind, status.upper(), frame, settings)


def _weight(
    sign: bytes, figures: bytes, unit: bytes, kind: bytes, status: bytes, frame: bytes, settings: Settings
) -> Weight | Skip:
    if status in _SKIPS:
        return _SKIPS[status]
    value = number(sign + figures, settings.places_or())
    mass = unit_or(unit, settings.unit_or())
    if value is None or mass is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    stability = Stability.MOVING if status in (b"MO", b"M") else Stability.STABLE
    zero = True if status == b"CZ" else None
    if status == b"?":
        stability = Stability.UNKNOWN
    return Weight(value, mass, stability=stability, kind=_KINDS[kind.upper()], zero=zero, raw=frame)


def _figures(weight: Weight) -> bytes:
    return padded(abs(weight.value), 7 if "." in plain(weight.value) else 6, "0")


def _kind(weight: Weight) -> bytes:
    if weight.kind is Kind.TARE or weight.stability is Stability.UNKNOWN:
        raise CannotEncode("the string says gross or net, and stable or moving")
    return b"N" if weight.kind is Kind.NET else b"G"


def encode(weight: Weight, settings: Settings) -> bytes:
    """The line of an SB-400."""
    status = b"MO" if weight.stability is Stability.MOVING else b"CZ" if weight.zero else b"  "
    status = status if weight.range is Range.OK else b"OC"
    unit = weight.unit.encode("ascii").ljust(2)
    return sign_of(weight) + _figures(weight) + unit + _kind(weight) + status + b"\r"


def encode_cr(weight: Weight, settings: Settings) -> bytes:
    """The frame of an SB-200."""
    status = b"M" if weight.stability is Stability.MOVING else b" "
    status = status if weight.range is Range.OK else b"O"
    unit = weight.unit.encode("ascii").rjust(2)
    return b"\r" + sign_of(weight) + _figures(weight) + status + unit + _kind(weight) + b"\x03"


_TELLS = frozenset({"stability", "kind", "unit"})
_FIELDS = frozenset({"decimals", "unit"})

CARDINAL = Protocol(
    id="cardinal",
    title="Cardinal SB-400, SB-80; Weigh-Tronix WI-120",
    framing=marked_line(rb"+ -", rb"[+ -][ \d.]{6}| [GNTgnt][+ -]", 20, ends_with_return=True),
    decode=decode,
    encode=encode,
    tells=_TELLS,
    fields=_FIELDS,
    serial=Serial(9600, 8, "N", 1),
    poll=b"\x05",
    make=steady,
)

CARDINAL_CR = Protocol(
    id="cardinal_cr",
    title="Cardinal SB-200, 738",
    framing=enclosed(rb"\r", rb"\x03", 20),
    decode=decode_cr,
    encode=encode_cr,
    tells=_TELLS,
    fields=_FIELDS,
    serial=Serial(1200, 7, "E", 1),
    make=steady,
)

ALL = (CARDINAL, CARDINAL_CR)
