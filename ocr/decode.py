"""From slots to container numbers: the best strings of ISO 6346 whose check digit holds.

    M S K U 4 1 3 5 3 2 9
    | | | | |         | +- check digit: the remainder of all before, modulo 11, a remainder of 10 written as 0
    | | | | +---------+--- serial, six digits
    | | | +--------------- category: U box, J detachable equipment, Z trailer or chassis
    +-+-+----------------- owner

The search is exact. Known owner codes are laid along the slots one and all; the serial is searched with
the number of digits read and the remainder so far as its state, so that every string it keeps has the
right check digit. A slot may be skipped for the log probability that nothing stands there, cheaply before
and after the number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ocr.owners import STRANGE, Owners, keys, strange
from ocr.sighting import Candidate
from ocr.slots import ALPHABET, CATEGORY, DIGIT, FLOOR, LETTER, Slots

EDGE = -0.35
"""A slot before or after the number costs no more than this."""
DEAREST_SKIP = -5.0
DEEPEST = -16.0
"""Owner codes that score lower are not followed."""
HIDDEN = -3.0
"""What a character costs that cannot be seen, while lines are looked for that hold a number with holes."""
KEEP = 4
"""Strings kept in each state."""
LONGEST = 40
NEVER = np.float32(-1e9)

_PLACES = 7
_WEIGHTS = np.array([2**place for place in range(4, 10)]) % 11
_CAME_FROM = np.array(
    [[[(r - d * w) % 11 for d in range(10)] for r in range(11)] for w in _WEIGHTS], np.int64
)
"""[digits read, remainder after, digit]: the remainder before."""
_CHECK = np.arange(11) % 10
_EARLIER = np.tri(2 * KEEP, k=-1, dtype=bool)

Scores = NDArray[np.float32]
Codes = NDArray[np.int64]

_NO_OWNER: tuple[Scores, Codes] = (np.full((11, KEEP), NEVER), np.zeros((11, KEEP), np.int64))


def bound(slots: Slots) -> float:
    """The best score that any string of the pattern could have, whatever its check digit: quick to say."""
    if not 10 <= len(slots) <= LONGEST:
        return float(NEVER)
    letter, category, digit = (slots.marks[:, k].max(1) for k in (LETTER, CATEGORY, DIGIT))
    gains = np.stack([letter] * 3 + [category] + [digit] * 7, 1)
    best = np.full(12, NEVER)
    best[0] = 0
    for gain, blank in zip(gains, slots.blank, strict=True):
        stay = best + _skips(float(blank), 12)
        stay[1:] = np.maximum(stay[1:], best[:-1] + gain)
        best = stay
    return float(best[11])


def pattern(slots: Slots) -> float:
    """The best score of the pattern where characters may be hidden, each for `HIDDEN`."""
    letter, category, digit = (slots.marks[:, k].max(1) for k in (LETTER, CATEGORY, DIGIT))
    gains = np.stack([letter] * 3 + [category] + [digit] * 7, 1)
    best = HIDDEN * np.arange(12, dtype=np.float32)
    for gain, blank in zip(gains, slots.blank, strict=True):
        stay = best + _skips(float(blank), 12)
        stay[1:] = np.maximum(stay[1:], best[:-1] + gain)
        for place in range(1, 12):
            stay[place] = max(stay[place], stay[place - 1] + HIDDEN)
        best = stay
    return float(best[11])


def _skips(blank: float, states: int) -> Scores:
    """Cost of passing over a slot in each state; the first and the last state are outside the number."""
    skips = np.full(states, max(blank, DEAREST_SKIP), np.float32)
    skips[0] = skips[-1] = max(blank, EDGE)
    return skips


@dataclass(frozen=True)
class Decoder:
    """Finds numbers, with a table of known owners whose codes cost nothing."""

    owners: Owners
    _known: frozenset[bytes] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", keys(self.owners))

    def is_known(self, number: str) -> bool:
        """Whether the number's owner code is listed."""
        return np.array(_characters(number[:4]), np.int64).tobytes() in self._known

    def candidates(self, slots: Slots) -> list[Candidate]:
        """Up to eight numbers, best first; `cost` includes what an unlisted owner costs."""
        if not 10 <= len(slots) <= LONGEST:
            return []
        owners = self.owners.plus(strange(slots.until(len(slots) - _PLACES), self._known))
        starts = _owner_ends(slots, owners)
        scores, codes = _serials(slots, owners, starts)
        order = np.argsort(-scores, axis=None)[:8]
        found = [(float(scores.flat[k]), int(codes.flat[k])) for k in order]
        return [
            Candidate(owners.text(code // 10**_PLACES) + f"{code % 10**_PLACES:07d}", -score)
            for score, code in found
            if score > DEEPEST * 2
        ]

    def costs(self, slots: Slots, numbers: Sequence[str]) -> Scores:
        """What each of these numbers costs in these slots, found among their best or not."""
        strange = np.array([0.0 if self.is_known(number) else STRANGE for number in numbers], np.float32)
        best = np.full((len(numbers), 12), NEVER)
        best[:, 0] = 0
        characters = np.array([_characters(number) for number in numbers], np.int64)
        for marks, blank in zip(slots.marks, slots.blank, strict=True):
            stay = best + _skips(float(blank), 12)
            stay[:, 1:] = np.maximum(stay[:, 1:], best[:, :-1] + marks[characters])
            best = stay
        return strange - best[:, 11]


def _characters(number: str) -> list[int]:
    """A number's eleven characters as indices of `ALPHABET`."""
    return [ALPHABET.index(character) for character in number]


def written(slots: Slots, number: str) -> tuple[list[int], Scores]:
    """The slots in which a number's eleven characters stand at best, and each one's log probability.

    No slots, and `FLOOR` for each character, where the line is too short for the number.
    """
    gains = slots.marks[:, _characters(number)]
    best = np.full(12, NEVER)
    best[0] = 0
    taken = np.zeros((len(slots), 12), bool)
    for k, (gain, blank) in enumerate(zip(gains, slots.blank, strict=True)):
        stay = best + _skips(float(blank), 12)
        move = np.concatenate([[NEVER], best[:-1] + gain])
        taken[k] = move > stay
        best = np.maximum(stay, move)
    if best[11] <= NEVER / 2:
        return [], np.full(11, FLOOR, np.float32)
    places, character = [], 11
    for k in range(len(slots) - 1, -1, -1):
        if taken[k, character]:
            character -= 1
            places.append(k)
    places.reverse()
    return places, gains[places, range(11)]


def _owner_ends(slots: Slots, owners: Owners) -> list[tuple[Scores, Codes]]:
    """For each slot the owner codes that end in it: scores and rows, both (11, KEEP) by remainder.

    Only for the slots that leave room for the code before, and for a serial and check digit behind.
    """
    ends = []
    reached = np.full((len(owners.codes), 4), NEVER)
    reached[:, 0] = -owners.costs
    for place in range(len(slots) - _PLACES):
        gain, blank = slots.marks[place][owners.codes], float(slots.blank[place])
        ends.append(_by_remainder(reached[:, 3] + gain[:, 3], owners.residues) if place >= 3 else _NO_OWNER)
        skip = np.full(4, max(blank, DEAREST_SKIP), np.float32)
        skip[0] = max(blank, EDGE)
        grown = reached + skip
        grown[:, 1:] = np.maximum(grown[:, 1:], reached[:, :3] + gain[:, :3])
        reached = grown
    return ends + [_NO_OWNER] * (len(slots) - len(ends))


def _by_remainder(scores: Scores, residues: Codes) -> tuple[Scores, Codes]:
    best = np.full((11, KEEP), NEVER)
    rows = np.zeros((11, KEEP), np.int64)
    filled = [0] * 11
    hopeful = np.flatnonzero(scores > DEEPEST)
    for row in hopeful[np.argsort(-scores[hopeful])]:
        residue = residues[row]
        if filled[residue] < KEEP:
            best[residue, filled[residue]] = scores[row]
            rows[residue, filled[residue]] = row
            filled[residue] += 1
    return best, rows


def _serials(slots: Slots, owners: Owners, starts: list[tuple[Scores, Codes]]) -> tuple[Scores, Codes]:
    """Complete numbers by remainder, (11, KEEP): scores, and owner row times 10^7 plus digits.

    In each slot only those states are kept that can have been reached and that can still be ended.
    """
    scores = np.full((_PLACES + 1, 11, KEEP), NEVER)
    codes = np.zeros((_PLACES + 1, 11, KEEP), np.int64)
    for k, start in enumerate(starts):
        low, high = max(0, _PLACES - (len(slots) - 1 - k)), min(_PLACES, k - 3)
        if low > high:
            continue
        states = slice(low, high + 1)
        gained, written = _one_digit_more(scores, codes, slots.marks[k, DIGIT], start, states)
        blank = float(slots.blank[k])
        skips = np.full(_PLACES + 1, max(blank, DEAREST_SKIP), np.float32)
        skips[-1] = max(blank, EDGE)
        scores[states], codes[states] = _best_of(
            np.concatenate([scores[states] + skips[states, None, None], gained], 2),
            np.concatenate([codes[states], written], 2),
        )
    return scores[-1], codes[-1]


def _one_digit_more(
    scores: Scores, codes: Codes, digits: Scores, start: tuple[Scores, Codes], states: slice
) -> tuple[Scores, Codes]:
    """Every string of these states with one more digit, or with the owner that ends here: (n, 11, 10 * KEEP)."""
    count = states.stop - states.start
    gained = np.full((count, 11, 10 * KEEP), NEVER)
    written = np.zeros((count, 11, 10 * KEEP), np.int64)
    place = np.arange(max(1, states.start), min(_PLACES, states.stop))
    if len(place):
        rows, before = place - states.start, place[:, None, None] - 1
        came_from = _CAME_FROM[place - 1]
        gained[rows] = (scores[before, came_from] + digits[:, None]).reshape(len(place), 11, -1)
        written[rows] = (codes[before, came_from] * 10 + np.arange(10)[:, None]).reshape(len(place), 11, -1)
    if states.start == 0:
        gained[0, :, :KEEP], written[0, :, :KEEP] = start
    if states.stop > _PLACES:
        gained[-1, :, :KEEP] = scores[_PLACES - 1] + digits[_CHECK][:, None]
        written[-1, :, :KEEP] = codes[_PLACES - 1] * 10 + _CHECK[:, None]
    return gained, written


def _best_of(scores: Scores, codes: Codes) -> tuple[Scores, Codes]:
    """The best `KEEP` different strings of each state; one comes at most twice, by a skip and by a digit."""
    states, remainders = np.ogrid[: scores.shape[0], : scores.shape[1]]
    one, two = states[..., None], remainders[..., None]
    top = np.argsort(-scores, axis=2, kind="stable")[..., : 2 * KEEP]
    scores, codes = scores[one, two, top], codes[one, two, top]
    same = codes[..., :, None] == codes[..., None, :]
    scores[(same & _EARLIER).any(3)] = NEVER
    order = np.argsort(-scores, axis=2, kind="stable")[..., :KEEP]
    return scores[one, two, order], codes[one, two, order]
