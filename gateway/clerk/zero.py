"""The zero of a scale: what it shows while nothing stands on it, whatever that is.

A weight of a free scale counts where it did not move: the indicator does not say so, and the weight before it
was near. So the first frames of a truck that drives on are no zero.
"""

from __future__ import annotations

from decimal import Decimal

from drivers.readings import Stability, Weight

ZERO_S = 10.0
"""Seconds for which a free scale's weight counts as its zero."""


class Zero:
    """Follows a free scale. Times are seconds of the readings' own clock."""

    def __init__(self, still_kg: Decimal) -> None:
        """``still_kg``: two weights in a row that differ by no more than this did not move."""
        self._still_kg = still_kg
        self._shown: tuple[float, Decimal] | None = None
        self._before: Decimal | None = None

    def hear(self, moment: float, weight: Weight) -> None:
        """One weight of the free scale."""
        before, self._before = self._before, weight.kg
        stands = before is None or abs(weight.kg - before) <= self._still_kg
        if stands and weight.stability is not Stability.MOVING:
            self._shown = (moment, weight.kg)

    def put(self, moment: float, kg: Decimal) -> None:
        """The scale stood at this weight although it was never free."""
        self._shown = (moment, kg)

    def at(self, moment: float) -> Decimal | None:
        """Kilograms of the zero at a moment, None where nothing recent tells it."""
        if self._shown is None or moment - self._shown[0] > ZERO_S:
            return None
        return self._shown[1]

    def forget(self) -> None:
        """Nothing that was shown until now counts."""
        self._shown = self._before = None
