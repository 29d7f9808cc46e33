"""Weightech WT27R over Ethernet, and the WT1000 and WT3000 in their format with three numbers; pushed.

Manuals: WT27R Ethernet string, WT1000 protocol. Line of the WT1000: 9600 8N1.

WT27R (`weightech_eth`)                             WT1000 (`wt1000_csv`)

    M K,uu,B:SDDDDDD,T:DDDDDD,L:SDDDDDD CR LF           F,GGG.GGG,TTT.TTT,NNN.NNN CR LF
    | | |    |         |        +- net                  |    |       |       +- net: the value
    | | |    |         +---------- tare                 |    |       +--------- tare
    | | |    +-------------------- gross                |    +----------------- gross
    | | +------------------------- unit                 +---------------------- 0 stable, 1 moving
    | +--------------------------- B gross or
    |                              L net is shown       ol and nines: over; a minus before ol: under
    +----------------------------- E stable, I moving

The three numbers of a line have one width, in the WT27R's without the sign: a line in which one differs has lost
a digit.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Skip, Stability, Weight
from drivers.scale.fields import number, padded, unit_or
from drivers.scale.frames import marked_line, steady
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_ETH = re.compile(
    rb"([EI])([BL]),([A-Za-z ]{1,2}),B:([+ -]?[\d.]{6,7}),T:([+ -]?[\d.]{6,7}),L:([+ -]?[\d.]{6,7})[\r\n]*"
)


def decode_eth(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line of a WT27R: the weight that is shown."""
    match = _ETH.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    motion, shown, letters, gross, tare, net = match.groups()
    if len({len(figures.lstrip(b"+- ")) for figures in (gross, tare, net)}) > 1:
        return Skip.TOO_SHORT
    figures = gross if shown == b"B" else net
    if _nines(figures):
        return Skip.UNDER if figures[:1] == b"-" else Skip.OVER
    value = number(figures, settings.places_or())
    unit = unit_or(letters, settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE
    return Weight(
        value,
        unit,
        stability=Stability.STABLE if motion == b"E" else Stability.MOVING,
        kind=Kind.GROSS if shown == b"B" else Kind.NET,
        raw=frame,
    )


def encode_eth(weight: Weight, settings: Settings) -> bytes:
    """The line of a WT27R with tare zero."""
    if weight.stability is Stability.UNKNOWN or weight.kind not in (Kind.GROSS, Kind.NET):
        raise CannotEncode("the line says stable or moving, gross or net")
    minus = b"-" if weight.value < 0 or weight.range is Range.UNDER else b""
    figures = padded(abs(weight.value), 6, "0") if weight.range is Range.OK else b"999999"
    if weight.range is Range.OK and _nines(minus + figures):
        raise CannotEncode("nines say that the scale is overloaded")
    tare = padded(weight.value - weight.value, len(figures), "0")
    motion = b"E" if weight.stability is Stability.STABLE else b"I"
    shown = b"B" if weight.kind is Kind.GROSS else b"L"
    unit = weight.unit.encode("ascii").rjust(2)
    signed = minus + figures
    return motion + shown + b"," + unit + b",B:" + signed + b",T:" + tare + b",L:" + signed + b"\r\n"


_CSV = re.compile(rb"([01]),([ +\d.-]{6,9}),([ +\d.-]{6,9}),([ +\d.-]{6,9})[\r\n]*")
_CSV_RANGE = re.compile(rb"[01],([ -]*)ol,.*", re.IGNORECASE | re.DOTALL)


def decode_csv(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line of a WT1000: its net weight."""
    outside = _CSV_RANGE.fullmatch(frame)
    if outside is not None:
        return Skip.UNDER if b"-" in outside[1] else Skip.OVER
    match = _CSV.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    fields = match.groups()[1:]
    if len({len(field) for field in fields}) > 1:
        return Skip.TOO_SHORT
    nines = [_nines(field) for field in (fields[0], fields[2])]
    if any(nines):
        return Skip.UNDER if b"-" in fields[nines.index(True) * 2] else Skip.OVER
    gross, tare, net = (number(field, settings.places_or()) for field in fields)
    if gross is None or tare is None or net is None:
        return Skip.IMPOSSIBLE
    stability = Stability.STABLE if match[1] == b"0" else Stability.MOVING
    return Weight(net, settings.unit_or(), stability=stability, kind=settings.net, raw=frame)


def _nines(field: bytes) -> bool:
    """Whether the field shows overload: nines wherever a digit may stand, five where a sign or a point takes one."""
    figures = field.lstrip(b"+- ").replace(b".", b"")
    return len(figures) >= 5 and not figures.strip(b"9")


def encode_csv(weight: Weight, settings: Settings) -> bytes:
    """The line of a WT1000 with gross equal to net and tare zero."""
    if weight.range is not Range.OK:
        field = b"-   ol" if weight.range is Range.UNDER else b"    ol"
        return b"0," + b",".join((field,) * 3) + b"\r\n"
    if weight.stability is Stability.UNKNOWN or weight.kind is not Kind.NET:
        raise CannotEncode("the line says a net weight, stable or moving")
    figures = padded(weight.value, 7, "0")
    if _nines(figures):
        raise CannotEncode("nines say that the scale is overloaded")
    tare = padded(weight.value - weight.value, 7, "0")
    flag = b"0" if weight.stability is Stability.STABLE else b"1"
    return flag + b"," + figures + b"," + tare + b"," + figures + b"\r\n"


_FIELDS = frozenset({"decimals", "unit"})

WEIGHTECH_ETH = Protocol(
    id="weightech_eth",
    title="Weightech WT27R Ethernet",
    framing=marked_line(rb"EI", rb"[EI][BL],", 56),
    decode=decode_eth,
    encode=encode_eth,
    tells=frozenset({"stability", "kind", "unit"}),
    fields=_FIELDS,
    make=steady,
)

WT1000_CSV = Protocol(
    id="wt1000_csv",
    title="Weightech WT1000, three numbers",
    framing=marked_line(rb"01", rb"[01],", 40),
    decode=decode_csv,
    encode=encode_csv,
    tells=frozenset({"stability", "kind"}),
    fields=_FIELDS | {"untared"},
    serial=Serial(9600, 8, "N", 1),
    make=steady,
)

ALL = (WEIGHTECH_ETH, WT1000_CSV)
