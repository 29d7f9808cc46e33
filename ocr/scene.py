"""One picture while it is read: the boxes found so far, and their strips, each cut and read once."""

from dataclasses import dataclass, field

import numpy as np

from ocr.quad import Picture, Quad, height, upright, width
from ocr.strip import Eyes, Strip


@dataclass
class Scene:
    """A picture, who reads it, and what was found in it."""

    picture: Picture
    eyes: Eyes
    quads: list[Quad] = field(default_factory=list)
    _strips: dict[int, Strip] = field(default_factory=dict)
    _dull: list[Quad] = field(default_factory=list)

    def add(self, quads: list[Quad]) -> None:
        """Remember boxes that a detector found."""
        self.quads += quads

    def strip(self, quad: Quad) -> Strip:
        """The upright strip of a remembered box."""
        if id(quad) not in self._strips:
            self._strips[id(quad)] = Strip(upright(self.picture, quad), quad)
        return self._strips[id(quad)]

    def is_read(self, quad: Quad) -> bool:
        """Whether the box was already cut out, so that looking at it again costs little."""
        return id(quad) in self._strips

    def dismiss(self, quad: Quad) -> None:
        """Remember that a box holds no part of a number."""
        self._dull.append(quad)

    def is_dismissed(self, quad: Quad) -> bool:
        """Whether nearly the same box was dismissed: a finer look need not read it again."""
        return any(_alike(quad, dull) for dull in self._dull)


def _alike(one: Quad, other: Quad) -> bool:
    """Whether all corners lie within a quarter of the text's size of each other."""
    size = min(height(one), width(one), height(other), width(other))
    return float(np.abs(one - other).max()) < 0.25 * size
