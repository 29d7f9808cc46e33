"""The size-type code that stands beside a container number (ISO 6346:2022, annexes D and E).

    2 2 G 1
    | | +-+-- type: G general purpose, R refrigerated, U open top, P platform, T tank …
    | +------ height and width: 2 8 ft 6 in, 5 9 ft 6 in …
    +-------- length: 2 20 ft, 4 40 ft, L 45 ft …

Below a line, to its right, or beside a column. The codes of before 1995 are four digits (4310). Most
containers bear one of few codes, so a rare one must be painted more clearly to be believed.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ocr import columns
from ocr.decode import DEAREST_SKIP, NEVER
from ocr.quad import Quad, Vector, direction, height, is_tall, normal, spanning, upright, width
from ocr.scene import Scene
from ocr.slots import ALPHABET, Slots
from ocr.strip import Assembly, Kind, Strip

LENGTHS = "1234ABCDEGHLMNPR"
HEIGHTS = "0245689CDEFLMNP"
TYPES = {
    "G": "012349",
    "V": "024A",
    "R": "01239E",
    "H": "01256",
    "U": "0123456",
    "P": "012358",
    "T": "0123456789",
    "K": "012345678",
    "B": "013",
    "N": "0U",
    "S": "01",
}
"""Second characters of a type by its first."""
OLD_TYPES = ("00", "10", "30", "32", "51")

RARITY = {
    0.0: "22G1 45G1",
    0.5: "42G1 45R1",
    0.8: "22R1 L5G1",
    1.0: "25G1 22U1 42U1",
    1.2: "22G0 45U1 42P1 22P3 45P3 42P3 22K2 22T6 42R1",
    1.5: "42G0 45G0 LEG1 2NG1 2EG1 22U6 22P1 22T0 25R1",
    2.0: "40R1 45R0 4CG1 2CG1 12G1 22V0 22V2 25U1 42H0 45R3 22U0",
    2.5: "22G4",
}
"""What a code costs because it is rare, in natural logarithms; estimated from what stands in depots."""
UNUSUAL = 3.2
"""The other codes made of usual lengths, heights and types."""
UNHEARD = 5.0
USUAL_TYPES = frozenset(
    ["G0", "G1", "G2", "G3", "R1", "U0", "U1", "P1", "P3", "T0", "T1", "T5", "T6", "K1", "K2"]
)

CODE = 4
"""Characters of a code."""
EDGE = -0.6
INNER = -4.0
MOST_SLOTS = 26
BELOW, RIGHT, BESIDE = 0.0, 1.0, 1.5
"""What a place costs; below the number is the usual one."""
MOST_UNREAD = 6
"""Boxes read for the code's sake alone."""
LONGEST = 8.0
"""Length of such a box against its height: in a longer one stands more than a code."""
PLAIN = 0.8
"""Cost at which no further box is read."""
LIMITS = (6.0, 2.0)
"""Cost and margin at which a code is believed."""


@dataclass(frozen=True, slots=True)
class Table:
    """All codes: text, what each costs (n,), and the tree of their beginnings.

    A level is one character longer than the one before: for each beginning the row of the same without its last
    character, and that character as an index of `ALPHABET`.
    """

    texts: tuple[str, ...]
    costs: NDArray[np.float32]
    levels: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]


@cache
def table() -> Table:
    """Every code of the grammar with what its rarity costs."""
    rare = {code: cost for cost, codes in RARITY.items() for code in codes.split()}
    types = [first + second for first, seconds in TYPES.items() for second in seconds]
    new = ["".join(parts) for parts in product(LENGTHS, HEIGHTS, types)]
    old = ["".join(parts) for parts in product("24", "0235", OLD_TYPES)]
    texts = tuple(dict.fromkeys(new + old))
    levels, shorter = [], {"": 0}
    for length in range(1, CODE + 1):
        longer = list(dict.fromkeys(text[:length] for text in texts))
        last = [ALPHABET.index(text[-1]) for text in longer]
        levels.append((np.array([shorter[text[:-1]] for text in longer]), np.array(last)))
        shorter = {text: row for row, text in enumerate(longer)}
    return Table(
        texts, np.array([rare.get(text, _rarity(text)) for text in texts], np.float32), tuple(levels)
    )


def _rarity(code: str) -> float:
    usual = code[0] in "24L" and code[1] in "025EN" and code[2:] in USUAL_TYPES
    return UNUSUAL if usual else UNHEARD


def codes(slots: Slots) -> list[tuple[float, str]]:
    """The three best codes that a strip may hold, with their costs, cheapest first."""
    if not CODE <= len(slots) <= MOST_SLOTS:
        return []
    known = table()
    best = [np.zeros(1, np.float32), *(np.full(len(last), NEVER) for _, last in known.levels)]
    for place, (marks, blank) in enumerate(zip(slots.marks, slots.blank, strict=True)):
        outside, inside = max(float(blank), EDGE), max(float(blank), INNER, DEAREST_SKIP)
        reached, unfinished = min(CODE, place + 1), max(0, CODE - (len(slots) - 1 - place))
        for length in range(reached, max(0, unfinished - 1), -1):
            before, last = known.levels[length - 1]
            best[length] += np.float32(outside if length == CODE else inside)
            np.maximum(best[length], best[length - 1][before] + marks[last], out=best[length])
        best[0] += np.float32(outside)
    costs = known.costs - best[CODE]
    return [(float(costs[k]), known.texts[k]) for k in np.argpartition(costs, 3)[:3]]


def find(scene: Scene, number: Assembly) -> str | None:
    """The size-type code near a number that was found in `scene`; None when none is clear."""
    frame = Frame.of(number)
    costs: dict[str, float] = {}

    def weigh(strip: Strip, place: float) -> None:
        for cost, code in codes(strip.first(scene.eyes)):
            costs[code] = min(cost + place, costs.get(code, float("inf")))

    used = {id(strip.quad) for strip in number.strips}
    places = [(frame.place(quad), quad) for quad in scene.quads if id(quad) not in used]
    near = [(place, quad) for place, quad in places if place is not None]
    near.sort(key=lambda pair: pair[0])
    for place, quad in near:
        if scene.is_read(quad):
            weigh(scene.strip(quad), place)
    for place, quad in [pair for pair in near if not scene.is_read(pair[1])][:MOST_UNREAD]:
        if min(costs.values(), default=PLAIN) < PLAIN:
            break
        for strip in _strips(scene, quad, frame):
            weigh(strip, place)
    if not frame.is_column and min(costs.values(), default=LIMITS[0]) > 2.5:
        for quad in frame.below():
            if min(costs.values(), default=PLAIN) >= PLAIN:
                weigh(Strip(upright(scene.picture, quad), quad), 0.5)
    return _clear(costs)


def _clear(costs: dict[str, float]) -> str | None:
    ranked = sorted((cost, code) for code, cost in costs.items())
    if not ranked or ranked[0][0] > LIMITS[0]:
        return None
    clear = len(ranked) == 1 or ranked[1][0] - ranked[0][0] >= LIMITS[1]
    return ranked[0][1] if clear else None


def _strips(scene: Scene, quad: Quad, frame: "Frame") -> list[Strip]:
    longer, shorter = max(height(quad), width(quad)), min(height(quad), width(quad))
    if longer > LONGEST * shorter:
        return []
    if frame.is_column and is_tall(quad):
        return list(columns.short_strips(scene.picture, quad))
    return [] if is_tall(quad) else [scene.strip(quad)]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a number stands: its direction, and its extent along (u) and across (v) that direction."""

    along: Vector
    left: float
    right: float
    top: float
    bottom: float
    line: float
    """Height of a line, for a column the width of a character."""
    is_column: bool

    @classmethod
    def of(cls, number: Assembly) -> "Frame":
        """The frame of an assembly's strips."""
        quads = [strip.quad for strip in number.strips]
        is_column = number.kind is not Kind.LINE
        along = direction(quads[0])
        points = np.concatenate(quads)
        u, v = points @ along, points @ normal(along)
        sizes = [width(quad) if is_column else height(quad) for quad in quads]
        edges = (float(u.min()), float(u.max()), float(v.min()), float(v.max()))
        return cls(along, *edges, float(np.median(sizes)), is_column)

    def place(self, quad: Quad) -> float | None:
        """What it costs that a code stands in `quad`; None where none is expected."""
        centre = quad.mean(0)
        u, v = float(centre @ self.along), float(centre @ normal(self.along))
        if self.is_column:
            level = abs(v - (self.top + self.bottom) / 2) < 0.8 * (self.bottom - self.top)
            return BESIDE if level and abs(u - (self.left + self.right) / 2) < 6 * self.line else None
        drop = (v - self.bottom) / self.line
        if -0.2 < drop < 2.6 and self.left - self.line < u < self.right + 2 * self.line:
            return BELOW if 0.4 < height(quad) / self.line < 1.9 else RIGHT
        level = abs(v - (self.top + self.bottom) / 2) < 0.7 * self.line
        if level and self.right - self.line < u < self.right + 10 * self.line:
            return RIGHT
        return None

    def is_over(self, quad: Quad) -> bool:
        """Whether the number stands over a box, as it does over the weights of its face, or in it."""
        centre = quad.mean(0)
        u, v = float(centre @ self.along), float(centre @ normal(self.along))
        beside = self.left - 4 * self.line < u < self.right + 4 * self.line
        return beside and self.top - 0.5 * self.line < v < self.bottom + 25 * self.line

    def below(self) -> list[Quad]:
        """Where the code should stand under a line, when the detector saw nothing there."""
        line = self.line
        return [
            spanning(
                self.along,
                self.left - 0.3 * line,
                self.right + 0.3 * line,
                self.bottom + (drop - 0.1) * line,
                self.bottom + (drop + 1.2) * line,
            )
            for drop in (0.15, 0.45)
        ]
