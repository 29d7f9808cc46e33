"""From a scale's weights to a truck's weighing: when one is there, when it stands still, when it is gone.

    kg │            ┌────────────── settled: the highest plateau counts
       │         ┌──┘▒▒▒▒           (▒ settle_s seconds within settle_kg, and never while the indicator moves)
       │ arrive ─┤                  ┐
       │  leave ─│──────────────────│─
       └─────────┴──────────────────┴──── t
               arrival           departure

Pure: weights and their times go in, what they mean comes out. A truck that stops with one axle on the
platform makes a low plateau before or after the full one, so a visit keeps the highest.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from drivers.readings import Kind, Remark, Stability, Stamped, Weight

CONFIRM = 2
"""Weights in a row beyond a threshold that make an arrival or a departure; a single one may be a spike."""


@dataclass(frozen=True, slots=True)
class WeighRules:
    """A lane's thresholds in kilograms and seconds; the site's file says what each means."""

    arrive_kg: Decimal = Decimal(1500)
    leave_kg: Decimal = Decimal(500)
    settle_s: float = 1.5
    settle_kg: Decimal = Decimal(20)
    require_zeroed: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A truck is on the scale since then."""

    at: datetime
    monotonic: float


@dataclass(frozen=True, slots=True)
class Settled:
    """A weight stood still: ``by`` the *indicator*'s own flag, or by the *window* where it has none."""

    at: datetime
    monotonic: float
    device: str
    weight: Weight
    by: str


@dataclass(frozen=True, slots=True)
class Departure:
    """The scale is free since then."""

    at: datetime
    monotonic: float


Step = Arrival | Settled | Departure


class Weigher:
    """Follows one scale. Times never come from a clock, only from the readings."""

    def __init__(self, rules: WeighRules) -> None:
        self._rules = rules
        self._present = False
        self._crossing: list[Stamped] = []
        self._window: deque[tuple[float, Weight]] = deque()
        self._plateau: Decimal | None = None

    @property
    def present(self) -> bool:
        """Whether a truck is on the scale."""
        return self._present

    def hear(self, stamped: Stamped) -> list[Step]:
        """One reading of the scale. A tare or a net weight says nothing about what stands on the platform."""
        weight = stamped.reading
        if not isinstance(weight, Weight) or weight.kind not in (Kind.GROSS, Kind.UNKNOWN):
            return []
        steps = self._cross(stamped, weight)
        if self._present and not any(isinstance(step, Departure) for step in steps):
            steps += self._settle(stamped, weight)
        return steps

    def _cross(self, stamped: Stamped, weight: Weight) -> list[Step]:
        """Arrival or departure, dated from the first weight beyond the threshold."""
        beyond = weight.kg <= self._rules.leave_kg if self._present else weight.kg >= self._rules.arrive_kg
        if not beyond:
            self._crossing.clear()
            return []
        self._crossing.append(stamped)
        if len(self._crossing) < CONFIRM:
            return []
        first = self._crossing[0]
        self._crossing.clear()
        self._window.clear()
        self._plateau = None
        self._present = not self._present
        return [(Arrival if self._present else Departure)(first.at, first.monotonic)]

    def _settle(self, stamped: Stamped, weight: Weight) -> list[Step]:
        """A new plateau, where the last ``settle_s`` seconds stood still."""
        if weight.stability is Stability.MOVING or self._unzeroed(weight):
            self._window.clear()
            return []
        window = self._window
        window.append((stamped.monotonic, weight))
        while self._spread() > self._rules.settle_kg:
            window.popleft()
        if stamped.monotonic - window[0][0] < self._rules.settle_s:
            return []
        while stamped.monotonic - window[1][0] >= self._rules.settle_s:
            window.popleft()
        if self._plateau is not None and abs(weight.kg - self._plateau) <= self._rules.settle_kg:
            return []
        self._plateau = weight.kg
        flags = {each.stability for _, each in window}
        by = "indicator" if flags == {Stability.STABLE} else "window"
        return [Settled(stamped.at, stamped.monotonic, stamped.device, weight, by)]

    def _spread(self) -> Decimal:
        values = [each.kg for _, each in self._window]
        return max(values) - min(values)

    def _unzeroed(self, weight: Weight) -> bool:
        return self._rules.require_zeroed and Remark.NOT_ZEROED in weight.remarks
