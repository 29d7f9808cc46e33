"""The line with ST or US in front, in the many forms that makers gave it: A&D, CAS, Ohaus clones, LP7516 and
Selleton, Weightech, T-Scale, Jadever, Dini Argeo, Excell, Tiger.

Manuals: WT3000i 3.2.1, AD-4329, LT-100, Dini Argeo strings. Line: 9600 8N1, A&D 2400 7E1.

two commas (`st_gs`, 16 to 21 characters)     one comma (`st_gs_1comma`, T-Scale NHB)

    SS,KK,WWWWWWWW uu CR LF                   SS,KKWWWWWWWWWuu CR LF
     | |     |     +- unit, glued, behind        |   +- right-aligned in nine, a minus may stand in the
     | |     |        blanks or a comma          |      comma's place
     | |     +------- sign, blanks, digits       +----- a blank may stand before it
     | |              with or without point
     | +------------- GS gross, NT net, TR tare, PT preset tare; A&D balances leave it out
     +--------------- ST stable, US moving, OL over, UL and LO under, HD held

slashes (`st_gs_slash`)                       Dini Argeo standard and extended (`dini_std`)

    SS /KK S WWWWWWWW uu CR LF                [aa]SS,KK,WWWWWWWWWW,uu CR LF
                                              [aa]SS,b,GGGGGGGGGGuu,PTTTTTTTTTTTuu CR LF (AF)
                                              b,SS,NNNNNNNNNN,PTTTTTTTTTTT,PPPPPPPPPP,uu CR LF
                                                       |            |          +- pieces
                                                       |            +------------ tare, PT: preset
                                                       +------------------------- net

Beware: behind OL stand blanks, nines or digits of no meaning; TR and PT lines look like weights.
"""

from __future__ import annotations

import re

from drivers.readings import Kind, Range, Remark, Skip, Stability, Weight
from drivers.scale.fields import number, padded, sign_of, unit_or
from drivers.scale.frames import ended, marked_line, steady
from drivers.scale.protocol import Protocol, Serial, Settings

_RANGES = {b"OL": Skip.OVER, b"UL": Skip.UNDER, b"LO": Skip.UNDER}
_STABILITIES = {b"ST": Stability.STABLE, b"US": Stability.MOVING, b"HD": Stability.UNKNOWN}
_KINDS = {b"GS": Kind.GROSS, b"NT": Kind.NET, b"TR": Kind.TARE, b"PT": Kind.TARE}

_HEAD = rb"(?P<state>ST|US|OL|UL|LO|HD)"
_KIND = rb"(?P<kind>GS|NT|TR|PT)"
_BODY = rb"(?P<value>[+-]? *[\d.]+)(?P<unit> *[A-Za-z]{0,3} *)[\r\n]*"

_TWO_COMMAS = re.compile(_HEAD + rb", ?" + _KIND + rb", *" + _BODY.replace(rb"(?P<unit>", rb",?(?P<unit>"))
_NO_KIND = re.compile(_HEAD + rb",(?P<value>[+-] *[\d.]+)(?P<unit> *[A-Za-z]{1,3} *)[\r\n]*")
_ONE_COMMA = re.compile(_HEAD + rb", ?" + _KIND + rb" *" + _BODY)
_SLASHES = re.compile(_HEAD + rb" ?/ ?" + _KIND + rb" *" + _BODY)
_DINI = re.compile(
    rb"(?P<address>\d\d)?"
    + _HEAD
    + rb","
    + _KIND
    + rb", *(?P<value>[+-]? *[\d.]+),(?P<unit>[A-Za-z ]{1,3})[\r\n]*"
)
_DINI_EXTENDED = re.compile(
    rb"(?P<address>\d),"
    + _HEAD
    + rb", *(?P<value>[+-]? *[\d.]+),(?:PT|  )?[ \d.+-]+,[ \d]+,(?P<unit>[A-Za-z ]{1,3})[\r\n]*"
)


_DINI_AF = re.compile(
    rb"(?P<address>\d\d)?"
    + _HEAD
    + rb",\d, *(?P<value>[+-]? *[\d.]+) *(?P<unit>[A-Za-z]{1,2}) *,(?:PT|  )?[ \d.+-]+[A-Za-z ]{0,2}[\r\n]*"
)


def _decode(expression: re.Pattern[bytes], frame: bytes, settings: Settings) -> Weight | Skip:
    """The states that carry no weight first: what stands behind them may be anything."""
    line = frame.upper()
    skip = _RANGES.get(line[:2])
    if skip is not None:
        return skip
    match = expression.fullmatch(line)
    if match is None:
        return _none(line)
    return _weight(match, frame, settings)


def _none(line: bytes) -> Skip:
    """Why a line with the right head is no weight: nothing where the digits belong, or something else."""
    behind = re.sub(rb"^[A-Z]{2} ?[,/] ?[A-Z]{2}", b"", line)
    blank = not re.search(rb"[^ ,+\-A-Z\r\n]", behind) and (b"," in behind or b"  " in behind)
    return Skip.BLANK if blank else Skip.IMPOSSIBLE


def _weight(
    match: re.Match[bytes], frame: bytes, settings: Settings, silent: Kind = Kind.NET
) -> Weight | Skip:
    """The weight of a line; ``silent`` is the kind of a line that has no word for it."""
    fields = match.groupdict()
    value = number(fields["value"], settings.places_or())
    unit = unit_or(fields["unit"], settings.unit_or())
    if value is None or unit is None:
        return Skip.IMPOSSIBLE
    if not ended(frame) and not fields["unit"].strip():
        return Skip.TOO_SHORT
    held = frozenset({Remark.HOLD}) if fields["state"] == b"HD" else frozenset()
    kind = _KINDS[fields["kind"]] if "kind" in fields else silent
    return Weight(value, unit, stability=_STABILITIES[fields["state"]], kind=kind, remarks=held, raw=frame)


def decode_two_commas(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line with a comma before and behind the kind, or of a balance that leaves the kind out."""
    bare = _NO_KIND.fullmatch(frame.upper())
    if bare is not None and frame[:2].upper() not in _RANGES:
        return _weight(bare, frame, settings, Kind.UNKNOWN)
    return _decode(_TWO_COMMAS, frame, settings)


def decode_one_comma(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line without a comma behind the kind."""
    return _decode(_ONE_COMMA, frame, settings)


def decode_slashes(frame: bytes, settings: Settings) -> Weight | Skip:
    """One line with a slash for the comma."""
    return _decode(_SLASHES, frame, settings)


def decode_dini(frame: bytes, settings: Settings) -> Weight | Skip:
    """One standard or extended line of Dini Argeo, of the site's address where it says one."""
    address = re.match(rb"\d{0,2}", frame)
    sent = address[0] if address else b""
    if sent and settings.address is not None and int(sent) != int(settings.address):
        return Skip.NOT_MINE
    rest = frame[len(sent) :].lstrip(b",").upper()
    if rest[:2] in _RANGES:
        return _RANGES[rest[:2]]
    line = frame.upper()
    gross = _DINI_AF.fullmatch(line)
    if gross is not None:
        return _weight(gross, frame, settings, Kind.GROSS)
    match = _DINI_EXTENDED.fullmatch(line) or _DINI.fullmatch(line)
    return _weight(match, frame, settings) if match else _none(rest)


_STATE_OF = {Stability.STABLE: b"ST", Stability.MOVING: b"US", Stability.UNKNOWN: b"ST"}
_KIND_OF = {Kind.GROSS: b"GS", Kind.NET: b"NT", Kind.TARE: b"TR", Kind.UNKNOWN: b"GS"}
_RANGE_OF = {Range.OVER: b"OL", Range.UNDER: b"UL"}


def _head(weight: Weight) -> tuple[bytes, bytes]:
    return _RANGE_OF.get(weight.range, _STATE_OF[weight.stability]), _KIND_OF[weight.kind]


def encode_two_commas(weight: Weight, settings: Settings) -> bytes:
    """The eighteen bytes of A&D, blanks for the digits where the weight is out of range."""
    state, kind = _head(weight)
    figures = sign_of(weight) + padded(abs(weight.value), 7, "0")
    figures = figures if weight.range is Range.OK else b" " * 8
    return b"%b,%b,%b%2b\r\n" % (state, kind, figures, weight.unit.encode("ascii").rjust(2))


def encode_one_comma(weight: Weight, settings: Settings) -> bytes:
    """The line with a blank or a minus in the comma's place."""
    state, kind = _head(weight)
    figures = sign_of(weight, b" ") + padded(abs(weight.value), 8)
    return b"%b,%b%b%b\r\n" % (state, kind, figures, weight.unit.encode("ascii"))


def encode_slashes(weight: Weight, settings: Settings) -> bytes:
    """The line with slashes."""
    state, kind = _head(weight)
    return b"%b /%b %b%b %b\r\n" % (
        state,
        kind,
        sign_of(weight),
        padded(abs(weight.value), 8),
        weight.unit.encode("ascii"),
    )


def encode_dini(weight: Weight, settings: Settings) -> bytes:
    """The standard line, with the site's address where it says one."""
    state, kind = _head(weight)
    address = f"{int(settings.address):02d}".encode("ascii") if settings.address else b""
    figures = padded(weight.value, 10)
    return b"%b%b,%b,%b,%b\r\n" % (address, state, kind, figures, weight.unit.encode("ascii").rjust(2))


def read(address: str) -> bytes:
    """The request of Dini Argeo to the scale with this address."""
    return f"{int(address):02d}READ\r\n".encode("ascii")


_TELLS = frozenset({"stability", "kind", "unit"})
_FIELDS = frozenset({"decimals", "unit"})
_LINE = Serial(9600, 8, "N", 1)
_LONGEST = 40

ST_GS = Protocol(
    id="st_gs",
    title="ST,GS, with two commas: A&D, CAS, LP7516, Weightech, Dini Argeo",
    framing=marked_line(rb"SUOLHsuolh", rb"(?i)" + _HEAD + rb",(?: ?(?:GS|NT|TR|PT),|[+-])", _LONGEST),
    decode=decode_two_commas,
    encode=encode_two_commas,
    tells=_TELLS,
    fields=_FIELDS,
    serial=_LINE,
    make=steady,
)

ST_GS_1COMMA = Protocol(
    id="st_gs_1comma",
    title="ST,GS with one comma: T-Scale",
    framing=marked_line(rb"SUOLHsuolh", rb"(?i)" + _HEAD + rb", ?(?:GS|NT|TR|PT)(?!,)", _LONGEST),
    decode=decode_one_comma,
    encode=encode_one_comma,
    tells=_TELLS,
    fields=_FIELDS,
    serial=_LINE,
    make=steady,
)

ST_GS_SLASH = Protocol(
    id="st_gs_slash",
    title="ST /NT with slashes",
    framing=marked_line(rb"SUOLHsuolh", rb"(?i)" + _HEAD + rb" ?/ ?(?:GS|NT|TR|PT)", _LONGEST),
    decode=decode_slashes,
    encode=encode_slashes,
    tells=_TELLS,
    fields=_FIELDS,
    serial=_LINE,
    make=steady,
)

DINI_STD = Protocol(
    id="dini_std",
    title="Dini Argeo standard and extended strings",
    framing=marked_line(rb"\dSUOLHsuolh", rb"(?i)(?:\d\d|\d,)?" + _HEAD + rb",", 72),
    decode=decode_dini,
    encode=encode_dini,
    tells=_TELLS,
    fields=_FIELDS | {"address"},
    serial=_LINE,
    poll=b"READ\r\n",
    poll_at=read,
    make=steady,
)

ALL = (ST_GS, ST_GS_1COMMA, ST_GS_SLASH, DINI_STD)
