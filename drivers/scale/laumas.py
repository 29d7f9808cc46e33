"""Laumas W100, TLU, LCB and their kin: asked in ASCII, or pushed to a remote display ten times a second.

Manuals: TLU pages 26 and 31, LCB page 72. Line: 9600 8N1.

asked with $aatXX CR or $aanXX CR           pushed

    & aa DDDDDD K \\ XX CR                       & N DDDDDD L DDDDDD \\ XX CR
      |    |    |    |                               |        +- gross: the reading
      |    |    |    +- exclusive or of all          +---------- net
      |    |    |       between & and \\
      |    |    +------ t gross, n net
      |    +----------- digits, a minus first, a point where it is set
      +---------------- address

    O-L, O-F and the like in place of digits: over; &aa# no weight is shown; &&aa? the request was not
    understood
"""

from __future__ import annotations

import re

from drivers.readings import Checksum, Kind, Range, Skip, Weight
from drivers.scale.checks import hexadecimal, xor
from drivers.scale.fields import number, padded
from drivers.scale.frames import enclosed
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_FRAME = re.compile(rb"&([^\\]*)\\([\dA-Fa-f]{2})\r")
_ASKED = re.compile(rb"(\d\d)(.{6,7})([tnlL])")
_PUSHED = re.compile(rb"N(.{6,7})L(.{6,7})")
_OVER = re.compile(rb"[ -]*[oO] ?- ?[LlFf] *")


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One answer or one pushed string."""
    match = _FRAME.fullmatch(frame)
    if match is None:
        return Skip.ERROR if re.fullmatch(rb"&\d\d#.*", frame, re.DOTALL) else Skip.NOT_MINE
    body = match[1]
    if hexadecimal(match[2]) != xor(body):
        return Skip.CHECKSUM
    asked = _ASKED.fullmatch(body)
    if asked is not None:
        if settings.address is not None and int(asked[1]) != int(settings.address):
            return Skip.NOT_MINE
        return _weight(asked[2], Kind.NET if asked[3] == b"n" else Kind.GROSS, frame, settings)
    pushed = _PUSHED.fullmatch(body)
    return Skip.NOT_MINE if pushed is None else _weight(pushed[2], Kind.GROSS, frame, settings)


def _weight(figures: bytes, kind: Kind, frame: bytes, settings: Settings) -> Weight | Skip:
    if _OVER.fullmatch(figures):
        return Skip.OVER
    value = number(figures, settings.places_or())
    if value is None:
        return Skip.ERROR if figures.strip() else Skip.BLANK
    return Weight(value, settings.unit_or(), kind=kind, checksum=Checksum.OK, raw=frame)


def encode(weight: Weight, settings: Settings) -> bytes:
    """The answer of the site's address, 1 by default."""
    if weight.kind not in (Kind.GROSS, Kind.NET):
        raise CannotEncode("the answer says gross or net")
    figures = b"  O-L " if weight.range is not Range.OK else padded(weight.value, 6, "0")
    body = b"%02d%b%b" % (int(settings.address or 1), figures, b"n" if weight.kind is Kind.NET else b"t")
    return b"&%b\\%02X\r" % (body, xor(body))


def ask(address: str) -> bytes:
    """The request for gross."""
    body = b"%02dt" % int(address)
    return b"$%b%02X\r" % (body, xor(body))


LAUMAS = Protocol(
    id="laumas",
    title="Laumas ASCII",
    framing=enclosed(rb"&", rb"\r", 28),
    decode=decode,
    encode=encode,
    tells=frozenset({"kind"}),
    fields=frozenset({"decimals", "unit", "address"}),
    serial=Serial(9600, 8, "N", 1),
    poll=ask("1"),
    poll_at=ask,
)
