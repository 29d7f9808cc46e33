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

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ocr.owners import STRANGE, Owners, keys, strange
from ocr.sighting import Candidate
from ocr.slots import CATEGORY, DIGIT, FLOOR, LETTER, Slots

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

Scores = NDArray[np.float32]
Codes = NDArray[np.int64]


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
        row = Owners.listed([number[:4]]).codes[0]
        return row.tobytes() in self._known

    def candidates(self, slots: Slots) -> list[Candidate]:
        """Up to eight numbers, best first; `cost` includes what an unlisted owner costs."""
        if not 10 <= len(slots) <= LONGEST:
            return []
        owners = self.owners.plus(strange(slots, self._known))
        starts = _owner_ends(slots, owners)
        scores, codes = _serials(slots, owners, starts)
        order = np.argsort(-scores, axis=None)[:8]
        found = [(float(scores.flat[k]), int(codes.flat[k])) for k in order]
        return [
            Candidate(owners.text(code // 10**_PLACES) + f"{code % 10**_PLACES:07d}", -score)
            for score, code in found
            if score > DEEPEST * 2
        ]

    def cost(self, slots: Slots, number: str) -> float:
        """What one number costs in these slots, found among their best or not."""
        if not len(slots):
            return float(-NEVER)
        code = Owners.listed([number[:4]]).codes[0]
        gains = slots.marks[:, [*code, *(int(digit) for digit in number[4:])]]
        best = np.full(12, NEVER)
        best[0] = 0
        for gain, blank in zip(gains, slots.blank, strict=True):
            stay = best + _skips(float(blank), 12)
            stay[1:] = np.maximum(stay[1:], best[:-1] + gain)
            best = stay
        return -float(best[11]) + (0.0 if code.tobytes() in self._known else STRANGE)


def written(slots: Slots, number: str) -> tuple[list[int], Scores]:
    """The slots in which a number's eleven characters stand at best, and each one's log probability.

    No slots, and `FLOOR` for each character, where the line is too short for the number.
    """
    code = Owners.listed([number[:4]]).codes[0]
    gains = slots.marks[:, [*code, *(int(digit) for digit in number[4:])]]
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
    """For each slot the owner codes that end in it: scores and rows, both (11, KEEP) by remainder."""
    gains = slots.marks[:, owners.codes]
    reached = np.full((len(owners.codes), 4), NEVER)
    reached[:, 0] = -owners.costs
    ends = []
    for gain, blank in zip(gains, slots.blank, strict=True):
        ends.append(_by_remainder(reached[:, 3] + gain[:, 3], owners.residues))
        skip = np.full(4, max(float(blank), DEAREST_SKIP), np.float32)
        skip[0] = max(float(blank), EDGE)
        grown = reached + skip
        grown[:, 1:] = np.maximum(grown[:, 1:], reached[:, :3] + gain[:, :3])
        reached = grown
    return ends


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
    """Complete numbers by remainder, (11, KEEP): scores, and owner row times 10^7 plus digits."""
    scores = np.full((_PLACES + 1, 11, KEEP), NEVER)
    codes = np.zeros((_PLACES + 1, 11, KEEP), np.int64)
    for marks, blank, (start, rows) in zip(slots.marks, slots.blank, starts, strict=True):
        gained, written = _one_digit_more(scores, codes, marks[DIGIT])
        gained[0, :, :KEEP], written[0, :, :KEEP] = start, rows
        skips = np.full(_PLACES + 1, max(float(blank), DEAREST_SKIP), np.float32)
        skips[-1] = max(float(blank), EDGE)
        scores, codes = _best_of(
            np.concatenate([scores + skips[:, None, None], gained], 2), np.concatenate([codes, written], 2)
        )
    return scores[-1], codes[-1]


def _one_digit_more(scores: Scores, codes: Codes, digits: Scores) -> tuple[Scores, Codes]:
    """Every string of every state with one more digit: (8, 11, 10 * KEEP)."""
    gained = np.full((_PLACES + 1, 11, 10 * KEEP), NEVER)
    written = np.zeros((_PLACES + 1, 11, 10 * KEEP), np.int64)
    place = np.arange(6)[:, None, None]
    gained[1:7] = (scores[place, _CAME_FROM] + digits[:, None]).reshape(6, 11, -1)
    written[1:7] = (codes[place, _CAME_FROM] * 10 + np.arange(10)[:, None]).reshape(6, 11, -1)
    gained[7, :, :KEEP] = scores[6] + digits[_CHECK][:, None]
    written[7, :, :KEEP] = codes[6] * 10 + _CHECK[:, None]
    return gained, written


def _best_of(scores: Scores, codes: Codes) -> tuple[Scores, Codes]:
    """The best `KEEP` different strings of each state; one comes at most twice, by a skip and by a digit."""
    top = np.argpartition(-scores, 2 * KEEP, axis=2)[..., : 2 * KEEP]
    scores, codes = np.take_along_axis(scores, top, 2), np.take_along_axis(codes, top, 2)
    order = np.argsort(-scores, axis=2, kind="stable")
    scores, codes = np.take_along_axis(scores, order, 2), np.take_along_axis(codes, order, 2)
    same = codes[..., :, None] == codes[..., None, :]
    repeated = (same & np.tri(2 * KEEP, k=-1, dtype=bool)).any(3)
    scores = np.where(repeated, NEVER, scores)
    order = np.argsort(-scores, axis=2, kind="stable")[..., :KEEP]
    return np.take_along_axis(scores, order, 2), np.take_along_axis(codes, order, 2)
