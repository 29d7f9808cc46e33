"""Systec IT: asked with <RN> (print when stable) or <RM> (at once), over serial or TCP port 1234.

Known from a reader that was written for a weighbridge, with its test strings. Line: 9600 8N1.

IT3000, IT4000 (without the blanks shown here)

    < ee mn dd.mm.yy hh:mm nnnn c GGGGGGGG TTTTTTTT NNNNNNNN uu tt r … >
      |  ||     |      |    |   |     |        |        |    |  |  | +- terminal and CRC, of varying length
      |  ||     |      |    |   |     |        |        |    |  |  +--- range
      |  ||     |      |    |   |     |        |        |    |  +------ tare code: blank, PT preset
      |  ||     |      |    |   |     |        |        |    +--------- unit
      |  ||     |      |    |   |     |        |        +-------------- net
      |  ||     |      |    |   |     |        +----------------------- tare
      |  ||     |      |    |   |     +-------------------------------- gross: the weight
      |  ||     |      |    |   +-------------------------------------- scale
      |  ||     |      |    +------------------------------------------ number of the weighing
      |  ||     |      +----------------------------------------------- time
      |  ||     +------------------------------------------------------ date
      |  |+------------------------------------------------------------ 1 no weight, also where it is negative
      |  +------------------------------------------------------------- 1 in motion
      +---------------------------------------------------------------- 00 good, 12 over, 20 under, else error

IT6000:  < ee mnv GGGGGGGG TTTTTTTT NNNNNNNN uu c dd.mm.yy hh:mm nnnn >     v: 1 negative

The columns are fixed up to the range; points may be commas. The CRC is not checked: its rule is not published.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Skip, Stability, Weight
from drivers.scale.fields import number, padded, unit_or
from drivers.scale.frames import enclosed, steady
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_COLUMNS = rb"(?P<gross>[ \d.,+-]{8})(?P<tare>[ \d.,+-]{8})(?P<net>[ \d.,+-]{8})(?P<unit>[A-Za-z ]{2})"
_DATE = rb"[ \d./-]{8}[ \d:]{5}"
_IT3000 = re.compile(
    rb"<\d{2}(?P<state>\d{2})" + _DATE + rb"(?P<number>[\d ]{4})[\d ]" + _COLUMNS + rb"[A-Z ]{2}[\d ].*>"
)
_IT6000 = re.compile(rb"<\d{2}(?P<state>\d{3})" + _COLUMNS + rb"[\d ]" + _DATE + rb"(?P<number>[\d ]{4}).*>")
_ERROR = re.compile(rb"<(\d{2})[^<>]*>")
_ERRORS = {b"12": Skip.OVER, b"20": Skip.UNDER}
_WHOLE = 51


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One answer: its gross weight, with the number of the weighing as alibi."""
    error = _ERROR.fullmatch(frame)
    if error is None:
        return Skip.NOT_MINE
    if error[1] != b"00":
        return _ERRORS.get(error[1], Skip.ERROR)
    match = _IT3000.fullmatch(frame) or _IT6000.fullmatch(frame)
    if match is None:
        return Skip.TOO_SHORT if len(frame) < _WHOLE else Skip.IMPOSSIBLE
    figures = match["gross"].replace(b",", b".")
    value = number(figures, settings.places_or())
    unit = unit_or(match["unit"], settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    motion, others = match["state"][:1], match["state"][1:]
    if motion not in b"01" or (others.strip(b"0") and not (value < 0 and not others.strip(b"01"))):
        return Skip.ERROR
    return Weight(
        value,
        unit,
        stability=Stability.STABLE if motion == b"0" else Stability.MOVING,
        kind=Kind.GROSS,
        alibi=match["number"].decode("ascii").strip() or None,
        raw=frame,
    )


def encode(weight: Weight, settings: Settings) -> bytes:
    """The answer, tare zero and net equal to gross."""
    if weight.range is not Range.OK:
        return b"<12>" if weight.range is Range.OVER else b"<20>"
    if weight.stability is Stability.UNKNOWN or weight.kind is not Kind.GROSS:
        raise CannotEncode("the answer says a gross weight, stable or moving")
    state = b"%d%d" % (weight.stability is Stability.MOVING, weight.value < 0)
    figures = padded(weight.value, 8)
    number_ = (weight.alibi or "").rjust(4).encode("ascii")
    unit = weight.unit.encode("ascii").ljust(2)
    body = b"00" + state + b"01.01.2612:00" + number_ + b"1" + figures + b"       0" + figures + unit + b"  1"
    return b"<" + body + b"001   12345>"


SYSTEC = Protocol(
    id="systec",
    title="Systec IT",
    framing=enclosed(rb"<", rb">", 96),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability", "kind", "unit", "alibi"}),
    fields=frozenset({"decimals", "unit"}),
    serial=Serial(9600, 8, "N", 1),
    poll=b"<RM>",
    make=steady,
)
