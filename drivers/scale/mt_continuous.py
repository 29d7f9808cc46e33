"""Mettler Toledo continuous output, spoken by more makers than any other: pushed, 7 to 20 frames a second.

Mettler IND, Jaguar, 8142, 8530; Toledo do Brasil 9091 and TI400 (there called P03); Fairbanks, Cardinal,
T-Scale, LP7516 and the big display of many clones. Manuals: ICS425 page 50, Wildcat 6-4, Kern FTC page 42,
Fairbanks FB2550 page 175, Cardinal 225 page 126. Factory line: 9600 or 4800 baud, 7E1.

    STX A B C DDDDDD TTTTTT CR [K]
        | | | |      |         +- check: all bytes from STX to K add up to 0 in their low seven bits
        | | | |      +----------- tare, six digits
        | | | +------------------ weight, six digits or blanks, without sign, point or unit
        | | +-------------------- 5 always 1 (Fairbanks 0); 4 expanded x10; 3 print key;
        | |                       2-0 unit on newer terminals: 1 g, 2 t, 3 oz
        | +---------------------- 6 not zeroed since power-up; 5 always 1; 4 kg (0: lb); 3 motion;
        |                         2 out of range; 1 negative; 0 net
        +------------------------ 6 always 0 (Flintec 1); 5 always 1; 4-3 increment 1, 2, 5; 2-0 the point:
                                  0 x100, 1 x10, 2 x1, 3 0.1 … 7 0.00001

Shorter: without the tare (Cardinal 225 formats 1 and 3). Longer: a blank behind C (8530 and 8540 of 60 t).
The check may be absent, or LF may stand in its place; Flintec's FT-111 sends CR LF K, K over the LF too, and
its bit 6 of B has the opposite meaning and its C means nothing. Other makers send the low bits of the plain sum
(Fairbanks), of the sum without STX, or the exclusive or. It may itself look like STX or CR, so frames are
found by position. A line of seven bits read as eight carries parity in bit 7.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from drivers.readings import Checksum, Kind, Range, Remark, Skip, Stability, Unit, Weight
from drivers.scale.checks import even_handed, total, xor
from drivers.scale.fields import digits, implied
from drivers.scale.protocol import (
    MORE,
    NO_FRAME,
    SEVEN_BITS,
    CannotEncode,
    Decode,
    Decoder,
    Framing,
    Protocol,
    Serial,
    Settings,
)

STX, LF = 0x02, 0x0A
FLINTEC = 0x40
"""Bit 6 of the first status byte, which tells Flintec's frames from all others'."""

CHECKS: dict[str, Callable[[bytes], int]] = {
    "complement": lambda body: -total(body),
    "sum": total,
    "sum_without_stx": lambda body: total(body[1:]),
    "xor": xor,
}
"""The check byte over all before it, by the name that `Settings.checksum` takes; `none` is no check."""

_UNITS = {1: Unit.G, 2: Unit.T, 3: Unit.OZ}


@dataclass(frozen=True, slots=True)
class _Shape:
    """One of the forms: where its carriage return stands and where its weight begins."""

    end: int
    weight: int


_SHAPES = (_Shape(end=10, weight=4), _Shape(end=16, weight=4), _Shape(end=17, weight=5))


def _shape(data: bytes) -> _Shape | None:
    """The form of the frame that these seven-bit bytes begin with, None where they are none (yet)."""
    for shape in _SHAPES:
        if data[shape.end : shape.end + 1] == b"\r":
            return shape if shape.weight == 4 or data[4:5] == b" " else None
    return None


def _status_bytes(data: bytes) -> bool:
    """Whether A, B and C, as far as they have come, have their fixed bits; Fairbanks leaves C empty."""
    plausible = all(byte & 0x20 for byte in data[1:3])
    return plausible and all(byte & 0x20 or not byte & 0x37 for byte in data[3:4])


def cut(data: bytes, at: int, final: bool) -> int:
    """The frame with its check, if what follows the carriage return can be none of the next frame."""
    head = data[at : at + 21].translate(SEVEN_BITS)
    if not _status_bytes(head):
        return NO_FRAME
    shape = _shape(head)
    if shape is None:
        return MORE if len(head) < 18 else NO_FRAME
    body = shape.end + 1
    if len(head) == body:
        return body if final else MORE
    if head[body] == LF and head[1] & FLINTEC:
        return _cut_behind(head, data, at, body + 1, final)
    return _cut_behind(head, data, at, body, final)


def _cut_behind(head: bytes, data: bytes, at: int, body: int, final: bool) -> int:
    """The frame with the check that follows ``body`` bytes, unless the next frame follows at once."""
    if len(head) == body:
        return body if final else MORE
    if head[body] != STX:
        return body + 1
    if len(head) == body + 1:
        return body + 1 if final and matching(data[at : at + body + 1]) else body if final else MORE
    return body if _status_bytes(head[body : body + 2]) else body + 1


def matching(frame: bytes) -> frozenset[str]:
    """Names of the variants by which the last byte is the check of those before it."""
    body, check = frame[:-1].translate(SEVEN_BITS), frame[-1]
    wide = check > 0x7F and frame[:-1].isascii()
    mask = 0xFF if wide else 0x7F
    return frozenset(name for name, rule in CHECKS.items() if rule(body) & mask == check & mask)


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame, bit 7 as it came. A frame out of range carries digits that are no weight."""
    data = frame.translate(SEVEN_BITS)
    shape = _shape(data)
    if shape is None or len(frame) > shape.end + 3:
        return Skip.TOO_SHORT
    checked = _check(frame, shape.end + 1, settings.checksum)
    if checked is None:
        return Skip.CHECKSUM
    scale, status, extra = data[1:4]
    figures = data[shape.weight : shape.weight + 6]
    if status & 0x04:
        return Skip.UNDER if status & 0x02 else Skip.OVER
    if not figures.strip(b" "):
        return Skip.BLANK
    value = digits(figures, (scale & 0x07) - 2)
    unit = _unit(status, extra)
    if value is None or unit is None:
        return Skip.IMPOSSIBLE
    return Weight(
        -value if status & 0x02 and value else value,
        unit,
        stability=Stability.MOVING if status & 0x08 else Stability.STABLE,
        kind=Kind.NET if status & 0x01 else Kind.GROSS,
        checksum=checked,
        remarks=_remarks(status, extra) if not scale & FLINTEC else frozenset(),
        raw=frame,
    )


def _check(frame: bytes, body: int, wanted: str | None) -> Checksum | None:
    """Whether the frame's check is good or absent; None where it is wrong or missing."""
    found = matching(frame) if len(frame) > body else frozenset()
    if found if wanted is None else wanted in found:
        return Checksum.OK
    absent = len(frame) == body or frame[body:] == b"\n"
    if absent and wanted in (None, "none") and even_handed(frame):
        return Checksum.ABSENT
    return None


def _unit(status: int, extra: int) -> Unit | None:
    code = extra & 0x07
    if code == 0:
        return Unit.KG if status & 0x10 else Unit.LB
    return _UNITS.get(code)


def _remarks(status: int, extra: int) -> frozenset[Remark]:
    bits = {
        Remark.NOT_ZEROED: status & 0x40,
        Remark.EXPANDED: extra & 0x10,
        Remark.PRINT_KEY: extra & 0x08,
    }
    return frozenset(remark for remark, on in bits.items() if on)


class ContinuousDecoder(Decoder):
    """Keeps the variants of the check that fitted every frame so far, and refuses frames that fit none.

    Once a check was seen, a frame without one is damaged. Three frames refused in a row open the question
    again, so that a first frame that fitted by chance does not silence the line.
    """

    def __init__(self, framing: Framing, decode: Decode, settings: Settings, *, joined: bool = False):
        super().__init__(framing, decode, settings, joined=joined)
        self._fitting = frozenset(CHECKS)
        self._refused = 0

    def interpret(self, frame: bytes) -> Weight | Skip:
        """The frame's meaning under the variants that are still possible."""
        result = super().interpret(frame)
        if self.settings.checksum is not None or not isinstance(result, Weight):
            return result
        known = len(self._fitting) < len(CHECKS)
        fitting = matching(frame) & self._fitting if result.checksum is Checksum.OK else frozenset()
        if known and not fitting:
            self._refused += 1
            if self._refused == 3:
                self._fitting, self._refused = frozenset(CHECKS), 0
            return Skip.CHECKSUM
        if fitting and frame[-1] & 0x7F not in (STX, LF):
            self._fitting, self._refused = fitting, 0
        return result


def encode(weight: Weight, settings: Settings) -> bytes:
    """The full frame with tare zero and the check that the settings name (Mettler's own by default)."""
    places = max(0, -int(weight.value.as_tuple().exponent))
    status = 0x20 | (weight.unit is not Unit.LB) << 4 | (weight.stability is Stability.MOVING) << 3
    status |= (weight.range is not Range.OK) << 2 | (weight.value < 0 or weight.range is Range.UNDER) << 1
    status |= (weight.kind is Kind.NET) | (Remark.NOT_ZEROED in weight.remarks) << 6
    extra = 0x20 | (Remark.EXPANDED in weight.remarks) << 4 | (Remark.PRINT_KEY in weight.remarks) << 3
    extra |= next((code for code, unit in _UNITS.items() if unit is weight.unit), 0)
    if weight.kind is Kind.TARE or places > 5:
        raise CannotEncode("a continuous frame carries gross or net with at most five decimals")
    point, figures = _figures(abs(weight.value), places)
    body = bytes((STX, 0x28 | point, status, extra)) + figures + b"000000\r"
    variant = settings.checksum or "complement"
    return body if variant == "none" else body + bytes((CHECKS[variant](body) & 0x7F,))


def _figures(value: Decimal, places: int) -> tuple[int, bytes]:
    for point in (places + 2, 1, 0):
        try:
            return point, implied(value, 6, point - 2)
        except CannotEncode:
            continue
    raise CannotEncode(f"{value} does not fit into six digits")


def _make(framing: Framing, decode: Decode, settings: Settings, joined: bool) -> Decoder:
    return ContinuousDecoder(framing, decode, settings, joined=joined)


def with_parity(frame: bytes) -> bytes:
    """The frame as an eight-bit port reads it from a line with seven bits and even parity."""
    return bytes(byte | (byte.bit_count() % 2) << 7 for byte in frame)


MT_CONTINUOUS = Protocol(
    id="mt_continuous",
    title="Mettler Toledo continuous, Toledo P03",
    framing=Framing(start=re.compile(rb"[\x02\x82]"), cut=cut, seven_bit=False),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability", "kind", "unit"}),
    fields=frozenset({"checksum"}),
    checksums=(*CHECKS, "none"),
    serial=Serial(9600, 7, "E", 1),
    make=_make,
)
