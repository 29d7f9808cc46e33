"""Sartorius SBI: printed, asked with ESC P, or pushed; sixteen characters, or twenty-two with an id in front.

Manuals: Combics 1 page 98, Master page 79, Entris II page 3. Line: 1200 7O1 or 9600 8N1.

    iiiiii S WWWWWWWWW _ uuu CR LF
    |      |     |        +- unit; blank while the weight moves
    |      |     +---------- right-aligned with the point; a digit in brackets is not verified
    |      +---------------- + or -, or a blank
    +------------------------ id, absent from the short line: N net, G# gross, T, T2, PT2 tare

    Stat   … High | H, Low | L, Err nn, Cal. Ext. | C      in place of the weight, also without Stat

Other ids (Qnt, Setp, Max …) are no weights on the scale.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Skip, Stability, Weight
from drivers.scale.fields import number, padded, unit_or
from drivers.scale.frames import whole_line
from drivers.scale.protocol import Protocol, Serial, Settings

_LINE = re.compile(rb"([A-Za-z#\d. *-]{6})?([+ -])([ \d.\[\]]{9})[ \]]([A-Za-z ]{3})")
_STATES = re.compile(rb"(?:Stat *| *)(High|H|Low|L|Err.*|ERR.*|Cal.*|C|[A-Z]{3}\.ER.*) *")
_KINDS = {
    b"N": Kind.NET,
    b"G": Kind.GROSS,
    b"G#": Kind.GROSS,
    b"N1": Kind.NET,
    b"T": Kind.TARE,
    b"T1": Kind.TARE,
    b"T2": Kind.TARE,
}
_KINDS |= {b"PT2": Kind.TARE, b"": Kind.UNKNOWN}


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line. A weight without its unit is moving."""
    line = frame.rstrip(b"\r\n")
    state = _STATES.fullmatch(line)
    if state is not None and len(line) in (14, 20):
        return {b"H": Skip.OVER, b"L": Skip.UNDER}.get(state[1][:1], Skip.ERROR)
    match = _LINE.fullmatch(line)
    if match is None or len(line) not in (14, 20):
        return Skip.NOT_MINE
    name, sign, figures, letters = match.groups()
    kind = _KINDS.get((name or b"").strip())
    if kind is None:
        return Skip.NOT_MINE
    value = number(sign + figures.translate(None, b"[]"), settings.places_or())
    unit = unit_or(letters, settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    stability = Stability.STABLE if letters.strip() else Stability.MOVING
    return Weight(value, unit, stability=stability, kind=kind, raw=frame)


def encode(weight: Weight, settings: Settings) -> bytes:
    """The line of twenty-two characters where the kind is known, of sixteen otherwise."""
    names = {Kind.NET: b"N     ", Kind.GROSS: b"G#    ", Kind.TARE: b"T     ", Kind.UNKNOWN: b""}
    if weight.range is not Range.OK:
        return b"%14b\r\n" % (b"H     " if weight.range is Range.OVER else b"L     ")
    sign = b"-" if weight.value < 0 else b"+"
    unit = b"" if weight.stability is Stability.MOVING else weight.unit.encode("ascii")
    return names[weight.kind] + sign + b" " + padded(abs(weight.value), 8) + b" " + unit.ljust(3) + b"\r\n"


SBI = Protocol(
    id="sbi",
    title="Sartorius SBI",
    framing=whole_line(),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability", "kind", "unit"}),
    fields=frozenset({"decimals", "unit"}),
    serial=Serial(1200, 7, "O", 1),
    poll=b"\x1bP\r\n",
)
