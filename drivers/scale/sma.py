"""SMA, the Scale Manufacturers Association's protocol (SCP-0499): Cardinal, Avery Weigh-Tronix, Fairbanks,
Sartorius PR54xx, B-Tek. Asked with a letter between LF and CR; R and S start repeating every 100 to 170 ms.

    LF s r k m f WWWWWWWWWW uuu CR
       | | | | |     |       +- unit, three characters
       | | | | |     +--------- right-aligned in ten, eleven from some; ten dashes: no weight
       | | | | +--------------- the maker's own
       | | | +----------------- M motion, blank stable
       | | +------------------- G gross, T tare, N net; lower case: high resolution
       | +--------------------- range 1, 2, 3
       +----------------------- blank; Z centre of zero; O over; U under; E zero error; I initial zero error;
                                T tare error; e weight not shown

    LF ? CR   the indicator does not know the command

Begins with LF and ends with CR, so reading it by lines that end with CR LF mixes two frames.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Skip, Stability, Weight
from drivers.scale.fields import number, padded, unit_or
from drivers.scale.frames import enclosed
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_FRAME = re.compile(rb"\n([ ZOUEITe])([ \d])([GTNgtn])([ M])(.)([ \d.+-]{10,11})([A-Za-z ]{3})\r")
_STATES = {
    b"O": Skip.OVER,
    b"U": Skip.UNDER,
    b"E": Skip.ERROR,
    b"I": Skip.ERROR,
    b"T": Skip.ERROR,
    b"e": Skip.BLANK,
}
_KINDS = {b"G": Kind.GROSS, b"T": Kind.TARE, b"N": Kind.NET}


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One answer."""
    if frame == b"\n?\r":
        return Skip.ERROR
    match = _FRAME.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    state, _range, kind, motion, _own, figures, letters = match.groups()
    if state in _STATES:
        return _STATES[state]
    if not figures.strip(b" -"):
        return Skip.ERROR if b"-" in figures else Skip.BLANK
    value = number(figures, settings.places_or())
    unit = unit_or(letters, settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE
    return Weight(
        value,
        unit,
        stability=Stability.MOVING if motion == b"M" else Stability.STABLE,
        kind=_KINDS[kind.upper()],
        zero=state == b"Z",
        raw=frame,
    )


def encode(weight: Weight, settings: Settings) -> bytes:
    """The answer to W."""
    if weight.stability is Stability.UNKNOWN:
        raise CannotEncode("an SMA answer says stable or moving")
    state = b"Z" if weight.zero else b" "
    if weight.range is not Range.OK:
        state = b"O" if weight.range is Range.OVER else b"U"
    kind = next((letter for letter, kind in _KINDS.items() if kind is weight.kind), b"G")
    motion = b"M" if weight.stability is Stability.MOVING else b" "
    unit = weight.unit.encode("ascii").ljust(3)
    return b"\n" + state + b"1" + kind + motion + b" " + padded(weight.value, 10) + unit + b"\r"


SMA = Protocol(
    id="sma",
    title="SMA (SCP-0499)",
    framing=enclosed(rb"\n", rb"\r", 24),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability", "kind", "unit", "zero"}),
    fields=frozenset({"decimals", "unit"}),
    serial=Serial(9600, 8, "N", 1),
    poll=b"\nW\r",
)
