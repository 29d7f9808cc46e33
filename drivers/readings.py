"""What a driver yields: the four kinds of reading, and the closed set of reasons why bytes were none.

A reading says what the device said and nothing else. What it means for a truck is decided in the gateway.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Unit(StrEnum):
    """A unit of mass as an indicator writes it."""

    KG = "kg"
    G = "g"
    T = "t"
    LB = "lb"
    OZ = "oz"


KILOGRAMS = {
    Unit.KG: Decimal(1),
    Unit.G: Decimal("0.001"),
    Unit.T: Decimal(1000),
    Unit.LB: Decimal("0.45359237"),
    Unit.OZ: Decimal("0.028349523125"),
}
"""Kilograms in one of each unit; the pound is the international one of 1959, exact, the ounce its sixteenth."""


class Stability(StrEnum):
    """What the indicator itself says of motion. *Unknown* is not *moving*: it says nothing."""

    STABLE = "stable"
    MOVING = "moving"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """Which weight the frame carries."""

    GROSS = "gross"
    NET = "net"
    TARE = "tare"
    UNKNOWN = "unknown"


class Range(StrEnum):
    """Whether the load is within what the scale may weigh."""

    OK = "ok"
    OVER = "over"
    UNDER = "under"


class Checksum(StrEnum):
    """A frame with a wrong checksum is never a weight, so there is no third value."""

    OK = "ok"
    ABSENT = "absent"


class Skip(StrEnum):
    """Why a stretch of bytes is not a weight: closed, counted and shown to the technician."""

    TOO_SHORT = "too_short"
    NOT_MINE = "not_mine"
    CHECKSUM = "checksum"
    IMPOSSIBLE = "impossible"
    OVER = "over"
    UNDER = "under"
    BLANK = "blank"
    ERROR = "error"


class Remark(StrEnum):
    """Something worth knowing about a weight that is a weight all the same."""

    NOT_ZEROED = "not_zeroed"
    EXPANDED = "expanded"
    PRINT_KEY = "print_key"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight as an indicator sent it.

    ``value`` and ``unit`` are as sent, ``kg`` is the same in kilograms. ``zero`` is the centre-of-zero lamp,
    None where the frame does not tell. ``alibi`` is the indicator's own number of the stored weighing.
    """

    value: Decimal
    unit: Unit = Unit.KG
    stability: Stability = Stability.UNKNOWN
    kind: Kind = Kind.UNKNOWN
    range: Range = Range.OK
    zero: bool | None = None
    alibi: str | None = None
    checksum: Checksum = Checksum.ABSENT
    remarks: frozenset[Remark] = frozenset()
    raw: bytes = b""

    @property
    def kg(self) -> Decimal:
        """The value in kilograms, exact."""
        return self.value * KILOGRAMS[self.unit]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A stretch of bytes that gave no weight, with its reason."""

    skip: Skip
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Scan:
    """One barcode as a scanner sent it: untrusted text.

    ``text`` is without prefix, suffix and AIM identifier (ISO/IEC 15424, such as ``]C1``), which is kept in
    ``aim``; group separators (GS, 0x1D) stay in it. ``count`` is how often the same code was seen at once.
    """

    text: str
    aim: str | None = None
    raw: bytes = b""
    count: int = 1

    @property
    def symbology(self) -> str | None:
        """The symbology's name by the AIM identifier, None where the scanner sent none."""
        return AIM_SYMBOLOGIES.get(self.aim[1:2]) if self.aim else None


AIM_SYMBOLOGIES = {
    "A": "Code 39",
    "C": "Code 128",
    "E": "EAN/UPC",
    "I": "ITF",
    "L": "PDF417",
    "Q": "QR Code",
    "d": "Data Matrix",
    "e": "GS1 DataBar",
    "z": "Aztec",
}
"""Code characters of ISO/IEC 15424 that gate papers use."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a camera: the encoded bytes as they came (JPEG or PNG), never changed.

    ``age_s`` are the seconds that it lay somewhere before it was read, as in a folder.
    """

    data: bytes = field(repr=False)
    media_type: str = "image/jpeg"
    age_s: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Signal:
    """One input that changed: a loop, a barrier contact, a button.

    ``initial``: nothing changed, so it was when its board was opened.
    """

    name: str
    on: bool
    initial: bool = False


Reading = Weight | Scan | Picture | Signal


@dataclass(frozen=True, slots=True)
class Stamped:
    """A reading with the device that made it and the two times of its arrival.

    ``at`` is UTC, for people; ``monotonic`` is seconds of a clock that never jumps, for every rule.
    """

    device: str
    at: datetime
    monotonic: float
    reading: Reading
