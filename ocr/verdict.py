"""Which numbers are true enough to be used without a person's look.

The check digit proves little: one random string in eleven has a valid one, and many confusions (M and W,
G and Q) keep it valid. So a number is accepted when it was read very clearly, or when two recognisers
that learned apart agree on it and on no other; a number that was announced needs less.
"""

from dataclasses import dataclass

from ocr.ledger import Ledger, difference, margin
from ocr.quad import overlap
from ocr.strip import Assembly

CLEAR = (1.2, 3.5)
"""Cost and margin at which the first recogniser alone is believed."""
ALONE = (2.5, 6.0)
"""The same for a number that is read a little less clearly, but like no other."""
AGREED = (7.0, 1.0)
TOGETHER = (13.0, 4.5)
"""Cost and margin of the first, and of both together (a strange owner apart), at which they are believed.

A character that both read otherwise costs 14: a number painted with a wrong digit is not made a right one."""
ANNOUNCED = (5.0, 1.5)
"""Cost and margin at which a number that is expected is believed."""
DEAREST = 15.0
"""A recogniser that does not see a number at all counts no more than this."""
ASSEMBLIES = 4
SECOND_CONTAINER = 4
"""Places in which a further number must differ from those that were accepted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A candidate with its cost and margin, and whether it may be used."""

    number: str
    cost: float
    margin: float
    accepted: bool


def judge(ledger: Ledger, expected: frozenset[str] = frozenset(), alone: bool = False) -> list[Verdict]:
    """The verdict on the best number, and on every further container's that was read elsewhere.

    `alone`: there is no second recogniser that could agree.
    """
    costs = ledger.costs()
    if not costs:
        return []
    best = _verdict(next(iter(costs)), costs, ledger, expected, alone)
    verdicts = [best]
    for number in costs if best.accepted else ():
        if any(not _is_apart(number, verdict.number, ledger) for verdict in verdicts):
            continue
        here = {other: cost for other, cost in costs.items() if not _is_apart(number, other, ledger)}
        verdict = _verdict(number, here, ledger, expected, alone)
        if verdict.accepted and verdict.margin >= CLEAR[1]:
            verdicts.append(verdict)
    return verdicts


def _is_apart(number: str, other: str, ledger: Ledger) -> bool:
    """Whether two numbers are unlike and were read in different places: on two containers."""
    places = [[strip.quad for strip in ledger.entries[n].assembly.strips] for n in (number, other)]
    return difference(number, other) >= SECOND_CONTAINER and not any(
        overlap(one, two) for one in places[0] for two in places[1]
    )


def _verdict(
    number: str, costs: dict[str, float], ledger: Ledger, expected: frozenset[str], alone: bool
) -> Verdict:
    cost, gap = costs[number], margin(number, costs)
    accepted = (
        _within(cost, gap, CLEAR)
        or _within(cost, gap, ALONE)
        or (number in expected and _within(ledger.painted(number), gap, ANNOUNCED))
        or (not alone and _within(cost, gap, AGREED) and _agreed(number, ledger))
    )
    return Verdict(number, cost, gap, accepted)


def _within(cost: float, gap: float, limits: tuple[float, float]) -> bool:
    return cost <= limits[0] and gap >= limits[1]


def _agreed(number: str, ledger: Ledger) -> bool:
    together = together_costs(number, ledger)
    best = min(together, key=lambda other: together[other])
    painted = together[number] - ledger.strangeness(number)
    return best == number and _within(painted, margin(number, together), TOGETHER)


def together_costs(number: str, ledger: Ledger) -> dict[str, float]:
    """What `number` and its rivals cost both recognisers, each at its best among the number's assemblies.

    A strange owner is paid for once: it is the number's fault, not the recognisers'.
    """
    assemblies = _carriers(number, ledger)
    rivals = {number}
    for assembly in assemblies:
        rivals.update(ledger.found_in[assembly])
        rivals.update(candidate.number for candidate in ledger.second(assembly))
    return {rival: _together(rival, assemblies, ledger) for rival in rivals}


def _carriers(number: str, ledger: Ledger) -> list[Assembly]:
    """The assemblies in which the number is cheapest."""
    carriers = [(costs[number], k) for k, costs in enumerate(ledger.found_in.values()) if number in costs]
    everyone = list(ledger.found_in)
    return [everyone[k] for _, k in sorted(carriers)[:ASSEMBLIES]]


def _together(number: str, assemblies: list[Assembly], ledger: Ledger) -> float:
    decoder, eyes, strange = ledger.decoder, ledger.eyes, ledger.strangeness(number)
    first = min(decoder.cost(a.first(eyes), number) + a.penalty for a in assemblies)
    second = min(decoder.cost(a.second(eyes), number) + a.penalty for a in assemblies)
    return min(DEAREST, first - strange) + min(DEAREST, second - strange) + strange
