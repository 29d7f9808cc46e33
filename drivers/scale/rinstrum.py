"""Rinstrum R320, R420, C500 and the Ranger terminals: pushed strings, and the network protocol.

Manuals: R320 page 44, C530 page 48, automatic formats 1, 2, 3 and 6. Line: 9600 8N1.

pushed (`stx_sign_w7_status`)                 network (`rinstrum_net`)

    STX S WWWWWWW K ETX                           AA CC RRRR : data ; or CR LF
    STX S WWWWWWW K M Z R uuu ETX                  |  |  |      +- weight, unit, G or N
        |    |    | | | |  +- unit, blank          |  |  +-------- register: 0025 displayed, 0026 gross,
        |    |    | | | |     in motion            |  |            0027 net, 0028 tare
        |    |    | | | +---- range or -           |  +----------- command: 05 read
        |    |    | | +------ Z zero               +-------------- address; bit 7: a reply, bit 6: an error
        |    |    | +-------- M motion
        |    |    +---------- G gross, N net, M moving, O over, U under, E error
        |    +--------------- right-aligned with the point
        +-------------------- blank or minus; format 6 adds traffic lights in bits 6 and 4

Example of the network: 20050026: asks for gross, 81050026:    731 kg G answers.
Format 3, also pushed: STX WWWWWWWW K M O Z _ _ ETX with M moving or S stable, O over, U under or I within.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Skip, Stability, Unit, Weight
from drivers.scale.fields import number, padded, unit_or
from drivers.scale.frames import enclosed, steady
from drivers.scale.protocol import MORE, NO_FRAME, CannotEncode, Framing, Protocol, Serial, Settings

_PUSHED = re.compile(rb"\x02([\x20-\x7e])([ \d.]{7})([GNMOUE])(?:([ M])([ Z])([ -9])([A-Za-z ]{3}))?\x03")
_THIRD = re.compile(rb"\x02([ \d.-]{8})([GN])([MS])([IOU])([Z ])  \x03")
_SKIPS = {b"O": Skip.OVER, b"U": Skip.UNDER, b"E": Skip.ERROR}
_KINDS = {b"G": Kind.GROSS, b"N": Kind.NET}
_LIGHTS = 0x50


def decode_pushed(frame: bytes, settings: Settings) -> Weight | Skip:
    """One pushed string."""
    third = _THIRD.fullmatch(frame)
    if third is not None:
        return _third(third, frame, settings)
    match = _PUSHED.fullmatch(frame)
    if match is None:
        state = frame[9:10] if len(frame) in (11, 17) else b""
        return _SKIPS.get(state, Skip.NOT_MINE)
    lights, figures, state, motion, zero, _range, letters = match.groups()
    sign = chr(lights[0] & ~_LIGHTS).encode("ascii")
    if state in _SKIPS:
        return _SKIPS[state]
    value = number((sign if sign == b"-" else b"") + figures, settings.places_or())
    unit = unit_or(letters or b"", settings.unit_or())
    if value is None or unit is None or sign not in (b" ", b"-", b"+", b"\x20"):
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    moving = state == b"M" or motion == b"M"
    return Weight(
        value,
        unit,
        stability=Stability.MOVING if moving else Stability.STABLE,
        kind=_KINDS.get(state, Kind.UNKNOWN),
        zero=None if zero is None else zero == b"Z",
        raw=frame,
    )


def _third(match: re.Match[bytes], frame: bytes, settings: Settings) -> Weight | Skip:
    figures, kind, motion, within, zero = match.groups()
    if within in _SKIPS:
        return _SKIPS[within]
    value = number(figures, settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    return Weight(
        value,
        settings.unit_or(),
        stability=Stability.MOVING if motion == b"M" else Stability.STABLE,
        kind=_KINDS[kind],
        zero=zero == b"Z",
        raw=frame,
    )


def encode_pushed(weight: Weight, settings: Settings) -> bytes:
    """The short string; M stands in the place of G or N while the weight moves."""
    if weight.stability is Stability.UNKNOWN or weight.kind is Kind.TARE:
        raise CannotEncode("the string says stable or moving, gross or net")
    state = b"N" if weight.kind is Kind.NET else b"G"
    state = b"M" if weight.stability is Stability.MOVING else state
    if weight.range is not Range.OK:
        state = b"O" if weight.range is Range.OVER else b"U"
    sign = b"-" if weight.value < 0 else b" "
    return b"\x02" + sign + padded(abs(weight.value), 7) + state + b"\x03"


_REPLY = re.compile(rb"([\dA-Fa-f]{2})05(\d{4}):([^;\r\n]*)[;\r\n]*")
_DATA = re.compile(rb" *([+-]? *[\d.]+) *([A-Za-z]{1,3}) *([GNT]?)")
_REGISTERS = {b"0025": Kind.UNKNOWN, b"0026": Kind.GROSS, b"0027": Kind.NET, b"0028": Kind.TARE}
_MODES = {b"G": Kind.GROSS, b"N": Kind.NET, b"T": Kind.TARE}
_REPLY_BIT, _ERROR_BIT = 0x80, 0x40


def decode_net(frame: bytes, settings: Settings) -> Weight | Skip:
    """One reply with a weight; requests, other commands and other registers are none of ours."""
    match = _REPLY.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    address = int(match[1], 16)
    if not address & _REPLY_BIT or match[2] not in _REGISTERS or _other(address, settings):
        return Skip.NOT_MINE
    if address & _ERROR_BIT:
        return Skip.ERROR
    data = _DATA.fullmatch(match[3])
    if data is None:
        return Skip.IMPOSSIBLE if match[3].strip() else Skip.BLANK
    value = number(data[1], settings.places_or())
    unit = unit_or(data[2], Unit.KG)
    if value is None or unit is None:
        return Skip.IMPOSSIBLE
    register = _REGISTERS[match[2]]
    kind = register if register is Kind.TARE else _MODES.get(data[3], register)
    return Weight(value, unit, kind=kind, raw=frame)


def _other(address: int, settings: Settings) -> bool:
    return settings.address is not None and address & 0x1F != int(settings.address) & 0x1F


def _net_cut(data: bytes, at: int, final: bool) -> int:
    head = re.compile(rb"[\dA-Fa-f]{4}\d{4}:")
    if len(data) - at >= 9 and head.match(data, at) is None:
        return NO_FRAME
    end = re.compile(rb";|\r\n?|\n").search(data, at, at + 48)
    if end is None:
        return NO_FRAME if len(data) - at >= 48 else len(data) - at if final and len(data) - at > 9 else MORE
    if head.match(data, at) is None:
        return NO_FRAME
    return MORE if end[0] == b"\r" and end.end() == len(data) and not final else end.end() - at


def encode_net(weight: Weight, settings: Settings) -> bytes:
    """The reply from the register that holds this kind of weight."""
    register = next((key for key, kind in _REGISTERS.items() if kind is weight.kind), b"0025")
    mode = next((key for key, kind in _MODES.items() if kind is weight.kind), b"")
    head = b"%02X05%b:" % (_REPLY_BIT | int(settings.address or 1), register)
    tail = b" " + mode if mode else b""
    return head + padded(weight.value, 8) + b" " + weight.unit.encode("ascii") + tail + b"\r\n"


def ask(address: str) -> bytes:
    """The request for gross from the indicator with this address, 1 to 31."""
    return b"%02X050026:\r\n" % (0x20 | int(address))


STX_SIGN_W7_STATUS = Protocol(
    id="stx_sign_w7_status",
    title="Rinstrum auto formats, Ranger A",
    framing=enclosed(rb"\x02", rb"\x03", 19),
    decode=decode_pushed,
    encode=encode_pushed,
    tells=frozenset({"stability", "kind"}),
    fields=frozenset({"decimals", "unit"}),
    serial=Serial(9600, 8, "N", 1),
)

RINSTRUM_NET = Protocol(
    id="rinstrum_net",
    title="Rinstrum network protocol",
    framing=Framing(re.compile(rb"[\dA-Fa-f]"), _net_cut, between=b"\r\n;"),
    decode=decode_net,
    encode=encode_net,
    tells=frozenset({"kind", "unit"}),
    fields=frozenset({"decimals", "address"}),
    serial=Serial(9600, 8, "N", 1),
    poll=b"20050026:\r\n",
    poll_at=ask,
    make=steady,
)

ALL = (STX_SIGN_W7_STATUS, RINSTRUM_NET)
