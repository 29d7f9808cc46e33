"""How well a camera is aimed: what its picture shows, against what the reader needs.

letters   at least 30 pixels tall; the reader copes with less, not in rain, at night or in motion
tilt      at most 25 degrees out of the horizontal, or the vertical for stacked and turned numbers
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from drivers.camera.condition import DARK, DULL, FLAT, Look
from ocr.sighting import Box, Sighting

LETTERS = 30.0
TILT = 25.0
OF_THE_BOX = 0.68
"""Height of the letters in a detected box: measured 0.62 to 0.71 on drawn lines of 15 to 90 pixels."""


class Advice(StrEnum):
    """What to do about a picture; the texts are in the catalogue under `aim.advice`."""

    BLACK = "black"
    BLURRED = "blurred"
    SMALL = "small"
    TILTED = "tilted"
    NO_NUMBER = "no_number"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a number: its corners, the height of its letters in pixels, its tilt in degrees."""

    box: Box
    letters: float
    tilt: float

    @property
    def large_enough(self) -> bool:
        """Whether the letters are as tall as they should be."""
        return self.letters >= LETTERS

    @property
    def level_enough(self) -> bool:
        """Whether the line is as level as it should be."""
        return self.tilt <= TILT


def measured(box: Box) -> Line:
    """A box of four corners, clockwise from where the text begins, as a line. Columns count by their width.

    The tilt is the one in the picture; how obliquely the camera looks at the face cannot be told from a box.
    """
    (x0, y0), (x1, y1), _, (x3, y3) = box
    along, across = math.hypot(x1 - x0, y1 - y0), math.hypot(x3 - x0, y3 - y0)
    degrees = math.degrees(math.atan2(y1 - y0, x1 - x0)) % 90
    return Line(box, round(min(along, across) * OF_THE_BOX, 1), round(min(degrees, 90 - degrees), 1))


def advice(look: Look | None, sighting: Sighting) -> tuple[Advice, ...]:
    """What to do, the most basic thing first, nothing when all is well. The longest line is judged."""
    found: list[Advice] = []
    if look is None or (look.brightness < DARK and look.contrast < FLAT):
        return (Advice.BLACK,)
    if look.detail < DULL:
        found.append(Advice.BLURRED)
    if not sighting.boxes:
        return (*found, Advice.NO_NUMBER)
    longest = measured(max(sighting.boxes, key=_length))
    if not longest.large_enough:
        found.append(Advice.SMALL)
    if not longest.level_enough:
        found.append(Advice.TILTED)
    return tuple(found)


def _length(box: Box) -> float:
    (x0, y0), (x1, y1), _, (x3, y3) = box
    return max(math.hypot(x1 - x0, y1 - y0), math.hypot(x3 - x0, y3 - y0))
