"""Fairbanks: the computer string with an id, the answer to a poll, and Consolidated Controls (ConCon).

Manuals: Fairbanks 2800 page 66, FB2250 page 55, FB2550. Its FBPUTR string is `mt_continuous`. 9600 8N1.

    STX 4 Y DDDDDD ETX          Y: 0 gross lb, 1 net lb, 3 gross kg, 4 net kg; dashes: over; under: silence
    STX DDDDDD U E CR           U: L lb, K kg, O oz, G g, T t; E: blank valid, M motion, O over or under
    _ DDDDDD _ UU _ KK CR LF    asked with W CR; UU: LB, KG, OZ, GM; GR gross, NT net, lower case: in motion;
                                --oL--, --uL--

Digits have leading blanks, and a point only in the poll's answer: there a minus leads six characters; a
weight without one may take seven.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Skip, Stability, Unit, Weight
from drivers.scale.fields import implied, number, padded, plain, unit_or
from drivers.scale.frames import line, steady
from drivers.scale.protocol import MORE, NO_FRAME, CannotEncode, Framing, Protocol, Serial, Settings

_COMPUTER = re.compile(rb"\x024([0134])([ \d-]{6})\x03")
_CONCON = re.compile(rb"\x02([ \d.-]{6})([LKOGT])([ MO])[\r\n]*")
_POLLED = re.compile(rb"([ -](?:[ \d.-]{6})|(?: [ \d.]{7})) ([A-Za-z]{2}) (GR|NT|gr|nt) ?[\r\n]*")
_RANGE = re.compile(rb" ?-*([oOuU])L-*( .*)?[\r\n]*")
_IDS = {
    b"0": (Kind.GROSS, Unit.LB),
    b"1": (Kind.NET, Unit.LB),
    b"3": (Kind.GROSS, Unit.KG),
    b"4": (Kind.NET, Unit.KG),
}
_LETTERS = {b"L": Unit.LB, b"K": Unit.KG, b"O": Unit.OZ, b"G": Unit.G, b"T": Unit.T}


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame of any of the three forms."""
    if frame[:1] == b"\x02":
        return _computer(frame, settings) if frame[-1:] == b"\x03" else _concon(frame, settings)
    return _polled(frame, settings)


def _computer(frame: bytes, settings: Settings) -> Weight | Skip:
    match = _COMPUTER.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    kind, unit = _IDS[match[1]]
    if b"--" in match[2]:
        return Skip.OVER
    value = number(match[2], settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE if match[2].strip() else Skip.BLANK
    return Weight(value, unit, kind=kind, raw=frame)


def _concon(frame: bytes, settings: Settings) -> Weight | Skip:
    match = _CONCON.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    figures, letter, error = match.groups()
    if error == b"O":
        return Skip.OVER
    value = number(figures, settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    stability = Stability.MOVING if error == b"M" else Stability.STABLE
    return Weight(value, _LETTERS[letter], stability=stability, raw=frame)


def _polled(frame: bytes, settings: Settings) -> Weight | Skip:
    outside = _RANGE.fullmatch(frame)
    if outside is not None:
        return Skip.OVER if outside[1].lower() == b"o" else Skip.UNDER
    match = _POLLED.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    figures, letters, legend = match.groups()
    value = number(figures, settings.places_or())
    unit = Unit.G if letters.upper() == b"GM" else unit_or(letters, settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    moving = legend.islower()
    kind = Kind.NET if legend.upper() == b"NT" else Kind.GROSS
    return Weight(
        value, unit, stability=Stability.MOVING if moving else Stability.STABLE, kind=kind, raw=frame
    )


def _cut(data: bytes, at: int, final: bool) -> int:
    if data[at] != 0x02:
        length = line(data, at, 24, final)
        if length > 0 and not (
            _POLLED.fullmatch(data, at, at + length) or _RANGE.fullmatch(data, at, at + length)
        ):
            return NO_FRAME
        return length
    end = re.search(rb"[\x02\x03\r]", data[at + 1 : at + 11])
    if end is None:
        return NO_FRAME if len(data) - at >= 11 else MORE
    return NO_FRAME if end[0] == b"\x02" else end.end() + 1


def encode(weight: Weight, settings: Settings) -> bytes:
    """The poll's answer where stability is known, the computer string otherwise."""
    if weight.kind not in (Kind.GROSS, Kind.NET):
        raise CannotEncode("the string says gross or net")
    if weight.range is not Range.OK:
        return b" --%cL--\r\n" % (b"o" if weight.range is Range.OVER else b"u")
    if weight.stability is Stability.UNKNOWN:
        identity = next((key for key, value in _IDS.items() if value == (weight.kind, weight.unit)), None)
        if identity is None:
            raise CannotEncode(f"no id for {weight.kind} in {weight.unit}")
        return b"\x024" + identity + implied(weight.value, 6, settings.places_or()) + b"\x03"
    legend = b"GR" if weight.kind is Kind.GROSS else b"NT"
    legend = legend.lower() if weight.stability is Stability.MOVING else legend
    sign = b"-" if weight.value < 0 else b" "
    figures = padded(abs(weight.value), 6 if len(plain(abs(weight.value))) < 7 or sign == b"-" else 7)
    unit = weight.unit.upper().encode("ascii")
    if len(unit) != 2:
        raise CannotEncode(f"no unit of two letters: {weight.unit}")
    return sign + figures + b" " + unit + b" " + legend + b"\r\n"


FAIRBANKS = Protocol(
    id="fairbanks",
    title="Fairbanks computer string, poll and ConCon",
    framing=Framing(re.compile(rb"[\x02 -]"), _cut),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability", "kind", "unit"}),
    fields=frozenset({"decimals", "unit"}),
    serial=Serial(9600, 8, "N", 1),
    poll=b"W\r",
    make=steady,
)
