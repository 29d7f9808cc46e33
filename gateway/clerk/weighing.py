"""What a scale's weights mean: a truck has come, stands still, is going, has gone. Facts, and nothing decided.

`gateway.clerk.weigher` finds them, `gateway.clerk.visits` keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from drivers.readings import Weight


@dataclass(frozen=True, slots=True)
class Arrival:
    """A truck is on the scale since then; ``zero_kg`` is what the free scale showed before, if it is known."""

    at: datetime
    monotonic: float
    zero_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """A weight stood still: ``by`` the *indicator*'s own flag, or by the *window* where it has none.

    ``axles`` are the weights that were summed where axles were weighed one by one; else ``weight`` is whole.
    """

    at: datetime
    monotonic: float
    device: str
    weight: Weight
    by: str
    axles: tuple[Weight, ...] = ()

    @property
    def kg(self) -> Decimal:
        """The truck's weight in kilograms."""
        return sum((axle.kg for axle in self.axles), Decimal(0)) if self.axles else self.weight.kg


@dataclass(frozen=True, slots=True)
class Departure:
    """The scale is free since then."""

    at: datetime
    monotonic: float


@dataclass(frozen=True, slots=True)
class Going:
    """Most of the truck is off the scale since then or, ``back``, the weight stands there again, as ``settled``."""

    at: datetime
    monotonic: float
    back: bool = False
    settled: Settled | None = None


@dataclass(frozen=True, slots=True)
class Masked:
    """The indicator shows a net, tare or held weight while a truck is there: nobody knows what stands there."""

    at: datetime
    monotonic: float


@dataclass(frozen=True, slots=True)
class Resumed:
    """The gate was away for ``gap_s`` seconds while a truck was near, and goes on from the tape."""

    at: datetime
    monotonic: float
    gap_s: float


Step = Arrival | Settled | Departure | Going | Masked
