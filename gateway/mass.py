"""The mass of a load: from a gross weight and tares to the kilograms that a report may say.

    cargo               = gross − tractor − chassis − box
    cargo and container = gross − tractor − chassis          (where the site's rules say so)

A truck's gross weight is never the weight of its cargo. Every number of the way is kept, with where it comes
from; the sum is rounded once, at the end, to whole kilograms, half to even.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from gateway.site import PayloadWeight, Tares


class Lack(StrEnum):
    """Why a load has no known mass."""

    WEIGHING = "weighing"
    TARES = "tares"
    BOX_TARE = "box_tare"
    NOT_POSITIVE = "not_positive"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Part:
    """One number of the sum; tares are negative. ``origin`` is an evidence id, *site* or *preadvice*."""

    what: str
    kg: Decimal
    origin: str


@dataclass(frozen=True, slots=True)
class Mass:
    """A known mass with its way, or what it lacks. ``kg`` is exact, `rounded` is what a report says."""

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
        return None if self.lack else self.kg.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class BoxTare:
    """Tare of one container, and where it is known from."""

    kg: Decimal
    origin: str


def net_of_gross(
    gross: Decimal | None,
    gross_origin: str,
    tares: Tares,
    payload_weight: PayloadWeight,
    box_tares: tuple[BoxTare | None, ...],
) -> Mass:
    """The mass of a load that was weighed once. ``box_tares``: one for each container on the truck."""
    if gross is None:
        return Mass(lack=Lack.WEIGHING)
    parts = [Part("gross", gross, gross_origin)]
    for what, tare in (("tractor", tares.tractor_kg), ("chassis", tares.chassis_kg)):
        if tare is None:
            return Mass(tuple(parts), Lack.TARES, what)
        parts.append(Part(what, -tare, "site"))
    if payload_weight is PayloadWeight.CARGO:
        for box in box_tares:
            if box is None:
                return Mass(tuple(parts), Lack.BOX_TARE)
            parts.append(Part("box", -box.kg, box.origin))
    mass = Mass(tuple(parts))
    if mass.kg.quantize(Decimal(1), rounding=ROUND_HALF_EVEN) <= 0:
        return Mass(tuple(parts), Lack.NOT_POSITIVE, str(mass.kg))
    return mass
