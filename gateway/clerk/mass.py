"""The mass of a load: from gross weights and tares to the kilograms that a report may say.

    weighed once:      gross − vehicle (stored, declared, or tractor and chassis of the site) [− box]
    in and out:        in − out [− box]
    pieces on a scale: gross
    several documents: what was declared for each

The box is taken off where the site reports the cargo alone. A truck's gross weight is never the weight of its
cargo. Every number of the way is kept, with where it comes from; the sum is rounded once, at the end, to whole
kilograms, half to even.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

WHOLE = Decimal(1)


class Way(StrEnum):
    """How a mass was found."""

    GROSS_MINUS_TARES = "gross_minus_tares"
    TWO_WEIGHINGS = "two_weighings"
    PIECE = "piece"
    DECLARED = "declared"


class Lack(StrEnum):
    """Why a load has no known mass."""

    WEIGHING = "weighing"
    SECOND = "second"
    TARES = "tares"
    BOX_TARE = "box_tare"
    NOT_POSITIVE = "not_positive"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Part:
    """One number of the sum; tares are negative. ``origin``: an evidence id, or *site*."""

    what: str
    kg: Decimal
    origin: str


@dataclass(frozen=True, slots=True)
class Mass:
    """A known mass with its way, or what it lacks. ``kg`` is exact, `rounded` is what a report says."""

    way: Way
    parts: tuple[Part, ...] = ()
    lack: Lack | None = None
    detail: str = ""

    @property
    def kg(self) -> Decimal:
        """The exact sum of the parts in kilograms."""
        return sum((part.kg for part in self.parts), Decimal(0))

    @property
    def rounded(self) -> Decimal | None:
        """Whole kilograms, half to even; None where something is lacking."""
        return None if self.lack else self.kg.quantize(WHOLE, rounding=ROUND_HALF_EVEN)

    @property
    def with_box(self) -> Decimal | None:
        """Container and cargo together: the sum without the box's tare; None where even that is not known."""
        if self.lack not in (None, Lack.BOX_TARE) or len(self.parts) < 2:
            return None
        return sum((part.kg for part in self.parts if part.what != "box"), Decimal(0))


@dataclass(frozen=True, slots=True)
class BoxTare:
    """Tare of one container, and where it is known from."""

    kg: Decimal
    origin: str


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What is known of the empty truck: its parts' tares, or the name of what is lacking."""

    parts: tuple[Part, ...] = ()
    lacking: str = ""


def weighed_once(
    gross: Decimal | None, vehicle: Vehicle, box_tares: Iterable[BoxTare | None], origin: str
) -> Mass:
    """Gross less the tares of vehicle and boxes; ``box_tares`` is empty where the box counts as cargo."""
    way = Way.GROSS_MINUS_TARES
    if gross is None:
        return Mass(way, lack=Lack.WEIGHING)
    whole = Part("gross", gross, origin)
    if vehicle.lacking:
        return Mass(way, (whole, *vehicle.parts), Lack.TARES, vehicle.lacking)
    return _less_boxes(way, (whole, *vehicle.parts), box_tares)


def weighed_twice(
    first: Decimal | None,
    second: Decimal | None,
    box_tares: Iterable[BoxTare | None],
    origins: tuple[str, str],
    leaving: bool = False,
) -> Mass:
    """In less out; ``leaving``: the load goes out, so out less in."""
    way = Way.TWO_WEIGHINGS
    if first is None:
        return Mass(way, lack=Lack.WEIGHING)
    sign = -1 if leaving else 1
    parts = [Part("in", sign * first, origins[0])]
    if second is None:
        return Mass(way, tuple(parts), Lack.SECOND)
    parts.append(Part("out", -sign * second, origins[1]))
    return _less_boxes(way, tuple(parts), box_tares)


def piece(gross: Decimal | None, origin: str) -> Mass:
    """Pieces weighed by themselves: what the scale shows is what they weigh."""
    if gross is None:
        return Mass(Way.PIECE, lack=Lack.WEIGHING)
    return _positive(Way.PIECE, (Part("gross", gross, origin),))


def declared(kg: Decimal | None, origin: str) -> Mass:
    """What was declared for one of several documents: a measured net is never split."""
    if kg is None:
        return Mass(Way.DECLARED, lack=Lack.DECLARED)
    return Mass(Way.DECLARED, (Part("declared", kg, origin),))


def _less_boxes(way: Way, parts: tuple[Part, ...], box_tares: Iterable[BoxTare | None]) -> Mass:
    boxes = tuple(box_tares)
    taken = tuple(Part("box", -box.kg, box.origin) for box in boxes if box is not None)
    if len(taken) < len(boxes):
        return Mass(way, parts, Lack.BOX_TARE)
    return _positive(way, parts + taken)


def _positive(way: Way, parts: tuple[Part, ...]) -> Mass:
    mass = Mass(way, parts)
    if mass.kg.quantize(WHOLE, rounding=ROUND_HALF_EVEN) <= 0:
        return Mass(way, parts, Lack.NOT_POSITIVE, str(mass.kg))
    return mass
