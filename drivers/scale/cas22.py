"""CAS CI-200, CI-201A, CI-400, CI-6000 in 22 bytes: pushed, or asked with one byte, the device id.

Manual: CI-400 page 103 (F31 selects pushed, asked by the raw id, or asked by ``Dnn``). Line: 9600 8N1.

    SS , KK , I L , WWWWWWWW _ uu CR LF
    |    |    | |   |          +- unit, right-aligned: kg, t, g, lb
    |    |    | |   +------------ weight with the point; blanks and NUL may stand anywhere in it; behind it a
    |    |    | |                 blank, NUL, or the relays, one bit each
    |    |    | +---------------- lamps: 7 always 1; 6 stable; 4 hold; 3 print; 2 gross; 1 tare; 0 zero
    |    |    +------------------ the device id, one raw byte, may look like a comma, CR or LF
    |    +----------------------- GS gross, NT net
    +---------------------------- ST stable, US moving, OL over

Found by position: commas at 2, 5 and 8, CR LF at 20. All eight bits are used, so there is no parity to mask.
"""

from __future__ import annotations

from drivers.readings import Kind, Range, Remark, Skip, Stability, Weight
from drivers.scale.fields import number, padded, unit_or
from drivers.scale.frames import fixed
from drivers.scale.protocol import Protocol, Serial, Settings

_RANGES = {b"OL": Skip.OVER, b"UL": Skip.UNDER}
_KINDS = {b"GS": Kind.GROSS, b"NT": Kind.NET}
_STABLE, _HOLD, _PRINT, _GROSS, _TARE, _ZERO = 0x40, 0x10, 0x08, 0x04, 0x02, 0x01
_ALWAYS = 0x80


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame. The header and the lamps must both say stable for the weight to be so."""
    if not frame[2] == frame[5] == frame[8] == 0x2C:
        return Skip.NOT_MINE
    state, kind, lamps = frame[:2], _KINDS.get(frame[3:5]), frame[7]
    if settings.address is not None and frame[6] != int(settings.address):
        return Skip.NOT_MINE
    if state in _RANGES:
        return _RANGES[state]
    if state not in (b"ST", b"US") or kind is None:
        return Skip.NOT_MINE
    figures = frame[9:17].translate(None, b" \x00")
    value = number(figures, settings.places_or())
    unit = unit_or(frame[18:20], settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE if figures else Skip.BLANK
    moving = state == b"US" or (lamps & _ALWAYS and not lamps & _STABLE)
    return Weight(
        value,
        unit,
        stability=Stability.MOVING if moving else Stability.STABLE,
        kind=kind,
        zero=bool(lamps & _ZERO) if lamps & _ALWAYS else None,
        remarks=_remarks(lamps),
        raw=frame,
    )


def _remarks(lamps: int) -> frozenset[Remark]:
    if not lamps & _ALWAYS:
        return frozenset()
    bits = {Remark.HOLD: lamps & _HOLD, Remark.PRINT_KEY: lamps & _PRINT}
    return frozenset(remark for remark, on in bits.items() if on)


def encode(weight: Weight, settings: Settings) -> bytes:
    """The frame of the device id that the settings name, 1 by default."""
    net = weight.kind is Kind.NET
    moving = weight.stability is Stability.MOVING
    state = b"US" if moving else b"ST"
    if weight.range is not Range.OK:
        state = b"OL" if weight.range is Range.OVER else b"UL"
    lamps = _ALWAYS | (0 if moving else _STABLE) | (_TARE if net else _GROSS) | (_ZERO if weight.zero else 0)
    lamps |= (_HOLD if Remark.HOLD in weight.remarks else 0) | (
        _PRINT if Remark.PRINT_KEY in weight.remarks else 0
    )
    head = b"%b,%b,%c%c," % (state, b"NT" if net else b"GS", int(settings.address or 1), lamps)
    return head + padded(weight.value, 8) + b" " + weight.unit.encode("ascii").rjust(2) + b"\r\n"


def ask(address: str) -> bytes:
    """The request: the raw device id."""
    return bytes((int(address),))


CAS22 = Protocol(
    id="cas22",
    title="CAS CI, 22 bytes",
    framing=fixed(rb"SUO", 22, end=b"\r\n", seven_bit=False),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability", "kind", "unit", "zero"}),
    fields=frozenset({"decimals", "unit", "address"}),
    serial=Serial(9600, 8, "N", 1),
    poll_at=ask,
)
