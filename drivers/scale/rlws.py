"""Rice Lake stream format and the Condec UMC after which it is made: pushed; and Condec's answer on demand.

IQ+, 480, 680, 920i (where nobody reprogrammed it), IQ355, 120 Plus, DF1500, Condec UMC, Cardinal, Transcell,
Western. Manuals: Rice Lake 482, 680, 920i serial appendices; Fairbanks FB3000 page 57. UMC600: 7 bits, odd.

    STX P WWWWWWW U K S CR LF
        |    |    | | +- blank valid; M motion; O over or under; I invalid; Z centre of zero; H held;
        |    |    | |    A, D calibrating; X, Y a set-point is reached
        |    |    | +--- G gross, N net, T tare
        |    |    +----- L lb, K kg, T t, G g, O oz, blank: as the site says
        |    +---------- right-aligned, with or without point
        +--------------- minus, or a blank; ^ over, ] under

    STX P WWWWWWW _ UU _ KK _ CR LF    on demand, never sent in motion: LB or KG, GR or NT

T is taken for the metric ton. The 920i's stream may be reprogrammed to anything: then use a `pattern`.
"""

from __future__ import annotations

import re
from decimal import Decimal

from drivers.readings import Kind, Range, Remark, Skip, Stability, Unit, Weight
from drivers.scale.fields import number, padded, unit_or
from drivers.scale.frames import marked_line
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_STREAM = re.compile(rb"\x02([ +^\]-])([ -~]{7})([LKTGO ])([GNT])([ MOIZHADXY])[\r\n]*")
_DEMAND = re.compile(rb"\x02([ +-])([ \d.-]{6,8}) ([A-Za-z]{2}) (GR|NT|TR) ?[\r\n]*")
_UNITS = {b"L": Unit.LB, b"K": Unit.KG, b"T": Unit.T, b"G": Unit.G, b"O": Unit.OZ}
_KINDS = {b"G": Kind.GROSS, b"N": Kind.NET, b"T": Kind.TARE}
_OUTSIDE = {b"^": Skip.OVER, b"]": Skip.UNDER}
_STABILITIES = {
    b"M": Stability.MOVING,
    b"H": Stability.UNKNOWN,
    b"X": Stability.UNKNOWN,
    b"Y": Stability.UNKNOWN,
}


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame of the stream, or one answer on demand."""
    stream = _STREAM.fullmatch(frame)
    if stream is not None:
        return _stream(stream, frame, settings)
    demand = _DEMAND.fullmatch(frame)
    if demand is None:
        return Skip.NOT_MINE
    value = _value(demand[1], demand[2], settings)
    unit = unit_or(demand[3], settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE if demand[2].strip() else Skip.BLANK
    return Weight(value, unit, stability=Stability.STABLE, kind=_KINDS[demand[4][:1]], raw=frame)


def _stream(match: re.Match[bytes], frame: bytes, settings: Settings) -> Weight | Skip:
    sign, figures, letter, kind, status = match.groups()
    if status == b"O":
        return Skip.UNDER if sign == b"-" else Skip.OVER
    if sign in _OUTSIDE:
        return _OUTSIDE[sign]
    if status in (b"I", b"A", b"D"):
        return Skip.ERROR
    value = _value(sign, figures, settings)
    if value is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    return Weight(
        value,
        _UNITS.get(letter, settings.unit_or()),
        stability=_STABILITIES.get(status, Stability.STABLE),
        kind=_KINDS[kind],
        zero=True if status == b"Z" else None,
        remarks=frozenset({Remark.HOLD}) if status == b"H" else frozenset(),
        raw=frame,
    )


def _value(sign: bytes, figures: bytes, settings: Settings) -> Decimal | None:
    return number(figures if sign == b" " else sign + figures, settings.places_or())


def encode(weight: Weight, settings: Settings) -> bytes:
    """The frame of the stream."""
    letter = next(letter for letter, unit in _UNITS.items() if unit is weight.unit)
    kind = next((letter for letter, kind in _KINDS.items() if kind is weight.kind), b"G")
    status = b"M" if weight.stability is Stability.MOVING else b"Z" if weight.zero else b" "
    if weight.stability is Stability.UNKNOWN:
        raise CannotEncode("a stream frame says stable or moving")
    status = status if weight.range is Range.OK else b"O"
    minus = weight.value < 0 or weight.range is Range.UNDER
    figures = padded(abs(weight.value), 7)
    return b"\x02" + (b"-" if minus else b" ") + figures + letter + kind + status + b"\r\n"


RLWS = Protocol(
    id="rlws",
    title="Rice Lake stream, Condec",
    framing=marked_line(rb"\x02", rb"\x02[ +^\]-]", 26),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability", "kind", "unit"}),
    fields=frozenset({"decimals", "unit"}),
    serial=Serial(9600, 8, "N", 1),
)
