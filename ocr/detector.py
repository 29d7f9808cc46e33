"""Where text is in a picture: a differentiable-binarisation network (PP-OCR) and the boxes around its blobs.

The network gives each pixel the probability of being the core of a line of text. A blob of probable
pixels is a line; its box is grown, because the core is narrower than the text.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.network import Network
from ocr.quad import Picture, Quad, height, ordered, width

PIXEL = 0.25
"""Probability from which a pixel belongs to a text."""
BLOB = 0.4
"""Mean probability from which a blob is a text."""
GROWTH = 1.7
"""How far a box grows: area times this over perimeter."""
MOST_BLOBS = 300
SMALLEST_BLOB = 2.0
SMALLEST_BOX = 5.0
"""Pixels; smaller text cannot be read."""
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
"""Of the pictures that the network learned from (ImageNet's)."""


class Detector:
    """Finds lines of text."""

    def __init__(self, path: Path) -> None:
        self._network = Network(path)

    def find(self, picture: Picture, side: int) -> list[Quad]:
        """Quads of text, looked for at `side` pixels on the picture's longer side (at most doubled)."""
        import cv2

        chance = self._chance(picture, side)
        mask = (chance > PIXEL).astype(np.uint8)
        blobs, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        limit = np.array([picture.shape[1] - 1, picture.shape[0] - 1], np.float32)
        scale = np.array([picture.shape[1] / chance.shape[1], picture.shape[0] / chance.shape[0]], np.float32)
        quads = (_box(np.asarray(blob), chance) for blob in blobs[:MOST_BLOBS])
        found = (np.clip(quad * scale, 0, limit) for quad in quads if quad is not None)
        return [quad for quad in found if min(width(quad), height(quad)) >= SMALLEST_BOX]

    def _chance(self, picture: Picture, side: int) -> NDArray[np.float32]:
        import cv2

        high, wide = picture.shape[:2]
        ratio = min(2.0, side / max(high, wide))
        size = tuple(max(32, round(length * ratio / 32) * 32) for length in (wide, high))
        method = cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR
        small = cv2.resize(picture, size, interpolation=method)
        planes = np.empty((1, 3, *small.shape[:2]), np.float32)
        for k, (mean, deviation) in enumerate(zip(MEAN, DEVIATION, strict=True)):
            np.multiply(small[..., k], np.float32(1 / 255 / deviation), out=planes[0, k])
            planes[0, k] -= np.float32(mean / deviation)
        return np.asarray(self._network.run(planes)[0, 0], np.float32)


def _box(blob: NDArray[np.int32], chance: NDArray[np.float32]) -> Quad | None:
    """The grown box of a blob in the network's pixels; None when it is too small or too improbable."""
    import cv2

    if len(blob) < 4:
        return None
    centre, (wide, high), angle = cv2.minAreaRect(blob)
    if min(wide, high) < SMALLEST_BLOB or _mean_inside(blob, chance) < BLOB:
        return None
    grown = wide * high * GROWTH / (2 * (wide + high))
    size = (wide + 2 * grown, high + 2 * grown)
    return ordered(np.asarray(cv2.boxPoints((centre, size, angle)), np.float32))


def _mean_inside(blob: NDArray[np.int32], chance: NDArray[np.float32]) -> float:
    import cv2

    x, y, wide, high = cv2.boundingRect(blob)
    inside = np.zeros((high, wide), np.uint8)
    cv2.fillPoly(inside, [blob.reshape(-1, 2) - np.array([x, y])], (1,))
    return float(cv2.mean(chance[y : y + high, x : x + wide], inside)[0])
