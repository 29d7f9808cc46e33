"""Trentin EL05 and other Argentine truck indicators; Vishay VT-220 is a cousin. Both pushed.

Described by ACBr and by two weighbridges in San Juan. Line: 1200 8N1 at one site;
the VT-220 at 2400 7E1.

EL05 (`el05`)                                VT-220 (`vt220`)

    A DDDDDD CR                                  M S DDDDDD
    |                                            | +--------- + or -, or a blank
    +- 6 always 1; 4 out of range; 3 minus;      +----------- P stable, @ moving
       2 stable; 1 zero; 0 net                   No terminator is documented.

Neither sends a point: the decimals come from the site (two at one Argentine site, three in ACBr).
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Skip, Stability, Weight
from drivers.scale.fields import digits, implied
from drivers.scale.frames import fixed
from drivers.scale.protocol import MORE, NO_FRAME, CannotEncode, Framing, Protocol, Serial, Settings

_NET, _ZERO, _STABLE, _MINUS, _RANGE = 0x01, 0x02, 0x04, 0x08, 0x10


def decode_el05(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame. A frame that has lost its status or a digit is none."""
    status, figures = frame[0], frame[1:7]
    if len(figures) < 6 or not figures.replace(b" ", b"0").isdigit():
        return Skip.NOT_MINE
    if status & _RANGE:
        return Skip.UNDER if status & _MINUS else Skip.OVER
    value = digits(figures, settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    return Weight(
        -value if status & _MINUS and value else value,
        settings.unit_or(),
        stability=Stability.STABLE if status & _STABLE else Stability.MOVING,
        kind=Kind.NET if status & _NET else Kind.GROSS,
        zero=bool(status & _ZERO),
        raw=frame,
    )


def _el05_cut(data: bytes, at: int, final: bool) -> int:
    available = len(data) - at
    if available >= 8:
        return 8 if data[at + 7] == 0x0D else NO_FRAME
    return 7 if final and available == 7 else MORE


def encode_el05(weight: Weight, settings: Settings) -> bytes:
    """The frame."""
    if weight.stability is Stability.UNKNOWN or weight.kind is Kind.TARE:
        raise CannotEncode("the frame says stable or moving, gross or net")
    minus = weight.value < 0 or weight.range is Range.UNDER
    status = 0x40 | (_NET if weight.kind is Kind.NET else 0) | (_ZERO if weight.zero else 0)
    status |= (_STABLE if weight.stability is Stability.STABLE else 0) | (_MINUS if minus else 0)
    status |= 0 if weight.range is Range.OK else _RANGE
    return bytes((status,)) + implied(abs(weight.value), 6, settings.places_or()) + b"\r"


_VT220 = re.compile(rb"([P@])([+ -])([ \d]{6})")


def decode_vt220(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame of a VT-220."""
    match = _VT220.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    value = digits(match[3], settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE if match[3].strip() else Skip.BLANK
    return Weight(
        -value if match[2] == b"-" and value else value,
        settings.unit_or(),
        stability=Stability.STABLE if match[1] == b"P" else Stability.MOVING,
        raw=frame,
    )


def encode_vt220(weight: Weight, settings: Settings) -> bytes:
    """The frame of a VT-220."""
    if weight.stability is Stability.UNKNOWN:
        raise CannotEncode("the frame says stable or moving")
    mark = b"P" if weight.stability is Stability.STABLE else b"@"
    sign = b"-" if weight.value < 0 else b"+"
    return mark + sign + implied(abs(weight.value), 6, settings.places_or())


_FIELDS = frozenset({"decimals", "unit"})

EL05 = Protocol(
    id="el05",
    title="Trentin EL05",
    framing=Framing(re.compile(rb"[@-_]"), _el05_cut),
    decode=decode_el05,
    encode=encode_el05,
    tells=frozenset({"stability", "kind", "zero"}),
    fields=_FIELDS,
    serial=Serial(1200, 8, "N", 1),
)

VT220 = Protocol(
    id="vt220",
    title="Vishay VT-220",
    framing=fixed(rb"P@", 8),
    decode=decode_vt220,
    encode=encode_vt220,
    tells=frozenset({"stability"}),
    fields=_FIELDS,
    serial=Serial(2400, 7, "E", 1),
)

ALL = (EL05, VT220)
