"""A format that a site declares instead of programming it: by positions, or by an expression with groups.

    pattern:
      end: "\\r\\n"                 the frame's last bytes; without end and length a frame is a line
      start: "\\x02"               its first bytes, if it has such
      length: 20                  its length, if that is fixed
      positions:                  columns counted from 1, of the frame with start and without end
        status: 1
        value: 3-10
        unit: 11-12
      expression: '(?P<status>[SD]) *(?P<value>[-+]?[0-9.]+) *(?P<unit>kg|t)'    instead of positions
      status: {S: stable, D: moving, O: over}      stable, moving, unknown, over, under, blank, error
      kind: {G: gross, N: net, T: tare}
      zero: {Z: true}
      units: {K: kg}              the maker's words for units
      unit: kg                    of frames that carry none
      decimals: 1                 of a number without a point
      factor: "10"                times which the number is the weight
      reverse: true               digits come lowest first

Fields: value, sign, unit, status, kind, zero. A word that no map explains makes the frame no weight. A number
may have a point or a decimal comma. Lines without start and length are taken whole: of a cut line the rest
would look like a smaller number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from drivers.readings import Kind, Range, Skip, Stability, Unit, Weight
from drivers.scale.declaration import Entry, Meaning, Path, listed, wrong
from drivers.scale.fields import number, plain, unit
from drivers.scale.frames import line, without_end
from drivers.scale.protocol import (
    MORE,
    NO_FRAME,
    CannotEncode,
    Cut,
    Decode,
    Decoder,
    Framing,
    Protocol,
    Settings,
)

FIELDS = ("value", "sign", "unit", "status", "kind", "zero")
LONGEST = 256

_KEYS = frozenset({"expression", "positions", "start", "end", "length", "status", "kind", "zero", "units"})
_KEYS |= {"unit", "decimals", "factor", "reverse"}
_STATES: dict[str, Stability | Skip] = {stability.value: stability for stability in Stability}
_STATES |= {"over": Skip.OVER, "under": Skip.UNDER, "blank": Skip.BLANK, "error": Skip.ERROR}
_KINDS = {kind.value: kind for kind in Kind}
_TRUTHS = {"true": True, "false": False}
_UNITS = {unit_.value: unit_ for unit_ in Unit}


@dataclass(frozen=True)
class Pattern:
    """One declared format, checked."""

    expression: re.Pattern[bytes] | None = None
    positions: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    start: bytes = b""
    end: bytes = b""
    length: int | None = None
    status: Mapping[bytes, Stability | Skip] = field(default_factory=dict)
    kind: Mapping[bytes, Kind] = field(default_factory=dict)
    zero: Mapping[bytes, bool] = field(default_factory=dict)
    units: Mapping[bytes, Unit] = field(default_factory=dict)
    unit: Unit | None = None
    decimals: int | None = None
    factor: Decimal = Decimal(1)
    reverse: bool = False


def declared(values: object) -> Pattern:
    """The pattern that a mapping of the keys above declares. Raises `DeclarationError`."""
    entry = Entry(values, (), _KEYS)
    if ("expression" in entry) == ("positions" in entry):
        wrong(("expression",), "one")
    return Pattern(
        expression=_expression(entry.values["expression"]) if "expression" in entry else None,
        positions=_positions(entry) if "positions" in entry else {},
        start=entry.characters("start"),
        end=entry.characters("end"),
        length=entry.whole("length", 1, LONGEST),
        status=entry.words("status", _STATES),
        kind=entry.words("kind", _KINDS),
        zero=entry.words("zero", _TRUTHS),
        units=entry.words("units", _UNITS),
        unit=entry.unit("unit"),
        decimals=entry.whole("decimals", 0, 6),
        factor=entry.factor("factor"),
        reverse=entry.flag("reverse"),
    )


def _expression(text: object) -> re.Pattern[bytes]:
    try:
        expression = re.compile(str(text).encode("latin-1"))
    except (re.error, UnicodeEncodeError) as error:
        wrong(("expression",), "expression", found=repr(text), problem=str(error))
    for name in expression.groupindex:
        if name not in FIELDS:
            wrong(("expression",), "field", found=repr(name), known=listed(FIELDS))
    if "value" not in expression.groupindex:
        wrong(("expression",), "value", found=repr(text))
    return expression


def _positions(entry: Entry) -> dict[str, tuple[int, int]]:
    columns = entry.within("positions", frozenset(FIELDS))
    if "value" not in columns:
        wrong(columns.place("value"), "missing")
    return {name: _columns(columns.place(name), text) for name, text in columns.values.items()}


def _columns(place: Path, text: object) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", str(text))
    first = int(match[1]) if match else 0
    last = int(match[2] or match[1]) if match else 0
    if not 1 <= first <= last <= LONGEST:
        wrong(place, "columns", found=repr(text))
    return first, last


def decode(frame: bytes, settings: Settings) -> Weight | Skip:
    """One frame under ``settings.declared``, a `Pattern` or the mapping that declares it."""
    pattern = _pattern(settings)
    fields = _fields(frame, pattern)
    if fields is None:
        return Skip.NOT_MINE
    state = _word(fields.get("status"), pattern.status, Stability.UNKNOWN)
    if state is None or isinstance(state, Skip):
        return state or Skip.IMPOSSIBLE
    figures = fields["value"][::-1] if pattern.reverse else fields["value"]
    if not figures.strip(b" \x00"):
        return Skip.BLANK
    places = pattern.decimals if settings.decimals is None else settings.decimals
    value = number(fields.get("sign", b"") + figures.replace(b",", b"."), places or 0)
    mass = _mass(fields.get("unit", b""), pattern, settings)
    kind = _word(fields.get("kind"), pattern.kind, Kind.UNKNOWN)
    if value is None or mass is None or kind is None:
        return Skip.IMPOSSIBLE
    zero = pattern.zero.get(fields["zero"].strip()) if "zero" in fields else None
    return Weight(value * pattern.factor, mass, stability=state, kind=kind, zero=zero, raw=frame)


def _pattern(settings: Settings) -> Pattern:
    if isinstance(settings.declared, Pattern):
        return settings.declared
    if settings.declared is None:
        wrong(("pattern",), "undeclared")
    return declared(settings.declared)


def _fields(frame: bytes, pattern: Pattern) -> dict[str, bytes] | None:
    body = frame.removesuffix(pattern.end) if pattern.end else without_end(frame)
    if pattern.expression is not None:
        match = pattern.expression.fullmatch(body)
        return None if match is None else {name: text or b"" for name, text in match.groupdict().items()}
    if len(body) < max(last for _, last in pattern.positions.values()):
        return None
    return {name: body[first - 1 : last] for name, (first, last) in pattern.positions.items()}


def _word(text: bytes | None, words: Mapping[bytes, Meaning], default: Meaning) -> Meaning | None:
    """What a field's word means; a blank one the default unless the map says, an unknown one None."""
    if text is None or not words:
        return default
    word = text.strip(b" \x00")
    return words.get(word, None if word else default)


def _mass(text: bytes, pattern: Pattern, settings: Settings) -> Unit | None:
    word = text.strip(b" \x00")
    if not word:
        return pattern.unit or settings.unit_or()
    return pattern.units.get(word) or unit(word)


def encode(weight: Weight, settings: Settings) -> bytes:
    """The frame of a pattern by positions; one by an expression cannot be turned round."""
    pattern = _pattern(settings)
    if not pattern.positions:
        raise CannotEncode("a pattern with an expression can only be read")
    size = (
        pattern.length - len(pattern.end)
        if pattern.length
        else max(last for _, last in pattern.positions.values())
    )
    body = bytearray(pattern.start.ljust(size))
    for name, text in _written(weight, pattern).items():
        if name in pattern.positions:
            first, last = pattern.positions[name]
            if len(text) > last - first + 1:
                raise CannotEncode(f"{text!r} does not fit into the columns of {name}")
            body[first - 1 : last] = text.rjust(last - first + 1)
    return bytes(body) + (pattern.end or (b"" if pattern.length else b"\r\n"))


def _written(weight: Weight, pattern: Pattern) -> dict[str, bytes]:
    value = weight.value / pattern.factor
    places = pattern.decimals or 0
    whole = value.scaleb(places)
    figures = plain(abs(value) if "sign" in pattern.positions else value)
    if places and whole == whole.to_integral_value():
        figures = str(int(abs(whole) if "sign" in pattern.positions else whole))
    state: Stability | Skip = weight.stability
    if weight.range is not Range.OK:
        state = Skip.OVER if weight.range is Range.OVER else Skip.UNDER
    return {
        "value": figures.encode("ascii")[:: -1 if pattern.reverse else 1],
        "sign": b"-" if value < 0 else b" ",
        "unit": _of(weight.unit, pattern.units) or weight.unit.encode("ascii"),
        "status": _of(state, pattern.status),
        "kind": _of(weight.kind, pattern.kind),
        "zero": _of(weight.zero, pattern.zero),
    }


def _of(meaning: object, words: Mapping[bytes, object]) -> bytes:
    return next((word for word, known in words.items() if known is meaning), b"")


def framing(pattern: Pattern) -> Framing:
    """How the frames of this pattern lie in the bytes."""
    begin = (
        re.escape(pattern.start[:1]) if pattern.start else b"[^\r\n]" if pattern.length is None else b"(?s:.)"
    )
    resync = bool(pattern.start) or pattern.length is not None
    return Framing(re.compile(begin), _cut(pattern), resync=resync, between=b"\r\n")


def _cut(pattern: Pattern) -> Cut:
    def cut(data: bytes, at: int, final: bool) -> int:
        if not pattern.start.startswith(data[at : at + len(pattern.start)]):
            return NO_FRAME
        available = len(data) - at
        if pattern.length is not None:
            if available < pattern.length:
                return MORE
            return pattern.length if data.endswith(pattern.end, at, at + pattern.length) else NO_FRAME
        if not pattern.end:
            return line(data, at, available + 1, final)
        end = data.find(pattern.end, at + len(pattern.start), at + LONGEST)
        if end >= 0:
            return end + len(pattern.end) - at
        if available >= LONGEST:
            return NO_FRAME if pattern.start else available
        return available if final and not pattern.start else MORE

    return cut


def _make(_framing: Framing, function: Decode, settings: Settings, joined: bool) -> Decoder:
    pattern = _pattern(settings)
    return Decoder(framing(pattern), function, replace(settings, declared=pattern), joined=joined)


PATTERN = Protocol(
    id="pattern",
    title="Declared by the site",
    framing=Framing(re.compile(rb"[^\r\n]"), lambda data, at, final: NO_FRAME),
    decode=decode,
    encode=encode,
    tells=frozenset({"stability", "kind", "unit", "zero"}),
    fields=frozenset({"decimals", "unit", "declared"}),
    make=_make,
)


def settings_for(entry: Mapping[str, object], settings: Settings | None = None) -> Settings:
    """Settings with the pattern that ``entry`` declares. Raises `DeclarationError`."""
    return replace(settings or Settings(), declared=declared(entry))
