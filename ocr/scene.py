"""One picture while it is read: the boxes found so far, and their strips, each cut and read once."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ocr.quad import Picture, Quad, height, upright, width
from ocr.strip import Eyes, Strip

ENLARGED = 2
"""How much larger a part of a picture is looked at closely."""


class Finder(Protocol):
    """Something that finds lines of text."""

    def find(self, picture: Picture, side: int) -> list[Quad]:
        """Their quads, looked for at `side` pixels on the picture's longer side."""


@dataclass
class Scene:
    """A picture, who reads it, and what was found in it."""

    picture: Picture
    eyes: Eyes
    quads: list[Quad] = field(default_factory=list)
    _strips: dict[int, Strip] = field(default_factory=dict)
    _dull: list[Quad] = field(default_factory=list)
    _looks: set[tuple[int, int]] = field(default_factory=set)

    def look(self, detector: Finder, side: int) -> list[Quad]:
        """Boxes that a detector finds at `side` pixels, remembered as well; none when it has looked so before."""
        if (id(detector), side) in self._looks:
            return []
        self._looks.add((id(detector), side))
        found = detector.find(self.picture, side)
        self.quads += found
        return found

    def look_closer(self, detector: Finder, around: Quad, most: int) -> list[Quad]:
        """Boxes that a detector finds in the upright rectangle around a quad, remembered as well.

        It is seen twice as large, at `most` pixels on its longer side.
        """
        edge = np.array(self.picture.shape[1::-1])
        left, top = np.clip(around.min(0), 0, edge).astype(int)
        right, bottom = np.clip(around.max(0), 0, edge).astype(int)
        part = self.picture[top:bottom, left:right]
        if not part.size:
            return []
        shift = np.array([left, top], np.float32)
        found = [quad + shift for quad in detector.find(part, min(most, ENLARGED * max(part.shape)))]
        self.quads += found
        return found

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
