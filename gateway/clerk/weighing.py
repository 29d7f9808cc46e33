"""From a scale's weights to a truck's weighing: when one is there, when it stands still, when it is gone.

    kg │            ┌────────────── settled: the highest plateau counts
       │         ┌──┘▒▒▒▒           (▒ settle_s seconds within settle_kg, and never while the indicator moves)
       │ arrive ─┤                  ┐
       │  leave ─│──────────────────│─
       └─────────┴──────────────────┴──── t
     zero      arrival           departure

Pure: weights and their times go in, what they mean comes out. A truck that stops with one axle on the
platform makes a low plateau before or after the full one, so a visit keeps the highest. On a platform that is
shorter than a truck the axles come one after the other: there the plateaus are summed, and the truck is gone
when the platform has been free for ``axle_gap_s``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from drivers.readings import Kind, Remark, Signal, Stability, Stamped, Weight

ZERO_S = 10.0
"""Seconds for which a free scale's weight counts as its zero."""

SILENCE_S = 10.0
"""Seconds without any weight after which it is not sure any more that the same truck stands there."""

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
    axles: bool = False
    axle_gap_s: float = 8
    presence: str | None = None
    resume_s: float = 120


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
class Resumed:
    """The gate was away for ``gap_s`` seconds while a truck was near, and goes on from the tape."""

    at: datetime
    monotonic: float
    gap_s: float


Step = Arrival | Settled | Departure


@dataclass(slots=True)
class _Plateaus:
    """What stood still while the present truck is there."""

    window: deque[tuple[float, Weight]] = field(default_factory=deque)
    last: Decimal | None = None
    axles: list[Settled] = field(default_factory=list)
    occupied: bool = False
    missed: bool = False


class Weigher:
    """Follows one scale. Times never come from a clock, only from the readings."""

    def __init__(self, rules: WeighRules) -> None:
        self._rules = rules
        self._present = False
        self._crossing: list[Stamped] = []
        self._plateaus = _Plateaus()
        self._zero: tuple[float, Decimal] | None = None
        self._doubted = False
        self._last_heard: float | None = None

    @property
    def is_idle(self) -> bool:
        """Whether the scale is free and nothing speaks of a truck."""
        return not self._present and not self._crossing

    def again(self) -> None:
        """A person asks for another weighing: what stands still next counts, whatever was known before."""
        self._plateaus = _Plateaus()

    def rest(self) -> None:
        """Forget what the scale showed until now; what it shows next counts."""
        self._zero = None

    @property
    def present(self) -> bool:
        """Whether a truck is on the scale."""
        return self._present

    def hear(self, stamped: Stamped) -> list[Step]:
        """One reading of the lane. A tare or a net weight says nothing of what stands on the platform."""
        reading = stamped.reading
        if isinstance(reading, Signal):
            return self._loop(stamped, reading)
        if not isinstance(reading, Weight):
            return []
        steps = self._after_silence(stamped)
        if reading.kind not in (Kind.GROSS, Kind.UNKNOWN):
            return steps
        if self._rules.presence is None:
            steps += self._cross(stamped, reading)
        if self._present and not any(isinstance(step, Departure) for step in steps):
            steps += self._settle(stamped, reading)
        elif not self._present:
            self._track_zero(stamped.monotonic, reading)
        return steps

    def _after_silence(self, stamped: Stamped) -> list[Step]:
        """A scale that was silent is like a gate that was away: another truck may stand there now."""
        last, self._last_heard = self._last_heard, stamped.monotonic
        if last is None or stamped.monotonic - last <= SILENCE_S or self._rules.presence is not None:
            return []
        return self.resume(Resumed(stamped.at, stamped.monotonic, stamped.monotonic - last))

    def resume(self, resumed: Resumed) -> list[Step]:
        """Go on after gate or scale were away: with the same truck, unless that was too long ago to believe."""
        self._crossing.clear()
        self._plateaus.window.clear()
        if not self._present:
            return []
        self._doubted = True
        if resumed.gap_s <= self._rules.resume_s:
            return []
        return self._turn(resumed)

    def _loop(self, stamped: Stamped, signal: Signal) -> list[Step]:
        """Presence by an induction loop or a light barrier, where the site has one."""
        if signal.name != self._rules.presence or signal.on is self._present:
            return []
        return self._turn(stamped)

    def _cross(self, stamped: Stamped, weight: Weight) -> list[Step]:
        """Arrival or departure, dated from the first weight beyond the threshold."""
        beyond = weight.kg <= self._rules.leave_kg if self._present else weight.kg >= self._rules.arrive_kg
        if not beyond:
            self._crossing.clear()
            return []
        self._crossing.append(stamped)
        first = self._crossing[0]
        if len(self._crossing) < CONFIRM:
            return []
        if self._present and self._rules.axles:
            self._end_axle()
            if stamped.monotonic - first.monotonic < self._rules.axle_gap_s:
                return []
        return self._turn(first)

    def _turn(self, first: Stamped | Resumed) -> list[Step]:
        """A truck has come, or has gone with what was summed of its axles."""
        summed = self._summed()
        zero = self._zero
        recent = zero is not None and first.monotonic - zero[0] <= ZERO_S
        self._crossing.clear()
        self._plateaus = _Plateaus()
        self._present = not self._present
        if self._present:
            return [Arrival(first.at, first.monotonic, zero[1] if zero and recent else None)]
        self._zero = None
        return [*summed, Departure(first.at, first.monotonic)]

    def _settle(self, stamped: Stamped, weight: Weight) -> list[Step]:
        """A new plateau, where the last ``settle_s`` seconds stood still."""
        plateaus, rules = self._plateaus, self._rules
        plateaus.occupied = plateaus.occupied or weight.kg > rules.leave_kg
        if weight.stability is Stability.MOVING or self._unzeroed(weight):
            plateaus.window.clear()
            return []
        window = plateaus.window
        window.append((stamped.monotonic, weight))
        while _spread(window) > rules.settle_kg:
            window.popleft()
        if stamped.monotonic - window[0][0] < rules.settle_s or weight.kg <= rules.leave_kg:
            return []
        while stamped.monotonic - window[1][0] >= rules.settle_s:
            window.popleft()
        known = plateaus.last is not None and abs(weight.kg - plateaus.last) <= rules.settle_kg
        doubted, self._doubted = self._doubted, False
        if known:
            return []
        if doubted and plateaus.last is not None and not rules.axles:
            return self._another(stamped, weight)
        plateaus.last = weight.kg
        flags = {each.stability for _, each in window}
        by = "indicator" if flags == {Stability.STABLE} else "window"
        settled = Settled(stamped.at, stamped.monotonic, stamped.device, weight, by)
        if not rules.axles:
            return [settled]
        plateaus.axles.append(settled)
        return []

    def _another(self, stamped: Stamped, weight: Weight) -> list[Step]:
        """While the gate was away one truck left and another came: the weight is no longer the same."""
        gone = self._turn(stamped)
        come = self._turn(stamped)
        self._plateaus.window.append((stamped.monotonic, weight))
        return [*gone, *come]

    def _end_axle(self) -> None:
        """The platform is free between two axles: an equal weight after it is the next axle's.

        An axle that never stood still makes the sum worthless.
        """
        if self._plateaus.occupied and self._plateaus.last is None:
            self._plateaus.missed = True
        self._plateaus.occupied = False
        self._plateaus.last = None
        self._plateaus.window.clear()

    def _summed(self) -> list[Step]:
        """The whole truck, where its axles were weighed one by one."""
        axles = self._plateaus.axles
        if not axles or self._plateaus.missed:
            return []
        last = axles[-1]
        weights = tuple(each.weight for each in axles)
        return [Settled(last.at, last.monotonic, last.device, last.weight, last.by, weights)]

    def _track_zero(self, moment: float, weight: Weight) -> None:
        if weight.stability is not Stability.MOVING and abs(weight.kg) <= self._rules.leave_kg:
            self._zero = (moment, weight.kg)

    def _unzeroed(self, weight: Weight) -> bool:
        return self._rules.require_zeroed and Remark.NOT_ZEROED in weight.remarks


def _spread(window: deque[tuple[float, Weight]]) -> Decimal:
    values = [each.kg for _, each in window]
    return max(values) - min(values)
