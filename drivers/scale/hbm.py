"""HBM AD103, AD104, WE2110 and digital load cells that answer MSV?; in the formats COF3, COF9, COF11, COF8.

Manuals: AD104 page 21, WE2107 pages 25 and 65. Line: 9600 8E1.

    SDDDDDDD CR LF              COF3: sign or blank and seven digits, a point where the indicator has one
    SDDDDDDD,aa,bbb CR LF       COF9: also address and status; COF11: status only
    VVV B CR LF                 COF8: 24 bits, most significant byte first, two's complement, and status

    status: bit 2 gross (else net), bit 1 still. The WE2107 has still in bit 3, and in bit 1 out of range:
    let it send COF3, whose stability is unknown.

A line has no start mark; a number of which digits are missing looks like a smaller one, so its width counts.
A COF8 frame is recognised by a first byte that is no printable character: up to 2 097 151, and negative.
"""

from __future__ import annotations

import re
from decimal import Decimal

from drivers.readings import Kind, Skip, Stability, Weight
from drivers.scale.fields import number, padded, plain, scaled
from drivers.scale.frames import line, steady
from drivers.scale.protocol import MORE, CannotEncode, Framing, Protocol, Serial, Settings

_COF9 = re.compile(rb"([+ -][ \d.]{5,9}|\d{8}), *(\d{1,2}), *(\d{1,3})[\r\n]+")
_COF11 = re.compile(rb"([+ -][ \d.]{5,9}|\d{8}), *(\d{3})[\r\n]+")
_COF3 = re.compile(rb"([+ -][ \d.]{5,9}|\d{8})[\r\n]+")
_TEXT = frozenset(range(0x20, 0x7F))
_STILL, _GROSS = 0x02, 0x04
_FULL = 0x7FFFFF


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One answer in any of the three formats."""
    if frame[0] not in _TEXT:
        return _binary(frame, settings)
    match = _COF9.fullmatch(frame)
    if match is not None:
        if settings.address is not None and int(match[2]) != int(settings.address):
            return Skip.NOT_MINE
        value = number(match[1], settings.places_or())
        return Skip.IMPOSSIBLE if value is None else _weight(value, int(match[3]), frame, settings)
    told = _COF11.fullmatch(frame)
    if told is not None:
        value = number(told[1], settings.places_or())
        return Skip.IMPOSSIBLE if value is None else _weight(value, int(told[2]), frame, settings)
    bare = _COF3.fullmatch(frame)
    if bare is None:
        return Skip.NOT_MINE
    value = number(bare[1], settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE if bare[1].strip() else Skip.BLANK
    return Weight(value, settings.unit_or(), raw=frame)


def _binary(frame: bytes, settings: Settings) -> Weight | Skip:
    whole = frame[4:] == b"\r\n" or (len(frame) == 4 and frame[3] not in b"\r\n")
    if not whole:
        return Skip.NOT_MINE
    count = int.from_bytes(frame[:3], "big", signed=True)
    if abs(count) >= _FULL:
        return Skip.OVER if count > 0 else Skip.UNDER
    return _weight(scaled(Decimal(count), settings.places_or()), frame[3], frame, settings)


def _weight(value: Decimal, status: int, frame: bytes, settings: Settings) -> Weight:
    return Weight(
        value,
        settings.unit_or(),
        stability=Stability.STABLE if status & _STILL else Stability.MOVING,
        kind=Kind.GROSS if status & _GROSS else Kind.NET,
        raw=frame,
    )


def _cut(data: bytes, at: int, final: bool) -> int:
    if data[at] in _TEXT:
        return line(data, at, len(data) - at + 1, final)
    if data[at + 4 : at + 6] == b"\r\n":
        return 6
    if final and len(data) - at == 4 and data[at + 3] < 0x10:
        return 4
    return line(data, at, len(data) - at + 1, final) if len(data) - at >= 6 or final else MORE


def encode(weight: Weight, settings: Settings) -> bytes:
    """COF9 where stability and kind are known, COF3 otherwise."""
    figures = padded(abs(weight.value), 8 if "." in plain(weight.value) else 7, "0")
    figures = (b"-" if weight.value < 0 else b" ") + figures
    if weight.stability is Stability.UNKNOWN and weight.kind is Kind.UNKNOWN:
        return figures + b"\r\n"
    if weight.stability is Stability.UNKNOWN or weight.kind not in (Kind.GROSS, Kind.NET):
        raise CannotEncode("the status says still or not, gross or net")
    status = (_STILL if weight.stability is Stability.STABLE else 0) | (
        _GROSS if weight.kind is Kind.GROSS else 0
    )
    return b"%b,%02d,%03d\r\n" % (figures, int(settings.address or 31), status)


HBM_MSV = Protocol(
    id="hbm_msv",
    title="HBM MSV? (COF3, COF9, COF8)",
    framing=Framing(re.compile(rb"[^\r\n]"), _cut, resync=False, seven_bit=False),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability", "kind"}),
    fields=frozenset({"decimals", "unit", "address"}),
    serial=Serial(9600, 8, "E", 1),
    poll=b"MSV?;",
    make=steady,
)
