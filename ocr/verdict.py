"""Which numbers are true enough to be used without a person's look.

The check digit proves little: one random string in eleven has a valid one, and many confusions (M and W,
G and Q) keep it valid. So a number is accepted when it was read very clearly, or when two recognisers
that learned apart agree on it and on no other; a number that was announced needs less.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.decode import written
from ocr.ledger import Ledger, difference, margin
from ocr.quad import overlap
from ocr.remains import WHOLE, legible
from ocr.slots import FLOOR, LETTER, Slots
from ocr.strip import Assembly, Eyes

CLEAR = (1.2, 3.5)
"""Cost and margin at which the first recogniser alone is believed."""
ALONE = (2.5, 6.0)
"""The same for a number that is read a little less clearly, but like no other."""
AGREED = (7.0, 1.0)
TOGETHER = (13.0, 4.5)
"""Cost and margin of the first, and of both together (a strange owner apart), at which they are believed.

A character that both read otherwise costs 14: a number painted with a wrong digit is not made a right one."""
FAINTEST = -2.9
"""Log probability that each character must have in one of the two recognisers. What stands in a gap of the
line, a lock rod or the rim of the check digit's box, is seen by neither so well."""
HOLE = 1.75
"""Distance of two digits of a serial, against the usual one, at which one between them may be hidden."""
CROWDED = 0.45
"""The same distance below which two digits are one: a box's rim beside it, or one digit that two boxes hold."""
CLOSE = 0.8
"""The same distance below which each of the two must be seen more surely, the check digit in its box as well."""
DOUBTFUL = -0.8
"""The same as `FAINTEST` for the digits of such a pair, and for all of a number with such a hole."""
TORN = 2.6
"""Distance at which a serial is none: two digits are hidden, or it is two texts."""
SURE = -0.22
"""Log probability from which a letter before the owner code is surely one."""
WORD = 1.2
"""Distance of a letter before the owner code, against those inside it, below which it is one word with it."""
REGULAR = (0.6, 1.6)
"""The narrowest and the widest distance of two digits in a number that several pictures show together."""
ANNOUNCED = (5.0, 1.5)
"""Cost and margin at which a number that is expected is believed."""
DEAREST = 15.0
"""A recogniser that does not see a number at all counts no more than this."""
ASSEMBLIES = 4
OWNER = 4
"""Characters of an owner code. One that is listed may be read otherwise by both: MTBU is painted oftener than MIBU."""
SECOND_CONTAINER = 4
"""Places in which a further number must differ from those that were accepted."""
FURTHER = ALONE[0]
"""What a further number may cost, a strange owner apart: among all the texts of a picture one fits by chance."""


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
        if verdict.accepted and verdict.margin >= CLEAR[1] and ledger.painted(number) <= FURTHER:
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
        or (_within(cost, gap, ALONE) and _is_painted(number, ledger, alone))
        or (number in expected and _within(ledger.painted(number), gap, ANNOUNCED))
        or (
            not alone
            and _within(cost, gap, AGREED)
            and _agreed(number, ledger)
            and _is_painted(number, ledger)
        )
    )
    return Verdict(number, cost, gap, accepted)


def _within(cost: float, gap: float, limits: tuple[float, float]) -> bool:
    return cost <= limits[0] and gap >= limits[1]


def _agreed(number: str, ledger: Ledger) -> bool:
    together = together_costs(number, ledger)
    best = min(together, key=lambda other: together[other])
    painted = together[number] - ledger.strangeness(number)
    return best == number and _within(painted, margin(number, together), TOGETHER)


def _is_painted(number: str, ledger: Ledger, alone: bool = False) -> bool:
    """Whether each of the number's characters was seen, none only guessed to make the check digit hold.

    A digit behind a post leaves a hole in the serial, and a faint mark elsewhere is taken for the eleventh
    character: of ten such marks one makes a valid number.
    """
    carriers = _carriers(number, ledger)
    steps = distances(number, carriers[0], ledger.eyes)
    if steps.min() < CROWDED or steps[:5].max() >= TORN:
        return False
    if _is_part_of_a_word(number, carriers[0], ledger.eyes):
        return False
    least = _least(steps)
    first = [carrier.first(ledger.eyes) for carrier in carriers]
    seen, liked = _best_read(number, first)
    if alone or bool(((seen >= least) & liked).all()):
        return bool((seen >= least).all())
    second = [carrier.second(ledger.eyes) for carrier in carriers]
    seen_too, liked_too = _best_read(number, second)
    otherwise = (_read_otherwise(number, first) & ~liked_too) | (_read_otherwise(number, second) & ~liked)
    if ledger.decoder.is_known(number):
        otherwise[:OWNER] = False
    return bool((np.maximum(seen, seen_too) >= least).all() and not otherwise.any())


def _read_otherwise(number: str, readings: list[Slots]) -> NDArray[np.bool_]:
    """The places in which a recogniser reads a whole other number without a doubt: one painted with a wrong check
    digit, perhaps. There the other recogniser has to read the number's own character."""
    texts = (WHOLE.search(legible(slots)) for slots in readings)
    places = [[a != b for a, b in zip(text.group(), number, strict=True)] for text in texts if text]
    return np.any(places, axis=0) if places else np.zeros(len(number), np.bool_)


def _least(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """The log probability that each of eleven characters must have, by the distances of the last seven."""
    least = np.full(11, DOUBTFUL if steps[:5].max() >= HOLE else FAINTEST, np.float32)
    close = np.flatnonzero(steps < CLOSE)
    least[close + 4] = least[close + 5] = DOUBTFUL
    return least


def is_whole(number: str, assembly: Assembly, ledger: Ledger) -> bool:
    """Whether every character of a number was seen and its digits stand at a regular distance."""
    return is_even(number, assembly, ledger.eyes) and _is_painted(number, ledger)


def is_even(number: str, assembly: Assembly, eyes: Eyes) -> bool:
    """Whether the digits of the number's serial stand at a regular distance."""
    serial = distances(number, assembly, eyes)[:5]
    return bool(REGULAR[0] <= serial.min() and serial.max() <= REGULAR[1])


def _is_part_of_a_word(number: str, assembly: Assembly, eyes: Eyes) -> bool:
    """Whether a letter stands as close before the owner code as its letters stand together: TOKYU is none."""
    slots, places = assembly.first(eyes), assembly.places(eyes)
    taken, _ = written(slots, number)
    if not taken or taken[0] == 0 or len(places) <= taken[-1]:
        return False
    before = taken[0] - 1
    if float(slots.marks[before, LETTER].max()) < SURE:
        return False
    steps = np.diff(places[[before, *taken[:4]]])
    return float(steps[0]) < WORD * float(steps[1:].max())


def _best_read(number: str, readings: list[Slots]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The reading in which the whole number is likeliest: each character's log probability, and whether no other
    character is likelier in its place."""
    best = np.full(11, FLOOR, np.float32), np.zeros(11, np.bool_)
    for slots in readings:
        places, marks = written(slots, number)
        if places and marks.sum() > best[0].sum():
            best = marks, np.asarray(marks >= slots.marks[places].max(1), np.bool_)
    return best


def distances(number: str, assembly: Assembly, eyes: Eyes) -> NDArray[np.float32]:
    """The six distances of a serial's digits and the check digit, against the usual one inside the serial.

    All are 1 where the places are unknown.
    """
    slots, _ = written(assembly.first(eyes), number)
    places = assembly.places(eyes)
    if slots and len(places) > slots[-1]:
        steps = np.diff(places[slots[4:11]])
        usual = float(np.median(steps[:5]))
        if usual > 0:
            return np.asarray(steps / usual, np.float32)
    return np.ones(6, np.float32)


def together_costs(number: str, ledger: Ledger) -> dict[str, float]:
    """What `number` and its rivals cost both recognisers, each at its best among the number's assemblies.

    A strange owner is paid for once: it is the number's fault, not the recognisers'.
    """
    assemblies = _carriers(number, ledger)
    rivals = {number}
    for assembly in assemblies:
        rivals.update(ledger.found_in[assembly])
        rivals.update(candidate.number for candidate in ledger.second(assembly))
    return _together(sorted(rivals), assemblies, ledger)


def _carriers(number: str, ledger: Ledger) -> list[Assembly]:
    """The assemblies in which the number is cheapest."""
    carriers = [(costs[number], k) for k, costs in enumerate(ledger.found_in.values()) if number in costs]
    everyone = list(ledger.found_in)
    return [everyone[k] for _, k in sorted(carriers)[:ASSEMBLIES]]


def _together(rivals: list[str], assemblies: list[Assembly], ledger: Ledger) -> dict[str, float]:
    decoder, eyes = ledger.decoder, ledger.eyes
    first = np.min([decoder.costs(a.first(eyes), rivals) + a.penalty for a in assemblies], axis=0)
    second = np.min([decoder.costs(a.second(eyes), rivals) + a.penalty for a in assemblies], axis=0)
    strange = np.array([ledger.strangeness(rival) for rival in rivals])
    total = np.minimum(DEAREST, first - strange) + np.minimum(DEAREST, second - strange) + strange
    return dict(zip(rivals, map(float, total), strict=True))
