"""Two minutes of a scale as a picture: a band between the least and the most, gaps where it was silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from gateway.bench import PLOT_S, Point

WIDTH, HEIGHT = 720, 160
GAP_S = 2.0
"""A scale that says nothing for longer is drawn with a gap."""

LEAST_KG = Decimal(20)
"""The least range of the plot, so that the last digit's flicker does not look like an earthquake."""


@dataclass(frozen=True, slots=True)
class Plot:
    """``lines``: points as SVG writes them, one text for each stretch without a gap. Kilograms."""

    lines: tuple[str, ...]
    low: Decimal
    high: Decimal
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Steadiness:
    """How the weights of a stretch lie: kilograms between least and most, seconds."""

    seconds: float
    readings: int
    spread_kg: Decimal
    longest_gap_s: float


def plot(points: Sequence[Point], now: float) -> Plot | None:
    """The plot of what was heard up to ``now``; None where nothing was."""
    if not points:
        return None
    low, high = min(p.low for p in points), max(p.high for p in points)
    middle, half = (low + high) / 2, max((high - low) / 2, LEAST_KG / 2)

    def place(point: Point, kg: Decimal) -> str:
        x = WIDTH * (1 - (now - point.monotonic) / PLOT_S)
        y = HEIGHT / 2 - float((kg - middle) / half) * (HEIGHT / 2 - 8)
        return f"{x:.1f},{y:.1f}"

    drawn = []
    for stretch in _stretches(points):
        ends = [mark for p in stretch for mark in dict.fromkeys((place(p, p.low), place(p, p.high)))]
        drawn.append(" ".join(ends))
    return Plot(tuple(drawn), low, high)


def steadiness(points: Sequence[Point]) -> Steadiness | None:
    """How steady a scale was; None where nothing was heard."""
    if not points:
        return None
    gaps = [b.monotonic - a.monotonic for a, b in pairwise(points)]
    return Steadiness(
        seconds=round(points[-1].monotonic - points[0].monotonic, 1),
        readings=len(points),
        spread_kg=max(p.high for p in points) - min(p.low for p in points),
        longest_gap_s=round(max(gaps, default=0.0), 1),
    )


def _stretches(points: Sequence[Point]) -> list[list[Point]]:
    found: list[list[Point]] = [[points[0]]]
    for before, point in pairwise(points):
        if point.monotonic - before.monotonic > GAP_S:
            found.append([])
        found[-1].append(point)
    return found
