"""From a scale's weights to a truck's weighing: when one is there, when it stands still, when it is gone.

    kg │            ┌──────┐        ┌───── settled: every plateau is told
       │         ┌──┘▒▒▒▒  │     ┌──┘▒▒▒▒  (▒ settle_s seconds within settle_kg, and never while the
       │         │         │     │          indicator moves)
       │ arrive ─┤         └─────┘ half: a truck that stands here after such a dip is another one
       │  leave ─│─────────────────────────────
       └─────────┴─────────┴───────────────────── t
     zero      arrival    going, and departure where the weight falls to ``leave_kg``

Pure: weights and their times go in, what they mean comes out. Which plateau counts the visit decides. On a
platform that is shorter than a truck the axles come one after the other: there the plateaus are summed, and the
truck is gone when the platform has been free for ``axle_gap_s``.

A net weight, a tare or a held one says nothing of what stands there. Some indicators send them beside the gross
weight; where they send nothing else the weight is *masked*. A truck under a net weight is a truck all the same,
so it has its visit, without a weighing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from drivers.readings import Kind, Remark, Signal, Stamped, Weight
from gateway.clerk.stillness import Stillness
from gateway.clerk.weighing import Arrival, Departure, Going, Masked, Resumed, Settled, Step
from gateway.clerk.zero import Zero

SILENCE_S = 10.0
"""Seconds without a gross weight after which it is not sure any more that the same truck stands there."""

CONFIRM = 2
"""Weights in a row beyond a threshold that make an arrival or a departure; a single one may be a spike."""

HALF = Decimal("0.5")
"""A truck of which less than this share of its weight is left on the platform is about to be gone."""


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


@dataclass(slots=True)
class _Truck:
    """What is known of the truck that is there.

    ``last`` and ``top`` are its last and its highest plateau. ``below`` are the weights in a row under half of
    the highest, ``low`` the lowest since; ``going``: they are enough to believe them. ``missed``: the sum of
    its axles is worthless. ``masked``: it came under a net weight.
    """

    last: Decimal | None = None
    top: Decimal | None = None
    below: list[Stamped] = field(default_factory=list)
    low: Decimal | None = None
    going: Stamped | None = None
    axles: list[Settled] = field(default_factory=list)
    occupied: bool = False
    missed: bool = False
    masked: bool = False


class Weigher:
    """Follows one scale. Times never come from a clock, only from the readings."""

    def __init__(self, rules: WeighRules) -> None:
        self._rules = rules
        self._present = False
        self._crossing: list[Stamped] = []
        self._truck = _Truck()
        self._still = Stillness(rules.settle_s, rules.settle_kg)
        self._zero = Zero(rules.settle_kg)
        self._doubted = False
        self._masked_since: float | None = None
        self._last_heard: float | None = None

    @property
    def is_idle(self) -> bool:
        """Whether the scale is free and nothing speaks of a truck."""
        return not self._present and not self._crossing

    @property
    def present(self) -> bool:
        """Whether a truck is on the scale."""
        return self._present

    @property
    def masked_since(self) -> float | None:
        """Since when the indicator shows net, tare or held weights alone; None where the last one was gross."""
        return self._masked_since

    def again(self) -> None:
        """A person asks for another weighing: what stands still next counts, whatever was known before."""
        self._truck = _Truck(masked=self._truck.masked)
        self._still.clear()

    def rest(self) -> None:
        """Forget what the scale showed until now; what it shows next counts."""
        self._zero.forget()

    def hear(self, stamped: Stamped) -> list[Step]:
        """One reading of the lane."""
        reading = stamped.reading
        if isinstance(reading, Signal):
            return self._loop(stamped, reading)
        if not isinstance(reading, Weight):
            return []
        if _is_masked(reading):
            return self._hear_masked(stamped, reading)
        self._masked_since, self._truck.masked = None, False
        steps = self._after_silence(stamped)
        if self._rules.presence is None:
            steps += self._cross(stamped, reading)
        if self._present and not any(isinstance(step, Departure) for step in steps):
            steps += self._stand(stamped, reading)
        elif not self._present and not self._crossing:
            self._zero.hear(stamped.monotonic, reading)
        return steps

    def _hear_masked(self, stamped: Stamped, weight: Weight) -> list[Step]:
        """A net weight alone: at least so much stands there, so a truck has come; what it weighs is unknown."""
        if self._masked_since is None:
            self._masked_since = stamped.monotonic
        if stamped.monotonic - self._masked_since < SILENCE_S:
            return []
        steps: list[Step] = []
        by_weight = self._rules.presence is None and weight.kind is Kind.NET
        if by_weight and (self._truck.masked or not self._present):
            steps = self._cross(stamped, weight)
            self._truck.masked = self._present
            self._last_heard = stamped.monotonic
        return [*steps, Masked(stamped.at, stamped.monotonic)] if self._present else steps

    def _after_silence(self, stamped: Stamped) -> list[Step]:
        """A scale that was silent is like a gate that was away: another truck may stand there now."""
        last, self._last_heard = self._last_heard, stamped.monotonic
        if last is None or stamped.monotonic - last <= SILENCE_S or self._rules.presence is not None:
            return []
        return self.resume(Resumed(stamped.at, stamped.monotonic, stamped.monotonic - last))

    def resume(self, resumed: Resumed) -> list[Step]:
        """Go on after gate or scale were away: with the same truck, unless that was too long ago to believe."""
        self._crossing.clear()
        self._still.clear()
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

    def _turn(self, first: Stamped | Resumed | Settled) -> list[Step]:
        """A truck has come, or has gone with what was summed of its axles."""
        summed = self._summed()
        self._crossing.clear()
        self._still.clear()
        self._truck = _Truck()
        self._present = not self._present
        if self._present:
            return [Arrival(first.at, first.monotonic, self._zero.at(first.monotonic))]
        self._zero.forget()
        return [*summed, Departure(first.at, first.monotonic)]

    def _stand(self, stamped: Stamped, weight: Weight) -> list[Step]:
        """What a weight says of the truck that is there: it stands, it is going, it is another one."""
        self._truck.occupied = self._truck.occupied or weight.kg > self._rules.leave_kg
        steps = [] if self._rules.axles else self._follow_dip(stamped, weight)
        if self._rules.require_zeroed and Remark.NOT_ZEROED in weight.remarks:
            self._still.clear()
            return steps
        by = self._still.hear(stamped.monotonic, weight)
        if by is None or weight.kg <= self._rules.leave_kg:
            return steps
        return steps + self._settle(Settled(stamped.at, stamped.monotonic, stamped.device, weight, by))

    def _follow_dip(self, stamped: Stamped, weight: Weight) -> list[Step]:
        """Whether most of the truck has left the platform."""
        truck = self._truck
        if truck.top is None:
            return []
        if truck.going is not None:
            truck.low = weight.kg if truck.low is None else min(truck.low, weight.kg)
            return []
        if weight.kg > truck.top * HALF:
            truck.below.clear()
            return []
        truck.below.append(stamped)
        if len(truck.below) < CONFIRM:
            return []
        truck.going, truck.low = truck.below[0], weight.kg
        return [Going(truck.going.at, truck.going.monotonic)]

    def _settle(self, settled: Settled) -> list[Step]:
        """A new plateau, of this truck or of another one."""
        truck, kg = self._truck, settled.weight.kg
        known = truck.last is not None and self._is_near(kg, truck.last)
        doubted, self._doubted = self._doubted, False
        if known:
            return self._come_back(settled)
        if doubted and truck.last is not None and not self._rules.axles:
            return self._another(settled, None)
        if truck.going is not None and self._has_risen(kg) and not self._is_near(kg, truck.top or kg):
            return self._another(settled, truck.going)
        if truck.axles and truck.last is not None:
            truck.missed = True
        truck.last = kg
        truck.top = kg if truck.top is None else max(truck.top, kg)
        if not self._rules.axles:
            return [settled, *self._come_back(settled)]
        truck.axles.append(settled)
        return []

    def _is_near(self, kg: Decimal, other: Decimal) -> bool:
        return abs(kg - other) <= self._rules.settle_kg

    def _has_risen(self, kg: Decimal) -> bool:
        """Whether so much came upon the lowest weight of a dip as makes an arrival."""
        low = self._truck.low
        return low is not None and kg - low >= self._rules.arrive_kg

    def _come_back(self, settled: Settled) -> list[Step]:
        """A truck that was about to be gone stands where it stood: the driver has moved it about."""
        truck = self._truck
        if truck.going is None or not self._is_near(settled.weight.kg, truck.top or Decimal(0)):
            return []
        truck.going, truck.low = None, None
        truck.below.clear()
        return [Going(settled.at, settled.monotonic, back=True, settled=settled)]

    def _another(self, settled: Settled, since: Stamped | None) -> list[Step]:
        """One truck has left and another has come while the gate was away, or without a free scale between.

        What stood there between them, if anything did, is all that is known of the scale's zero.
        """
        truck, moment = self._truck, since or settled
        last, top = truck.last or Decimal(0), truck.top or Decimal(0)
        gone = self._turn(moment)
        if since is not None and last <= top * HALF:
            self._zero.put(moment.monotonic, last)
        come = self._turn(moment)
        self._still.hear(settled.monotonic, settled.weight)
        return [*gone, *come]

    def _end_axle(self) -> None:
        """The platform is free between two axles: an equal weight after it is the next axle's.

        An axle that never stood still makes the sum worthless, and so does one that stood at two weights.
        """
        if self._truck.occupied and self._truck.last is None:
            self._truck.missed = True
        self._truck.occupied = False
        self._truck.last = None
        self._still.clear()

    def _summed(self) -> list[Step]:
        """The whole truck, where its axles were weighed one by one."""
        axles = self._truck.axles
        if not axles or self._truck.missed:
            return []
        last = axles[-1]
        weights = tuple(each.weight for each in axles)
        return [Settled(last.at, last.monotonic, last.device, last.weight, last.by, weights)]


def _is_masked(weight: Weight) -> bool:
    """Whether the indicator shows something else than what stands on the platform now."""
    return weight.kind in (Kind.NET, Kind.TARE) or Remark.HOLD in weight.remarks
