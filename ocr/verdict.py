"""Which numbers are true enough to be used without a person's look.

The check digit proves little: one random string in eleven has a valid one, and many confusions (M and W,
G and Q) keep it valid. So a number is accepted when it was read very clearly, or when two recognisers
that learned apart agree on it and on no other; a number that was announced needs less.
"""

from dataclasses import dataclass

from ocr.ledger import Ledger, margin
from ocr.strip import Assembly

CLEAR = (1.2, 3.5)
"""Cost and margin at which the first recogniser alone is believed."""
AGREED = (7.0, 1.0, 14.0, 3.0)
"""Cost and margin of the first, cost and margin of both together, at which their agreement is believed."""
ANNOUNCED = (5.0, 1.5)
"""Cost and margin at which a number that is expected is believed."""
UNDOUBTED = (0.8, 5.0)
"""Cost and margin at which the second recogniser is not asked."""
NOT_WORTH_ASKING = 9.0
ASSEMBLIES = 3
DEAREST = 15.0
"""A recogniser that does not see a number at all counts no more than this."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The best candidate of a picture, with its cost and margin, and whether it may be used."""

    number: str
    cost: float
    margin: float
    accepted: bool


def judge(ledger: Ledger, expected: frozenset[str] = frozenset()) -> Verdict | None:
    """The verdict on the best number of a ledger; None when it holds none."""
    costs = ledger.costs()
    if not costs:
        return None
    best = next(iter(costs))
    gap = margin(best, costs)
    accepted = (
        _within(costs[best], gap, CLEAR)
        or (best in expected and _within(costs[best], gap, ANNOUNCED))
        or _agreed(best, costs[best], gap, ledger)
    )
    return Verdict(best, costs[best], gap, accepted)


def _within(cost: float, gap: float, limits: tuple[float, float]) -> bool:
    return cost <= limits[0] and gap >= limits[1]


def _agreed(best: str, cost: float, gap: float, ledger: Ledger) -> bool:
    most, least_gap, most_joint, least_joint_gap = AGREED
    if cost > most or gap < least_gap:
        return False
    together = joint_costs(ledger)
    if not together or min(together, key=lambda number: together[number]) != best:
        return False
    return together[best] <= most_joint and margin(best, together) >= least_joint_gap


def joint_costs(ledger: Ledger) -> dict[str, float]:
    """What both recognisers together ask for each number, at its best among the best assemblies."""
    together: dict[str, float] = {}
    for assembly in ledger.best(ASSEMBLIES):
        for number, cost in _joint(assembly, ledger).items():
            together[number] = min(cost, together.get(number, 2 * DEAREST))
    return together


def _joint(assembly: Assembly, ledger: Ledger) -> dict[str, float]:
    first, second = assembly.first(ledger.eyes), assembly.second(ledger.eyes)
    numbers = set(ledger.found_in[assembly])
    numbers.update(candidate.number for candidate in ledger.decoder.candidates(second))
    return {
        number: sum(
            min(DEAREST, ledger.decoder.cost(slots, number) + assembly.penalty) for slots in (first, second)
        )
        for number in numbers
    }
