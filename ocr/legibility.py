"""What a camera can see of a drawn number: whether a person could read it at all.

    tall      pixels from the top of a character to its foot in the picture
    covered   share of its width behind a lock rod or a post, or beyond the picture's edge
    contrast  grey levels between lettering and paint in this light

A number that nobody could read says nothing about a reader; to leave out what it only finds hard would be
worse. So the limits are those of a person who looks closely.
"""

from dataclasses import dataclass

import numpy as np

from ocr.lettering import FACE
from ocr.quad import Quad
from ocr.render import Face
from ocr.shot import Shot, corners_of

SMALLEST = 12.0
MOST_COVERED = 0.2
FAINTEST = 20.0


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One character as one picture shows it."""

    box: Quad
    tall: float
    covered: float
    contrast: float

    @property
    def is_legible(self) -> bool:
        """Whether a person could read it."""
        return self.tall >= SMALLEST and self.covered <= MOST_COVERED and self.contrast >= FAINTEST


def glimpses(face: Face, shot: Shot, size: tuple[int, int]) -> list[Glimpse]:
    """Every character of the face's number as a picture of `size` (width, height) shows it."""
    import cv2

    wide, high = FACE
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, corners_of(shot, size, wide / high))
    levels = abs(float(np.mean(face.door.paint)) - float(np.mean(face.door.lettering))) * shot.light
    found = []
    for x0, y0, x1, y1 in face.characters:
        corners = np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], np.float32)
        box = np.asarray(cv2.perspectiveTransform(corners, matrix)[0], np.float32)
        behind_rods = _share((x0, x1), [(float(a), float(b)) for a, b in face.rods(shot)])
        hidden = min(1.0, behind_rods + _hidden(box, shot, size))
        found.append(Glimpse(box, float(np.ptp(box, axis=0).max()), hidden, levels))
    return found


def _hidden(box: Quad, shot: Shot, size: tuple[int, int]) -> float:
    """Share of a character behind the post or beyond the picture's edge."""
    (left, top), (right, bottom) = box.min(0), box.max(0)
    if left < 0 or top < 0 or right > size[0] or bottom > size[1]:
        return 1.0
    post = [] if shot.post is None else [(shot.post[0] * size[0], shot.post[1] * size[0])]
    return _share((float(left), float(right)), post)


def _share(span: tuple[float, float], covers: list[tuple[float, float]]) -> float:
    """How much of a span lies in any of the covers, which lie apart."""
    covered = sum(max(0.0, min(span[1], end) - max(span[0], start)) for start, end in covers)
    return covered / max(1e-6, span[1] - span[0])
