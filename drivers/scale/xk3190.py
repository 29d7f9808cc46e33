"""Yaohua XK3190 and the Keli D2008 and XK3118 after it: the truck scales' most common Chinese indicators.

Manuals: A26 pages 12-13, A12E page 13, A1+P pages 13-21, DS3 page 8, Keli XK3118K9 pages 9-10. Line: 600 to
9600 baud, 8N1; about 12 frames a second at 9600. None of these frames says anything of motion.

tF = 0, pushed (`xk3190_tf0`)             command mode, asked (`xk3190_cmd`)

    STX S DDDDDD P XX ETX                     STX a c S DDDDDD P XX ETX
        |   |    | +--- exclusive or              | | +---------------- as in tF = 0
        |   |    |      of S..P, hexadecimal      | +------------------ B gross, C tare, D net
        |   |    +----- decimals, a count 0-4     +-------------------- address A to Z
        |   +---------- digits                    XX is over a..P
        +-------------- + or -

tF = 1, pushed, lowest digit first (`xk3190_rev`)   tF = 2, pushed, forward (`xk3190_fwd`)

    = WWWWWWW S                               = S WWWWWWW
         |    +- - or 0, missing on some        +---------- - or 0
         +------ seven characters with the point

A12E (`xk3190_a12e`)                          (`xk3190_wn`)

    W k WWWWWWW kg XX CR LF                   w k S WWWWWWW uu CR LF
      |    |       +- exclusive or of all       | +--------------- sign, blank or none
      |    +--------- digits with the point     +----------------- w gross, n net, t tare
      +-------------- G gross, N net
    nine blanks, OL or LO, XX CR LF           over and under range

Beware: P is a count and no digit; the exclusive or does not see two digits that changed places.
"""

from __future__ import annotations

import re

from drivers.readings import Checksum, Kind, Range, Skip, Unit, Weight
from drivers.scale.checks import hexadecimal, xor
from drivers.scale.fields import digits, implied, number, padded, plain, sign_of, unit_or
from drivers.scale.frames import enclosed, fixed, marked_line, steady
from drivers.scale.protocol import MORE, NO_FRAME, CannotEncode, Framing, Protocol, Serial, Settings

_SIGNED = re.compile(rb"([+-])([ \d]{6})([0-4])")
_COMMANDS = {b"B": Kind.GROSS, b"C": Kind.TARE, b"D": Kind.NET}


def decode_tf0(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame of continuous format 0."""
    if hexadecimal(frame[9:11]) != xor(frame[1:9]):
        return Skip.CHECKSUM
    return _signed(frame[1:9], Kind.UNKNOWN, frame, settings)


def decode_cmd(frame: bytes, settings: Settings) -> Weight | Skip:
    """One answer of the command mode; an answer or echo without a weight is none of ours."""
    if hexadecimal(frame[-3:-1]) != xor(frame[1:-3]):
        return Skip.CHECKSUM
    kind = _COMMANDS.get(frame[2:3])
    if kind is None or len(frame) != 14 or _other_address(frame[1:2], settings):
        return Skip.NOT_MINE
    return _signed(frame[3:11], kind, frame, settings)


def _other_address(address: bytes, settings: Settings) -> bool:
    return settings.address is not None and address != settings.address.encode("ascii", "replace")


def _signed(field: bytes, kind: Kind, frame: bytes, settings: Settings) -> Weight | Skip:
    if not field[1:7].strip(b" "):
        return Skip.BLANK
    match = _SIGNED.fullmatch(field)
    value = digits(match[2], int(match[3])) if match else None
    if match is None or value is None:
        return Skip.IMPOSSIBLE
    negative = match[1] == b"-" and value
    return Weight(
        -value if negative else value, settings.unit_or(), kind=kind, checksum=Checksum.OK, raw=frame
    )


def _encode_signed(weight: Weight) -> bytes:
    places = max(0, -int(weight.value.as_tuple().exponent))
    if places > 4:
        raise CannotEncode("at most four decimals")
    return sign_of(weight) + implied(abs(weight.value), 6, places) + str(places).encode("ascii")


def encode_tf0(weight: Weight, settings: Settings) -> bytes:
    """The frame of continuous format 0."""
    body = _encode_signed(weight)
    return b"\x02%b%02X\x03" % (body, xor(body))


def encode_cmd(weight: Weight, settings: Settings) -> bytes:
    """The answer to the command that asks for this kind of weight."""
    command = next((letter for letter, kind in _COMMANDS.items() if kind is weight.kind), b"B")
    body = (settings.address or "A").encode("ascii") + command + _encode_signed(weight)
    return b"\x02%b%02X\x03" % (body, xor(body))


def command(address: str, letter: str = "B") -> bytes:
    """The request for gross (B), tare (C) or net (D) from the indicator with this address, A to Z."""
    body = f"{address}{letter}".encode("ascii")
    return b"\x02%b%02X\x03" % (body, xor(body))


_WEIGHT_7 = re.compile(rb"(?: *\d+\.?\d*)")


def decode_rev(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame of continuous format 1: the characters stand in reverse order."""
    body = frame[1:]
    sign = body[7:8] or b"0"
    return _unsigned(body[6::-1], sign, frame, settings) if len(body) in (7, 8) else Skip.TOO_SHORT


def decode_fwd(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame of continuous format 2."""
    body = frame[1:]
    return _unsigned(body[1:], body[:1], frame, settings) if len(body) == 8 else Skip.TOO_SHORT


def _unsigned(field: bytes, sign: bytes, frame: bytes, settings: Settings) -> Weight | Skip:
    if sign not in (b"-", b"0", b" ") or (field.strip(b" ") and not _WEIGHT_7.fullmatch(field)):
        return Skip.IMPOSSIBLE
    value = number(field, settings.places_or())
    if value is None:
        return Skip.BLANK
    return Weight(-value if sign == b"-" and value else value, settings.unit_or(), raw=frame)


def _equals_cut(data: bytes, at: int, final: bool) -> int:
    following = data[at + 1 : at + 9]
    stop = re.search(rb"[=\r\n]", following)
    if stop:
        return stop.start() + 1 if stop.start() == 7 else NO_FRAME
    if len(following) == 8:
        return 9
    return 8 if final and len(following) == 7 else MORE


_EQUALS = Framing(re.compile(rb"="), _equals_cut)


def encode_rev(weight: Weight, settings: Settings) -> bytes:
    """The frame of continuous format 1, with its sign byte."""
    return b"=" + padded(abs(weight.value), 7, "0")[::-1] + sign_of(weight, b"0")


def encode_fwd(weight: Weight, settings: Settings) -> bytes:
    """The frame of continuous format 2."""
    return b"=" + sign_of(weight, b"0") + padded(abs(weight.value), 7, "0")


_A12E = re.compile(rb"W([GN])([ \d.+-]{7})kg([\dA-Fa-f]{2})[\r\n]*")
_A12E_RANGE = re.compile(rb" {9}(OL|LO)([\dA-Fa-f]{2})[\r\n]*")


def decode_a12e(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line of the A12E."""
    match = _A12E.fullmatch(frame)
    outside = _A12E_RANGE.fullmatch(frame)
    if match is None and outside is None:
        return Skip.NOT_MINE
    if hexadecimal(frame[11:13]) != xor(frame[:11]):
        return Skip.CHECKSUM
    if match is None:
        return Skip.OVER if frame[9:11] == b"OL" else Skip.UNDER
    value = number(match[2], settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE if match[2].strip() else Skip.BLANK
    kind = Kind.GROSS if match[1] == b"G" else Kind.NET
    return Weight(value, Unit.KG, kind=kind, checksum=Checksum.OK, raw=frame)


def encode_a12e(weight: Weight, settings: Settings) -> bytes:
    """The line of the A12E; over and under range too."""
    if weight.range is not Range.OK:
        body = b" " * 9 + (b"OL" if weight.range is Range.OVER else b"LO")
    else:
        if weight.unit is not Unit.KG or weight.kind not in (Kind.GROSS, Kind.NET):
            raise CannotEncode("an A12E line carries gross or net in kilograms")
        letter = b"G" if weight.kind is Kind.GROSS else b"N"
        figures = padded(weight.value, 7 if "." in plain(weight.value) else 6, "0")
        body = b"W" + letter + figures.ljust(7) + b"kg"
    return b"%b%02X\r\n" % (body, xor(body))


_WN = re.compile(rb"w([wnt])([+ -]?[ \d]*\.?\d+) ?([A-Za-z]{1,3})[\r\n]*")
_WN_KINDS = {b"w": Kind.GROSS, b"n": Kind.NET, b"t": Kind.TARE}


def decode_wn(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line that begins with ww, wn or wt."""
    match = _WN.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    value = number(match[2], settings.places_or())
    unit = unit_or(match[3], Unit.KG)
    if value is None or unit is None:
        return Skip.IMPOSSIBLE
    return Weight(value, unit, kind=_WN_KINDS[match[1]], raw=frame)


def encode_wn(weight: Weight, settings: Settings) -> bytes:
    """The line with sign, or a zero in its place, and seven characters."""
    letter = next((letter for letter, kind in _WN_KINDS.items() if kind is weight.kind), b"w")
    figures = padded(abs(weight.value), 7, "0")
    return b"w" + letter + sign_of(weight) + figures + weight.unit.encode("ascii") + b"\r\n"


_LINE = Serial(9600, 8, "N", 1)
_FIELDS = frozenset({"unit"})

XK3190_TF0 = Protocol(
    id="xk3190_tf0",
    title="Yaohua XK3190 continuous format 0",
    framing=fixed(rb"\x02", 12, end=b"\x03"),
    decode=decode_tf0,
    encode=encode_tf0,
    fields=_FIELDS,
    serial=_LINE,
)

XK3190_CMD = Protocol(
    id="xk3190_cmd",
    title="Yaohua XK3190 command mode",
    framing=enclosed(rb"\x02", rb"\x03", 15),
    decode=decode_cmd,
    encode=encode_cmd,
    tells=frozenset({"kind"}),
    fields=_FIELDS | {"address"},
    serial=_LINE,
    poll=command("A"),
    poll_at=command,
)

XK3190_REV = Protocol(
    id="xk3190_rev",
    title="Yaohua XK3190 continuous format 1, lowest digit first",
    framing=_EQUALS,
    decode=decode_rev,
    encode=encode_rev,
    fields=_FIELDS | {"decimals"},
    serial=_LINE,
    make=steady,
)

XK3190_FWD = Protocol(
    id="xk3190_fwd",
    title="Yaohua XK3190 continuous format 2, forward",
    framing=_EQUALS,
    decode=decode_fwd,
    encode=encode_fwd,
    fields=_FIELDS | {"decimals"},
    serial=_LINE,
)

XK3190_A12E = Protocol(
    id="xk3190_a12e",
    title="Yaohua XK3190-A12E",
    framing=marked_line(rb"W ", rb"W[GN]| {9}(?:OL|LO)", 17),
    decode=decode_a12e,
    encode=encode_a12e,
    tells=frozenset({"kind", "unit"}),
    fields=frozenset({"decimals"}),
    serial=_LINE,
)

XK3190_WN = Protocol(
    id="xk3190_wn",
    title="Yaohua ww, wn, wt lines",
    framing=marked_line(rb"w", rb"w[wnt]", 24),
    decode=decode_wn,
    encode=encode_wn,
    tells=frozenset({"kind", "unit"}),
    fields=frozenset({"decimals"}),
    serial=_LINE,
    make=steady,
)

ALL = (XK3190_TF0, XK3190_CMD, XK3190_REV, XK3190_FWD, XK3190_A12E, XK3190_WN)
