"""Two readings of one line laid over each other: what one picture hides another may show.

    earlier   M S K U   4 1 ▮ 5 3 2   9        a post before the third digit
    newer     M S K U   4 1 3 5 3 ▮   9        the post before the last one
    together  M S K U   4 1 3 5 3 2   9

Characters that are alike are paired first, in their order. The pairs say how the camera has moved: the places of
one picture are those of the other, scaled and shifted. By that map every character of the one is brought to its
place among those of the other. Where both see something, the mean of their log probabilities counts, as if
each frame knew nothing that the other does not: near-identical frames repeat their errors. Where only one sees
something, the other had it hidden, or it is none: it may be skipped more cheaply.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocr.slots import Floats, Slots

LEAST_PAIRS = 5
"""Characters that two readings must have in common."""
ASTRAY = 0.35
"""Distance from its pair, in pitches, at which a character is another one."""
DIFFERENT = -2.5
"""Log probability of being the same character below which two are no pair."""
GAP = -0.7
"""What a character without a pair costs while pairs are looked for."""
ALONE = 0.5
"""Share of its own log probability of being none that a character keeps which another frame does not show."""
ZOOM = 1.5
"""The most that a camera comes nearer between two frames, either way."""


@dataclass(frozen=True, slots=True)
class Line:
    """Two recognisers' slots of one line of text; `first.places` and `second.places` are pixels of its picture."""

    first: Slots
    second: Slots

    @property
    def pitch(self) -> float:
        """The usual distance of two neighbours in pixels."""
        steps = np.diff(_strong_places(self.first))
        return float(np.median(steps)) if len(steps) else 0.0


@dataclass(frozen=True, slots=True)
class Shift:
    """How places of one picture lie in another: `scale` times the place, and `offset`."""

    scale: float
    offset: float

    def moved(self, slots: Slots) -> Slots:
        """Slots with their places brought into the other picture."""
        places = slots.places * np.float32(self.scale) + np.float32(self.offset)
        return Slots(slots.marks, slots.blank, places)

    def line(self, line: Line) -> Line:
        """Both recognisers' slots of a line, moved."""
        return Line(self.moved(line.first), self.moved(line.second))


def together(one: list[Line], other: list[Line]) -> list[Line] | None:
    """Readings of the same lines of text as one, with the places of `one`; None when they are not the same.

    The lines that have most in common are laid over each other first, then those above and below them. Of two
    first lines without anything in common, one is the owner's name, or rubbish: the better owner code counts.
    """
    pairs = {(i, j): _pairs(a.first, b.first) for i, a in enumerate(one) for j, b in enumerate(other)}
    if not pairs:
        return None
    i, j = max(pairs, key=lambda both: len(pairs[both]))
    shift = _shift(one[i], other[j], pairs[i, j])
    if shift is None or one[i].pitch <= 0:
        return None
    level = [(row + i, row + j) for row in range(-max(i, j), max(len(one) - i, len(other) - j))]
    if sum(len(pairs.get(both, ())) for both in level) < LEAST_PAIRS:
        return None
    laid = []
    for k, m in level:
        if (k, m) in pairs:
            laid.append(_row(one[k], other[m], pairs[k, m], shift))
        else:
            laid.append(one[k] if 0 <= k < len(one) else shift.line(other[m]))
    return laid


def _row(one: Line, other: Line, pairs: list[tuple[int, int]], shift: Shift) -> Line:
    """One line of both readings."""
    if not pairs:
        return one if one.first.owner() >= other.first.owner() else shift.line(other)
    moved, reach = _own(one, other, pairs, shift.scale).line(other), ASTRAY * one.pitch
    return Line(_laid_over(one.first, moved.first, reach), _laid_over(one.second, moved.second, reach))


def _strong_places(slots: Slots) -> Floats:
    return np.asarray(slots.places[slots.marks.max(1) > np.log(0.5)], np.float32)


def _alike(one: Slots, other: Slots) -> Floats:
    """(n, m): log probability that two slots show the same character."""
    return np.log(np.exp(one.marks) @ np.exp(other.marks).T + 1e-6).astype(np.float32)


def _pairs(one: Slots, other: Slots) -> list[tuple[int, int]]:
    """The best pairs of alike slots in their order (Needleman and Wunsch)."""
    if not len(one) or not len(other):
        return []
    alike = _alike(one, other)
    n, m = alike.shape
    best = np.zeros((n + 1, m + 1), np.float32)
    best[:, 0], best[0, :] = GAP * np.arange(n + 1), GAP * np.arange(m + 1)
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            best[i, j] = max(
                best[i - 1, j - 1] + alike[i - 1, j - 1], best[i - 1, j] + GAP, best[i, j - 1] + GAP
            )
    pairs, i, j = [], n, m
    while i and j:
        if best[i, j] == best[i - 1, j - 1] + alike[i - 1, j - 1]:
            i, j = i - 1, j - 1
            if alike[i, j] > DIFFERENT:
                pairs.append((i, j))
        elif best[i, j] == best[i - 1, j] + GAP:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _shift(one: Line, other: Line, pairs: list[tuple[int, int]]) -> Shift | None:
    """The map that most pairs agree on; None when a fifth of them lies astray."""
    if len(pairs) < 3:
        return None
    a = one.first.places[[i for i, _ in pairs]].astype(float)
    b = other.first.places[[j for _, j in pairs]].astype(float)
    kept = np.ones(len(a), bool)
    for _ in range(2):
        if kept.sum() < 3 or np.ptp(b[kept]) <= 0:
            return None
        scale, offset = np.polyfit(b[kept], a[kept], 1)
        kept = np.abs(a - scale * b - offset) < ASTRAY * max(one.pitch, 1e-6)
    if kept.mean() < 0.8 or not 1 / ZOOM < scale < ZOOM:
        return None
    return Shift(float(scale), float(offset))


def _own(one: Line, other: Line, pairs: list[tuple[int, int]], scale: float) -> Shift:
    """The map of one line, whose scale is that of the whole."""
    away = [float(one.first.places[i] - scale * other.first.places[j]) for i, j in pairs]
    return Shift(scale, float(np.median(away)))


def _laid_over(one: Slots, other: Slots, reach: float) -> Slots:
    """Both readings' slots by their places, those at one place as one."""
    pairs = _nearest(one.places, other.places, reach)
    parts = [_mean(one, i, other, j) for i, j in pairs]
    mine, yours = {i for i, _ in pairs}, {j for _, j in pairs}
    parts += [_single(one, i) for i in range(len(one)) if i not in mine]
    parts += [_single(other, j) for j in range(len(other)) if j not in yours]
    parts.sort(key=lambda part: part[2])
    if not parts:
        return one
    marks, blank, places = zip(*parts, strict=True)
    return Slots(np.stack(marks), np.array(blank, np.float32), np.array(places, np.float32))


def _nearest(one: Floats, other: Floats, reach: float) -> list[tuple[int, int]]:
    """Pairs of places nearer than `reach`, the nearest first, each place once."""
    if not len(one) or not len(other):
        return []
    away = np.abs(one[:, None] - other[None])
    pairs: list[tuple[int, int]] = []
    for flat in np.argsort(away, axis=None):
        i, j = divmod(int(flat), len(other))
        if away[i, j] > reach:
            break
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


Part = tuple[Floats, float, float]


def _mean(one: Slots, i: int, other: Slots, j: int) -> Part:
    marks = np.asarray((one.marks[i] + other.marks[j]) / 2, np.float32)
    return marks, float(one.blank[i] + other.blank[j]) / 2, float(one.places[i] + other.places[j]) / 2


def _single(slots: Slots, k: int) -> Part:
    return slots.marks[k], float(slots.blank[k]) * ALONE, float(slots.places[k])
