"""Flintec: the bus protocol BSI, asked, and the string of the FT-111D, pushed.

Manuals: FT-11; FT-111(D) technical manual, BSI page 91, and its continuous formats. Line: 9600 8N1.

BSI (`flintec_bsi`), asked with aaP         FT-111D (`flintec_i`)

    aa C M S WWWWWWWW XX CR LF                  i HH DDDDDD TTTTTT CR LF
     | | | |    |     +- 0 minus the sum            |    |      +- tare, right-aligned
     | | | |    |        of all before,             |    +-------- weight, right-aligned
     | | | |    |        hexadecimal, or none       +------------- status, hexadecimal: bit 7 motion
     | | | |    +------- with the point         Neither sends a point in the second form: decimals by site.
     | | | +------------ + or -
     | | +-------------- S stable, D moving
     | +---------------- P displayed when stable, I displayed, X the same finer, B or G gross, N net, T tare
     +------------------ address, absent where it is 00

    aa C + CR LF over, aa C - CR LF under, aa C O CR LF error of the converter
"""

from __future__ import annotations

import re

from drivers.readings import Checksum, Kind, Skip, Stability, Weight
from drivers.scale.checks import hexadecimal, total
from drivers.scale.fields import number, padded, sign_of
from drivers.scale.frames import ended, marked_line
from drivers.scale.protocol import CannotEncode, Protocol, Serial, Settings

_BSI = re.compile(rb"(\d{2})?([PGNTIBX])([SD])([+-])([ \d.]{8})([\dA-Fa-f]{2})?[\r\n]*")
_STATE = re.compile(rb"(\d{2})?[PGNTIBX]([+O-])([\dA-Fa-f]{2})?[\r\n]+")
_STATES = {b"+": Skip.OVER, b"-": Skip.UNDER, b"O": Skip.ERROR}
_KINDS = {b"P": Kind.UNKNOWN, b"G": Kind.GROSS, b"N": Kind.NET, b"T": Kind.TARE, b"I": Kind.UNKNOWN}
_KINDS |= {b"B": Kind.GROSS, b"X": Kind.UNKNOWN}


def decode_bsi(frame: bytes, settings: Settings) -> Weight | Skip:
    """One answer of the bus."""
    state = _STATE.fullmatch(frame)
    if state is not None:
        return _STATES[state[2]]
    match = _BSI.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    address, command, motion, sign, figures, check = match.groups()
    if check is not None and hexadecimal(check) != -total(frame[: match.start(6)]) & 0xFF:
        return Skip.CHECKSUM
    if check is None and not ended(frame):
        return Skip.TOO_SHORT
    if settings.address is not None and int(address or 0) != int(settings.address):
        return Skip.NOT_MINE
    value = number(sign + figures, settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE if figures.strip() else Skip.BLANK
    return Weight(
        value,
        settings.unit_or(),
        stability=Stability.STABLE if motion == b"S" else Stability.MOVING,
        kind=_KINDS[command],
        checksum=Checksum.ABSENT if check is None else Checksum.OK,
        raw=frame,
    )


def encode_bsi(weight: Weight, settings: Settings) -> bytes:
    """The answer from the site's address, 1 by default."""
    if weight.stability is Stability.UNKNOWN:
        raise CannotEncode("the answer says stable or moving")
    command = next(letter for letter, kind in _KINDS.items() if kind is weight.kind)
    motion = b"S" if weight.stability is Stability.STABLE else b"D"
    body = b"%02d%b%b%b%b" % (
        int(settings.address or 1),
        command,
        motion,
        sign_of(weight),
        padded(abs(weight.value), 8, "0"),
    )
    return b"%b%02X\r\n" % (body, -total(body) & 0xFF)


def ask(address: str) -> bytes:
    """The request for the displayed weight."""
    return b"%02dP\r\n" % int(address)


_I = re.compile(rb"i([\dA-Fa-f]{2})([ \d.-]{6})([ \d.-]{6})[\r\n]*")
_MOTION = 0x80


def decode_i(frame: bytes, settings: Settings) -> Weight | Skip:
    """One string of the FT-111D."""
    match = _I.fullmatch(frame)
    if match is None:
        return Skip.NOT_MINE
    value = number(match[2], settings.places_or())
    if value is None:
        return Skip.IMPOSSIBLE if match[2].strip() else Skip.BLANK
    moving = int(match[1], 16) & _MOTION
    stability = Stability.MOVING if moving else Stability.STABLE
    return Weight(value, settings.unit_or(), stability=stability, raw=frame)


def encode_i(weight: Weight, settings: Settings) -> bytes:
    """The string of the FT-111D with tare zero."""
    if weight.stability is Stability.UNKNOWN:
        raise CannotEncode("the string says stable or moving")
    status = _MOTION if weight.stability is Stability.MOVING else 0
    return b"i%02X%b%6d\r\n" % (status, padded(weight.value, 6), 0)


_FIELDS = frozenset({"decimals", "unit"})

FLINTEC_BSI = Protocol(
    id="flintec_bsi",
    title="Flintec BSI",
    framing=marked_line(rb"\dPGNTIBX", rb"(?:\d\d)?[PGNTIBX](?:[SD][+-]|[+O-])", 20),
    decode=decode_bsi,
    encode=encode_bsi,
    tells=frozenset({"stability", "kind"}),
    fields=_FIELDS | {"address"},
    serial=Serial(9600, 8, "N", 1),
    poll=b"01P\r\n",
    poll_at=ask,
)

FLINTEC_I = Protocol(
    id="flintec_i",
    title="Flintec FT-111D",
    framing=marked_line(rb"i", rb"i[\dA-Fa-f]{2}", 20),
    decode=decode_i,
    encode=encode_i,
    tells=frozenset({"stability"}),
    fields=_FIELDS,
    serial=Serial(9600, 8, "N", 1),
)

ALL = (FLINTEC_BSI, FLINTEC_I)
