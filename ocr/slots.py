"""A line's reading as a row of slots: for each place what character may stand there, or that none does.

The recogniser says for each of its time steps (about a third of a character wide) how probable the blank
and every character are. Runs of steps that agree become one slot:

    step    . . A A . M M a Z Z Z . .        . blank
    slot        A     M   a Z                "a" is weak: a step of low probability, it may be skipped cheaply
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ocr.models import DIGITS, LETTERS

ALPHABET = DIGITS + LETTERS
FLOOR = -7.0
"""Lowest log probability: no step is sure enough to forbid a character."""
STRONG = 0.5
WEAK = 0.04
"""Probability of any character from which a step is surely, or perhaps, not blank."""

DIGIT = np.arange(10)
LETTER = np.arange(10, 36)
CATEGORY = np.array([ALPHABET.index(letter) for letter in "UJZ"])

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Slots:
    """`marks` (n, 36): log probability of each character of `ALPHABET` in each slot; `blank` (n,): of none;
    `places` (n,): where on the line, 0 its beginning and 1 its end; empty when the reader cannot say."""

    marks: Floats
    blank: Floats
    places: Floats = field(default_factory=lambda: np.empty(0, np.float32))

    def __len__(self) -> int:
        return len(self.blank)

    def digits(self, length: int) -> float:
        """Mean log probability of the best run of `length` digits; -9 when there are fewer slots."""
        return _best_run([self.marks[:, DIGIT].max(1)] * length) if len(self) >= length else -9.0

    def run(self, characters: NDArray[np.intp], length: int) -> tuple[float, int]:
        """The best run of `length` slots with one of these characters each: mean log probability, first slot."""
        if len(self) < length:
            return -9.0, 0
        sums = np.convolve(self.marks[:, characters].max(1), np.ones(length), "valid")
        first = int(sums.argmax())
        return float(sums[first]) / length, first

    def owner(self) -> float:
        """The same for three letters and a category letter."""
        if len(self) < 4:
            return -9.0
        letter = self.marks[:, LETTER].max(1)
        return _best_run([letter, letter, letter, self.marks[:, CATEGORY].max(1)])

    def until(self, end: int) -> "Slots":
        """The slots before the one numbered `end`; none for a negative one."""
        end = max(0, end)
        return Slots(self.marks[:end], self.blank[:end], self.places[:end])

    def text(self) -> str:
        """The most probable characters, for a person to read."""
        best = self.marks.argmax(1)
        return "".join(
            ALPHABET[c] for c, m, b in zip(best, self.marks.max(1), self.blank, strict=True) if m > b
        )


def joined(parts: list[Slots]) -> Slots:
    """One row of slots from several lines, in their order; places are lost unless there is one line only."""
    if len(parts) == 1:
        return parts[0]
    return Slots(
        np.concatenate([part.marks for part in parts]), np.concatenate([part.blank for part in parts])
    )


def from_steps(chance: Floats) -> Slots:
    """Slots of a recogniser's time steps: `chance` (steps, 36) is the probability of each character."""
    present = chance.sum(1)
    blank = np.clip(1 - present, 1e-6, 1)
    runs = _runs(present, chance.argmax(1))
    kept = [run for k, run in enumerate(runs) if run.strong or not _belongs_to_a_neighbour(runs, k)]
    if not kept:
        return Slots(np.empty((0, len(ALPHABET)), np.float32), np.empty(0, np.float32))
    edges = np.array([[run.first, run.last + 1] for run in kept])
    return Slots(
        np.maximum(np.log(_in_runs(np.maximum, chance, edges) + 1e-9), FLOOR).astype(np.float32),
        np.maximum(np.log(_in_runs(np.minimum, blank, edges)), FLOOR).astype(np.float32),
        _middles(present, edges),
    )


def _in_runs(best: np.ufunc, values: Floats, edges: NDArray[np.int64]) -> Floats:
    """The greatest or least of `values` in each run; `edges` (n, 2) are first steps and those after the last."""
    beyond = np.concatenate([values, values[-1:]])
    return np.asarray(best.reduceat(beyond, edges.ravel())[::2], np.float32)


def _middles(present: Floats, edges: NDArray[np.int64]) -> Floats:
    """Where runs lie on their line, their steps weighed by how surely something stands there."""
    weight = np.concatenate([[0.0], np.cumsum(present, dtype=np.float64)])
    moment = np.concatenate([[0.0], np.cumsum(present * (np.arange(len(present)) + 0.5), dtype=np.float64)])
    first, after = edges.T
    middles = (moment[after] - moment[first]) / (weight[after] - weight[first])
    return np.asarray(middles / len(present), np.float32)


@dataclass(frozen=True, slots=True)
class _Run:
    first: int
    last: int
    strong: bool
    character: int


def _runs(present: Floats, best: NDArray[np.intp]) -> list[_Run]:
    """Stretches of steps with one best character, strong and weak ones apart."""
    runs: list[_Run] = []
    surely, characters = (present >= STRONG).tolist(), best.tolist()
    for step in map(int, np.flatnonzero(present >= WEAK)):
        strong, character = surely[step], characters[step]
        before = runs[-1] if runs else None
        if before and (before.last, before.strong, before.character) == (step - 1, strong, character):
            runs[-1] = _Run(before.first, step, strong, character)
        else:
            runs.append(_Run(step, step, strong, character))
    return runs


def _belongs_to_a_neighbour(runs: list[_Run], k: int) -> bool:
    """A weak run that touches a strong one of the same character is that character's rim."""
    run = runs[k]
    return any(
        other.strong
        and other.character == run.character
        and (other.last + 1 == run.first or run.last + 1 == other.first)
        for other in runs[max(0, k - 1) : k + 2]
    )


def _best_run(rows: list[Floats]) -> float:
    length = len(rows)
    count = len(rows[0]) - length + 1
    return float(max(np.mean([rows[j][i + j] for j in range(length)]) for i in range(count)))
