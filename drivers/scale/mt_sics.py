"""Mettler Toledo SICS, and the dialects of Kern (KCP), Radwag and Ohaus: lines, asked or repeating (SIR).

Manual: MT-SICS reference, S, SI, SIR, SR, T, TA; Radwag PUE 7 and PS/R2 frame formats. Line: 9600 8N1.

    S T _ WWWWWWWWWW _ unit CR LF         T: S stable, D moving; right-aligned in ten
    S + | S - | S I                       over, under, busy or timed out; also ^, v, E
    T S _ WWW… unit, TA A _ WWW… unit     the tare
    ES, ET, EL                            the command was not understood, lost, or cannot be done

    CCC M _ P WWWWWWWWW _ unit CR LF      Radwag, Kern: the command (S, SI, SU, SUI), then M: blank stable,
                                          ? moving, ^ over, v under; P minus or blank; right-aligned in nine

S is the net weight by definition; that nothing was tared, and net therefore gross, only the site knows. Points
of sale send pounds and ounces as ``3:05.2 lb:oz``.
"""

from __future__ import annotations

import re
from decimal import Decimal

from drivers.readings import Kind, Range, Skip, Stability, Unit, Weight
from drivers.scale.fields import number, padded, unit
from drivers.scale.frames import marked_line, steady
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_ANSWER = re.compile(rb"(S[A-Z]{0,3} [SD]|T S|TA? [AD]) +([+-]? *[\d.:]+) +([A-Za-z:]+) *[\r\n]*")
_ECHO = re.compile(rb"(SUI|SU |SI |S  |SU|SI|S) ?([? ^v]) ?([ +-] *[\d.]+) ([A-Za-z]{1,3}) *[\r\n]*")
_RANGE = re.compile(rb"(S[A-Z]{0,2}|T|TA?) ([+^v-])[\r\n]*")
_ERROR = re.compile(rb"(E[STL]|S[A-Z]{0,2} [IEL]|TA? [IEL])[\r\n]*")
_POUNDS = re.compile(rb"(-?) *(\d+):(\d{1,2}(?:\.\d+)?)")


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One answer."""
    outside = _RANGE.fullmatch(frame)
    if outside is not None:
        return Skip.OVER if outside[2] in b"+^" else Skip.UNDER
    if _ERROR.fullmatch(frame):
        return Skip.ERROR
    answer = _ANSWER.fullmatch(frame)
    if answer is not None:
        head, figures, letters = answer.groups()
        moving = head.endswith(b" D")
        kind = Kind.TARE if head[:1] == b"T" else settings.net
        return _weight(figures, letters, moving, kind, frame)
    echo = _ECHO.fullmatch(frame)
    if echo is None:
        return Skip.NOT_MINE
    _command, mark, figures, letters = echo.groups()
    if mark in (b"^", b"v"):
        return Skip.OVER if mark == b"^" else Skip.UNDER
    return _weight(figures, letters, mark == b"?", settings.net, frame)


def _weight(figures: bytes, letters: bytes, moving: bool, kind: Kind, frame: bytes) -> Weight | Skip:
    in_two = letters.lower() == b"lb:oz"
    value = _ounces(figures) if in_two else number(figures)
    mass = Unit.OZ if in_two else unit(letters)
    if value is None or mass is None:
        return Skip.IMPOSSIBLE
    stability = Stability.MOVING if moving else Stability.STABLE
    return Weight(value, mass, stability=stability, kind=kind, raw=frame)


def _ounces(figures: bytes) -> Decimal | None:
    match = _POUNDS.fullmatch(figures.strip())
    if match is None:
        return None
    ounces = Decimal(int(match[2]) * 16) + Decimal(match[3].decode("ascii"))
    return -ounces if match[1] and ounces else ounces


def encode(weight: Weight, settings: Settings) -> bytes:
    """The answer to S or SI, or to TA for a tare."""
    if weight.range is not Range.OK:
        return b"S +\r\n" if weight.range is Range.OVER else b"S -\r\n"
    if weight.stability is Stability.UNKNOWN:
        raise CannotEncode("an answer says stable or moving")
    moving = weight.stability is Stability.MOVING
    head = (b"TA D" if moving else b"TA A") if weight.kind is Kind.TARE else (b"S D" if moving else b"S S")
    return head + b" " + padded(weight.value, 10) + b" " + weight.unit.encode("ascii") + b"\r\n"


MT_SICS = Protocol(
    id="mt_sics",
    title="Mettler Toledo SICS, Kern KCP, Radwag, Ohaus",
    framing=marked_line(rb"STE", rb"S[A-Z ]|TA? |E[STL]", 40),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability", "kind", "unit"}),
    fields=frozenset({"untared"}),
    serial=Serial(9600, 8, "N", 1),
    poll=b"SI\r\n",
    make=steady,
)
