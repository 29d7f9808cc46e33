"""Ohaus Defender and the T series after it: a stream of fixed lines, and the printed line.

Manuals: Defender 3000 and Scout serial appendices. Line: 9600 8N1.

stream (`ohaus_stream`)                 print (`ohaus_print`)

    WWWWWWWW _ uuuuu M K CR LF              WWWWWWWWWWWW _uuuu_ M CR LF
       |      |      | +- G, N or NET, T         |         |    +- ? when moving, else blank or nothing
       |      |      +--- ? when moving          |         +------ unit, left-aligned
       |      +---------- unit                   +---------------- right-aligned in eleven or twelve
       +----------------- right-aligned in eight, a minus in the first column

Lines have no start mark: their width alone shows that no digit was lost.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Skip, Stability, Weight
from drivers.scale.fields import number, padded, unit_or
from drivers.scale.frames import marked_line, steady, whole_line
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_STREAM = re.compile(rb"([ +\d.-]{8}) ([A-Za-z ]{5})([ ?])(G|NET|N|T| ) {0,2}[\r\n]*")
_PRINT = re.compile(rb"([ +-][ +\d.-]{10,11}) ?([A-Za-z]{1,4}) {0,5}(\??) {0,2}[\r\n]*")
_KINDS = {b"G": Kind.GROSS, b"N": Kind.NET, b"T": Kind.TARE, b" ": Kind.UNKNOWN}


def decode_stream(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line of the stream."""
    match = _STREAM.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    return _weight(match[1], match[2], match[3], _KINDS[match[4][:1]], frame, settings)


def decode_print(frame: bytes, settings: Settings) -> Weight | Skip:
    """One printed line."""
    match = _PRINT.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    return _weight(match[1], match[2], match[3], Kind.UNKNOWN, frame, settings)


def _weight(
    figures: bytes, letters: bytes, mark: bytes, kind: Kind, frame: bytes, settings: Settings
) -> Weight | Skip:
    value = number(figures, settings.places_or())
    unit = unit_or(letters, settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    stability = Stability.MOVING if mark == b"?" else Stability.STABLE
    return Weight(value, unit, stability=stability, kind=kind, raw=frame)


def _mark(weight: Weight) -> bytes:
    if weight.stability is Stability.UNKNOWN:
        raise CannotEncode("the line says stable or moving")
    return b"?" if weight.stability is Stability.MOVING else b" "


def encode_stream(weight: Weight, settings: Settings) -> bytes:
    """The line of the stream, a minus in the first column."""
    kind = next(letter for letter, kind in _KINDS.items() if kind is weight.kind)
    figures = (b"-" if weight.value < 0 else b" ") + padded(abs(weight.value), 7)
    unit = weight.unit.encode("ascii").rjust(2)
    return figures + b" " + unit + b"   " + _mark(weight) + kind + b"\r\n"


def encode_print(weight: Weight, settings: Settings) -> bytes:
    """The printed line."""
    return padded(weight.value, 12) + b" " + weight.unit.encode("ascii").ljust(4) + _mark(weight) + b"\r\n"


_FIELDS = frozenset({"decimals", "unit"})

OHAUS_STREAM = Protocol(
    id="ohaus_stream",
    title="Ohaus Defender stream",
    framing=marked_line(rb" +\d.-", rb"[ +\d.-]{8} [A-Za-z ]", 20),
    decode=decode_stream,
    encode=encode_stream,
    tells=frozenset({"stability", "kind", "unit"}),
    fields=_FIELDS,
    serial=Serial(9600, 8, "N", 1),
)

OHAUS_PRINT = Protocol(
    id="ohaus_print",
    title="Ohaus printed line",
    framing=whole_line(),
    decode=decode_print,
    encode=encode_print,
    tells=frozenset({"stability", "unit"}),
    fields=_FIELDS,
    serial=Serial(9600, 8, "N", 1),
    make=steady,
)

ALL = (OHAUS_STREAM, OHAUS_PRINT)
