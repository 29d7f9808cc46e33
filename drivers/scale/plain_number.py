"""A number with its sign and unit and nothing else (LT-100 format 3), and the same with a verification digit.

Manual: LT-100 output formats; the second from a capture. Line: 9600 8N1.

plain (`plain_number`)              with a verification digit (`qa_slash`)

    S NNNN… uu CR LF                    S NNN.NN/V _ K _ M CR LF
    |                                                |   +- S stable, U moving
    +- + or -, or blanks                             +----- G gross, N net
                                            V: the digit behind the last verified one

A plain number says nothing of motion or kind, and has no check: prefer any other format of the indicator.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Skip, Stability, Unit, Weight
from drivers.scale.fields import number, padded, sign_of, unit_or
from drivers.scale.frames import marked_line, steady, whole_line
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_PLAIN = re.compile(rb"[^\x02 -~]*([+ -] *[\d.]+) *([A-Za-z]{1,3}) *[\r\n]*")
_SLASH = re.compile(rb"([+-]\d{1,5}\.\d{1,3})/(\d) ([GN]) ([SU])[\r\n]*")


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line. Its sign or a blank must lead: a line that begins with a digit may have lost one.

    What a cable gave off when it was plugged in may stand before it; a start mark belongs to another protocol.
    """
    match = _PLAIN.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    value = number(match[1], settings.places_or())
    unit = unit_or(match[2], settings.unit_or())
    return Skip.IMPOSSIBLE if value is None or unit is None else Weight(value, unit, raw=frame)


def encode(weight: Weight, settings: Settings) -> bytes:
    """The line with eight characters."""
    return sign_of(weight) + padded(abs(weight.value), 7, "0") + weight.unit.encode("ascii") + b"\r\n"


def decode_slash(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line: the verification digit is the value's last."""
    match = _SLASH.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    value = number(match[1] + match[2])
    if value is None:
        return Skip.IMPOSSIBLE
    return Weight(
        value,
        settings.unit_or(),
        stability=Stability.STABLE if match[4] == b"S" else Stability.MOVING,
        kind=Kind.GROSS if match[3] == b"G" else Kind.NET,
        raw=frame,
    )


def encode_slash(weight: Weight, settings: Settings) -> bytes:
    """The line of a weight with two decimals or more, its last digit behind the slash."""
    places = -int(weight.value.as_tuple().exponent)
    if not 2 <= places <= 4 or weight.stability is Stability.UNKNOWN or weight.unit is not Unit.KG:
        raise CannotEncode("two to four decimals, kilograms, stable or moving")
    kind = {Kind.GROSS: b"G", Kind.NET: b"N"}.get(weight.kind)
    if kind is None:
        raise CannotEncode("the line says gross or net")
    figures = padded(abs(weight.value), 5 + places, "0")
    motion = b"S" if weight.stability is Stability.STABLE else b"U"
    return sign_of(weight) + figures[:-1] + b"/" + figures[-1:] + b" " + kind + b" " + motion + b"\r\n"


PLAIN_NUMBER = Protocol(
    id="plain_number",
    title="Sign, number, unit",
    framing=whole_line(),
    decode=decode,
    encode=encode,
    tells=frozenset({"unit"}),
    fields=frozenset({"decimals", "unit"}),
    serial=Serial(9600, 8, "N", 1),
    make=steady,
)

QA_SLASH = Protocol(
    id="qa_slash",
    title="Number with a verification digit behind a slash",
    framing=marked_line(rb"+-", rb"[+-]\d+\.\d+/", 24),
    decode=decode_slash,
    encode=encode_slash,
    tells=frozenset({"stability", "kind"}),
    fields=frozenset({"unit"}),
    serial=Serial(9600, 8, "N", 1),
    make=steady,
)

ALL = (PLAIN_NUMBER, QA_SLASH)
