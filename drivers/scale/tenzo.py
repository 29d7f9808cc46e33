"""Tenso-M (Tenzo-M) TV-003, TV-011 and its kin: a pushed text line, and the binary protocol, asked.

Known from readers that were written beside weighbridges. Line: 9600 8N1; one binary one at 38400.

text (`tenzo_eq`)                     binary (`tenzo_bin`)

    = S NNNN… CR LF                       FF AA CC B0 B1 B2 ST XX FF FF
      | +------ forward, with point          |  |  +------+  |  +- such that the CRC of all from AA on is 0
      +-------- minus or blanks              |  |     |      +---- 7 minus; 4 stable; 3 over; 2-0 decimals
                                             |  |     +----------- digits in pairs, lowest pair first
                                             |  +----------------- C3 gross, C2 net
                                             +-------------------- address

A byte FF within the binary frame is followed by FE. The CRC is of eight bits with the polynomial 69.
"""

from __future__ import annotations

import re

from drivers.readings import Checksum, Kind, Range, Skip, Stability, Weight
from drivers.scale.checks import crc8
from drivers.scale.fields import digits, implied, number, padded
from drivers.scale.frames import marked_line, steady
from drivers.scale.protocol import MORE, NO_FRAME, CannotEncode, Framing, Protocol, Serial, Settings

_TEXT = re.compile(rb"=([ +-][ \d.+-]{2,10}|\d[\d.]{2,10}) *\r\n")


def decode_eq(frame: bytes, settings: Settings) -> Weight | Skip:
    """One text line."""
    match = _TEXT.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    value = number(match[1], settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE if match[1].strip() else Skip.BLANK
    return Weight(value, settings.unit_or(), raw=frame)


def encode_eq(weight: Weight, settings: Settings) -> bytes:
    """The text line."""
    return b"=" + padded(weight.value, 8) + b"\r\n"


_POLYNOMIAL = 0x69
_MINUS, _STABLE, _OVER, _PLACES = 0x80, 0x10, 0x08, 0x07
_KINDS = {0xC3: Kind.GROSS, 0xC2: Kind.NET}


def decode_bin(frame: bytes, settings: Settings) -> Weight | Skip:
    """One binary answer, from its first FF to its last."""
    body = frame[1:-2].replace(b"\xff\xfe", b"\xff")
    if len(body) < 4:
        return Skip.TOO_SHORT
    if crc8(body, _POLYNOMIAL):
        return Skip.CHECKSUM
    address, kind = body[0], _KINDS.get(body[1])
    if kind is None or len(body) != 7 or (settings.address is not None and address != int(settings.address)):
        return Skip.NOT_MINE
    status = body[5]
    if status & _OVER:
        return Skip.UNDER if status & _MINUS else Skip.OVER
    value = digits(body[4:1:-1].hex().encode("ascii"), status & _PLACES)
    if value is None:
        return Skip.IMPOSSIBLE
    return Weight(
        -value if status & _MINUS and value else value,
        settings.unit_or(),
        stability=Stability.STABLE if status & _STABLE else Stability.MOVING,
        kind=kind,
        checksum=Checksum.OK,
        raw=frame,
    )


_STUFFED = re.compile(rb"\xff\xff|\xff[^\xfe\xff]")


def _bin_cut(data: bytes, at: int, final: bool) -> int:
    if data[at + 1 : at + 2] == b"\xff":
        return NO_FRAME
    end = _STUFFED.search(data, at + 1, at + 24)
    if end is None:
        return NO_FRAME if len(data) - at >= 24 else MORE
    return end.end() - at if end[0] == b"\xff\xff" else NO_FRAME


def _framed(body: bytes) -> bytes:
    check = bytes((crc8(body + b"\x00", _POLYNOMIAL),))
    return b"\xff" + (body + check).replace(b"\xff", b"\xff\xfe") + b"\xff\xff"


def encode_bin(weight: Weight, settings: Settings) -> bytes:
    """The answer of the site's address, 1 by default."""
    places = max(0, -int(weight.value.as_tuple().exponent))
    command = next((code for code, kind in _KINDS.items() if kind is weight.kind), None)
    if command is None or weight.stability is Stability.UNKNOWN or places > 6:
        raise CannotEncode("the answer says gross or net, stable or moving, at most six decimals")
    minus = weight.value < 0 or weight.range is Range.UNDER
    status = (_MINUS if minus else 0) | (_STABLE if weight.stability is Stability.STABLE else 0) | places
    status |= 0 if weight.range is Range.OK else _OVER
    pairs = bytes.fromhex(implied(abs(weight.value), 6, places).decode("ascii"))[::-1]
    return _framed(bytes((int(settings.address or 1), command)) + pairs + bytes((status,)))


def ask(address: str) -> bytes:
    """The request for gross from the indicator with this address."""
    return _framed(bytes((int(address), 0xC3)))


TENZO_EQ = Protocol(
    id="tenzo_eq",
    title="Tenso-M text line",
    framing=marked_line(rb"=", rb"=", 24),
    decode=decode_eq,
    encode=encode_eq,
    fields=frozenset({"decimals", "unit"}),
    serial=Serial(9600, 8, "N", 1),
    make=steady,
)

TENZO_BIN = Protocol(
    id="tenzo_bin",
    title="Tenso-M binary",
    framing=Framing(re.compile(rb"\xff"), _bin_cut, between=b"\xff", seven_bit=False),
    decode=decode_bin,
    encode=encode_bin,
    tells=frozenset({"stability", "kind"}),
    fields=frozenset({"unit", "address"}),
    serial=Serial(9600, 8, "N", 1),
    poll=ask("1"),
    poll_at=ask,
)

ALL = (TENZO_EQ, TENZO_BIN)
