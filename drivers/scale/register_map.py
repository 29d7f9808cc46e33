"""Weights in Modbus registers, by a map that the site or the catalogue declares: there is no common one.

    modbus:
      unit: 1                      the indicator's address on the line, 1 to 247
      table: holding               holding (function 3) or input (function 4)
      numbered_from: 40001         number that the manual gives the first register: 0, 1, 30001 or 40001
      weight: {address: 40003, type: float32, words: high_first, decimals: 0, factor: "1"}
      mass: kg                     unit of the weight
      kind: gross                  gross, net, tare or unknown, where no bit tells
      status:
        address: 40005
        type: uint16               uint16, or uint32 with words as above
        bits: {moving: 12, over: 10, under: 9, zero: 8, valid: 15}
                                   or moving: {bit: 1, when: 0} where 1 says stable

Where the weight is the one on the display, `net` is the bit that says it is net; gross registers have none.
Types are int16, uint16, int32, uint32 and float32 (IEEE 754). Bits: moving, over, under, net, zero, negative
(of a magnitude without sign), error, and valid, without which there is no weight. ``when`` is the value with
which the bit says so.

Examples: Tuna ID551 displays float32 in 40001; Dini Argeo DGT4X has status in 40202 (bit 1 set: stable) and
gross without sign in 40203; Eagle has float32 gross in kilograms from 0x2000.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal

from drivers.readings import Kind, Range, Skip, Stability, Unit, Weight
from drivers.scale.declaration import Entry, listed, wrong
from drivers.scale.fields import scaled
from drivers.scale.protocol import CannotEncode, Settings

SETTINGS = frozenset({"decimals", "unit", "address"})
"""Names of `drivers.scale.protocol.Settings` that go before a map's own: ``address`` is the indicator's."""

BITS = ("moving", "over", "under", "net", "zero", "negative", "error", "valid")
LARGEST_UNIT = 255
LARGEST_READ = 125
"""Registers that one request may ask for (MODBUS Application Protocol V1.1b3, 6.3)."""

_FORMATS = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "float32": ">f"}
_TYPES = {name: name for name in _FORMATS}
_TABLES = {"holding": "holding", "input": "input"}
_KINDS = {kind.value: kind for kind in Kind}
_HIGH_FIRST = {"high_first": True, "low_first": False}
_BASES = (0, 1, 30001, 40001)


@dataclass(frozen=True, slots=True)
class Field:
    """A number in one or two registers; ``address`` counts from 0, as on the wire."""

    address: int
    type: str = "int16"
    high_first: bool = True

    @property
    def registers(self) -> range:
        """The registers that hold it."""
        return range(self.address, self.address + struct.calcsize(_FORMATS[self.type]) // 2)


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """One declared map, checked. ``bits`` gives the place of each bit and the value that says so."""

    weight: Field
    status: Field | None = None
    bits: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    unit: int = 1
    table: str = "holding"
    decimals: int | None = None
    factor: Decimal = Decimal(1)
    mass: Unit = Unit.KG
    kind: Kind = Kind.UNKNOWN

    @property
    def span(self) -> range:
        """All registers from the first to the last that one request has to read."""
        used = [*self.weight.registers, *(self.status.registers if self.status else ())]
        return range(min(used), max(used) + 1)


def declared(values: object) -> RegisterMap:
    """The map that a mapping of the keys above declares. Raises `DeclarationError`."""
    keys = frozenset({"unit", "table", "numbered_from", "weight", "mass", "kind", "status"})
    entry = Entry(values, (), keys)
    base = entry.whole("numbered_from", 0, 40001) or 0
    if base not in _BASES:
        wrong(("numbered_from",), "base", found=base, known=listed(_BASES))
    if "weight" not in entry:
        wrong(("weight",), "missing")
    weight = entry.within("weight", frozenset({"address", "type", "words", "decimals", "factor"}))
    status = entry.within("status", frozenset({"address", "type", "words", "bits"}))
    register_map = RegisterMap(
        weight=_field(weight, base, "int16"),
        status=_field(status, base, "uint16") if "status" in entry else None,
        bits=_bits(status) if "status" in entry else {},
        unit=1 if (unit := entry.whole("unit", 0, LARGEST_UNIT)) is None else unit,
        table=entry.word("table", _TABLES, "holding"),
        decimals=weight.whole("decimals", 0, 6),
        factor=weight.factor("factor"),
        mass=entry.unit("mass") or Unit.KG,
        kind=entry.word("kind", _KINDS, Kind.UNKNOWN),
    )
    if len(register_map.span) > LARGEST_READ:
        wrong(("status", "address"), "far", most=LARGEST_READ)
    return register_map


def settled(declared_map: RegisterMap, settings: Settings) -> RegisterMap:
    """The map with what a site sets beside it. Raises `DeclarationError` for an address that is none."""
    unit = declared_map.unit
    if settings.address is not None:
        unit = int(settings.address) if settings.address.isascii() and settings.address.isdigit() else -1
        if not 0 <= unit <= LARGEST_UNIT:
            wrong(("address",), "whole", found=repr(settings.address), least=0, most=LARGEST_UNIT)
    decimals = declared_map.decimals if settings.decimals is None else settings.decimals
    return replace(declared_map, unit=unit, decimals=decimals, mass=settings.unit or declared_map.mass)


def _field(entry: Entry, base: int, default: str) -> Field:
    number = entry.whole("address", base, 65535 + base)
    if number is None:
        wrong(entry.place("address"), "missing")
    kind = entry.word("type", _TYPES, default)
    return Field(number - base, kind, entry.word("words", _HIGH_FIRST, True))


def _bits(entry: Entry) -> dict[str, tuple[int, int]]:
    bits = entry.within("bits", frozenset(BITS))
    return {name: _bit(bits, name) for name in bits.values}


def _bit(bits: Entry, name: str) -> tuple[int, int]:
    place: int | None
    when: int | None
    if not isinstance(bits.values[name], Mapping):
        place, when = bits.whole(name, 0, 31), 1
    else:
        entry = bits.within(name, frozenset({"bit", "when"}))
        place, when = entry.whole("bit", 0, 31), entry.whole("when", 0, 1) if "when" in entry else 1
    if place is None or when is None:
        wrong(bits.place(name), "bit", found=repr(bits.values[name]))
    return place, when


def decode(registers: Mapping[int, int], declared_map: RegisterMap) -> Weight | Skip:
    """The weight that these registers hold, by their number on the wire. Never raises.

    ``raw`` of the weight is the registers of the span, high byte first.
    """
    if any(number not in registers for number in declared_map.span):
        return Skip.TOO_SHORT
    status = 0
    if declared_map.status is not None:
        status = int.from_bytes(_words(registers, declared_map.status), "big")
    skip = _state(status, declared_map)
    if skip is not None:
        return skip
    value = _number(registers, declared_map)
    if value is None:
        return Skip.ERROR
    says = {name: _says(status, name, declared_map) for name in BITS}
    if says["negative"] and value > 0:
        value = -value
    return Weight(
        value,
        declared_map.mass,
        stability=_stability(says["moving"]),
        kind=_kind(says["net"], declared_map.kind),
        zero=says["zero"],
        raw=b"".join(registers[number].to_bytes(2, "big") for number in declared_map.span),
    )


def _state(status: int, declared_map: RegisterMap) -> Skip | None:
    if _says(status, "valid", declared_map) is False or _says(status, "error", declared_map):
        return Skip.ERROR
    if _says(status, "over", declared_map):
        return Skip.OVER
    return Skip.UNDER if _says(status, "under", declared_map) else None


def _says(status: int, name: str, declared_map: RegisterMap) -> bool | None:
    """Whether the bit of this name says so, None where the map has none."""
    if name not in declared_map.bits:
        return None
    place, when = declared_map.bits[name]
    return status >> place & 1 == when


def _stability(moving: bool | None) -> Stability:
    if moving is None:
        return Stability.UNKNOWN
    return Stability.MOVING if moving else Stability.STABLE


def _kind(net: bool | None, default: Kind) -> Kind:
    if net is None:
        return default
    return Kind.NET if net else Kind.GROSS


def _words(registers: Mapping[int, int], of: Field) -> bytes:
    words = [(registers[number] & 0xFFFF).to_bytes(2, "big") for number in of.registers]
    return b"".join(words if of.high_first else reversed(words))


def _number(registers: Mapping[int, int], declared_map: RegisterMap) -> Decimal | None:
    of = declared_map.weight
    (number,) = struct.unpack(_FORMATS[of.type], _words(registers, of))
    if of.type != "float32":
        return scaled(Decimal(number), declared_map.decimals or 0) * declared_map.factor
    value = _shortest(number)
    if value is None:
        return None
    value *= declared_map.factor
    if declared_map.decimals is None:
        return value
    return value.quantize(Decimal(1).scaleb(-declared_map.decimals), ROUND_HALF_EVEN)


def _shortest(number: float) -> Decimal | None:
    """The shortest decimal that is this float of 32 bits; None for infinity, no number and beyond 10^9."""
    if not abs(number) < 1e9:
        return None
    exact = struct.pack(">f", number)
    texts = (f"{number:.{digits}g}" for digits in range(1, 10))
    text = next((text for text in texts if struct.pack(">f", float(text)) == exact), repr(number))
    value = Decimal(text)
    return value if value else Decimal(0)


def encode(weight: Weight, declared_map: RegisterMap) -> dict[int, int]:
    """The registers, by their number on the wire, that say this weight; for simulators.

    Raises `CannotEncode` where the number does not fit.
    """
    value = weight.value / declared_map.factor
    if "negative" in declared_map.bits:
        value = abs(value)
    of = declared_map.weight
    try:
        if of.type == "float32":
            packed = struct.pack(">f", float(value))
        else:
            packed = struct.pack(_FORMATS[of.type], int(value.scaleb(declared_map.decimals or 0)))
    except struct.error as error:
        raise CannotEncode(f"{weight.value} does not fit into {of.type}: {error}") from error
    registers = dict.fromkeys(declared_map.span, 0) | _placed(packed, of)
    if declared_map.status is not None:
        size = len(declared_map.status.registers) * 2
        registers |= _placed(_status(weight, declared_map).to_bytes(size, "big"), declared_map.status)
    return registers


def _placed(packed: bytes, of: Field) -> dict[int, int]:
    words = [int.from_bytes(packed[at : at + 2], "big") for at in range(0, len(packed), 2)]
    return dict(zip(of.registers, words if of.high_first else reversed(words), strict=True))


def _status(weight: Weight, declared_map: RegisterMap) -> int:
    says = {
        "moving": weight.stability is Stability.MOVING,
        "over": weight.range is Range.OVER,
        "under": weight.range is Range.UNDER,
        "net": weight.kind is Kind.NET,
        "zero": bool(weight.zero),
        "negative": weight.value < 0,
        "error": False,
        "valid": True,
    }
    bits = declared_map.bits.items()
    return sum(1 << place for name, (place, when) in bits if says[name] == bool(when))
