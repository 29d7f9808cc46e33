"""How a truck moves over a scale: on, rocking, still, and off, as the indicator shows it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

from drivers.readings import Kind, Stability, Weight

STEP_S = 0.1
ON_S, ROCK_S, OFF_S = 1.0, 1.2, 0.8
"""Seconds of driving on, of rocking after the brakes, and of driving off."""


def drive(gross_kg: Decimal, stand_s: float, division_kg: int = 20) -> Iterator[tuple[float, Weight]]:
    """Weights with their seconds: a whole passage, after which the scale is free.

    ``stand_s`` is how long it stands still.

    The front axle comes first, so there is a lower weight for a moment; braking makes the platform swing by
    about one part in a hundred, dying away.
    """
    second = 0.0
    for share in _ramp(ON_S):
        yield second, _weight(gross_kg * Decimal(str(round(share, 3))), division_kg, moving=True)
        second += STEP_S
    for step in range(round(ROCK_S / STEP_S)):
        swing = 0.01 * math.cos(2.2 * step) * math.exp(-step / 5)
        yield second, _weight(gross_kg * Decimal(str(round(1 + swing, 5))), division_kg, moving=True)
        second += STEP_S
    yield second, _weight(gross_kg, division_kg, moving=False)
    second += stand_s
    for share in reversed(list(_ramp(OFF_S))):
        yield second, _weight(gross_kg * Decimal(str(round(share, 3))), division_kg, moving=True)
        second += STEP_S
    yield second, _weight(Decimal(0), division_kg, moving=False)


def _ramp(seconds: float) -> Iterator[float]:
    """Shares of the gross weight while axle after axle drives on: one axle, a pause, the rest."""
    steps = round(seconds / STEP_S)
    for step in range(1, steps + 1):
        part = step / steps
        yield min(0.2, part) if part < 0.5 else 0.2 + 0.8 * (part - 0.5) * 2


def _weight(kg: Decimal, division_kg: int, moving: bool) -> Weight:
    value = (kg / division_kg).quantize(Decimal(1)) * division_kg
    stability = Stability.MOVING if moving else Stability.STABLE
    return Weight(value, stability=stability, kind=Kind.GROSS)
