"""Four corners of a text in a picture, and how to cut it out upright.

    0 ───── 1     corner 0 is where the text begins, clockwise; coordinates are pixels (x to the right, y
    down) │ TEXT  │     a quad is a float32 array of shape (4, 2) 3 ───── 2

A column, text stacked or turned on its side, is a quad that is much higher than wide; its corner 0 is its
upper left.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ocr.sighting import Box

Quad = NDArray[np.float32]
Picture = NDArray[np.uint8]
"""Blue, green, red; shape (height, width, 3)."""

Vector = NDArray[np.float32]

ENOUGH = 64
"""Pixels across a text that a reader needs at most: it sees 48."""


def ordered(points: NDArray[np.float32]) -> Quad:
    """Corners in any order to a quad. A leaning column is split by y first, or it would turn inside out."""
    edges = np.roll(points, -1, axis=0) - points
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    longer = edges[int(np.argmax(lengths[:2]))]
    steep = abs(longer[1]) > abs(longer[0]) and max(lengths[:2]) > 1.2 * min(lengths[:2])
    if steep:
        by_y = points[np.argsort(points[:, 1])]
        top = by_y[:2][np.argsort(by_y[:2, 0])]
        bottom = by_y[2:][np.argsort(by_y[2:, 0])]
        return np.stack([top[0], top[1], bottom[1], bottom[0]]).astype(np.float32)
    by_x = points[np.argsort(points[:, 0])]
    left = by_x[:2][np.argsort(by_x[:2, 1])]
    right = by_x[2:][np.argsort(by_x[2:, 1])]
    return np.stack([left[0], right[0], right[1], left[1]]).astype(np.float32)


def width(quad: Quad) -> float:
    """Length of the upper edge in pixels."""
    return float(np.hypot(*(quad[1] - quad[0])))


def height(quad: Quad) -> float:
    """Length of the left edge in pixels."""
    return float(np.hypot(*(quad[3] - quad[0])))


def is_tall(quad: Quad) -> bool:
    """Higher than any line of text: a column, or a single character."""
    return height(quad) > 1.7 * width(quad)


def direction(quad: Quad) -> Vector:
    """Unit vector along the text."""
    along = quad[1] - quad[0]
    return np.asarray(along / max(1e-6, float(np.hypot(*along))), np.float32)


def normal(along: Vector) -> Vector:
    """Unit vector from the text's top to its bottom."""
    return np.array([-along[1], along[0]], np.float32)


def spanning(along: Vector, left: float, right: float, top: float, bottom: float) -> Quad:
    """The rectangle between coordinates along the text (`left`, `right`) and across it (`top`, `bottom`)."""
    across = normal(along)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return np.stack([along * u + across * v for u, v in corners]).astype(np.float32)


def upright(picture: Picture, quad: Quad) -> Picture:
    """The quad's content as a rectangle of the same size, at least 2 pixels each way; less where it is large."""
    wide = int(max(width(quad), np.hypot(*(quad[2] - quad[3])), 2))
    high = int(max(height(quad), np.hypot(*(quad[2] - quad[1])), 2))
    return warped(picture, quad, wide, high)


def warped(picture: Picture, quad: Quad, wide: int, high: int) -> Picture:
    """The quad's content as a rectangle of `wide` by `high` pixels; beyond the edge the edge is repeated.

    A large text is brought down by a whole number first, since no reader needs more than `ENOUGH` pixels.
    """
    import cv2

    times = min(wide, high) // ENOUGH
    if times > 1:
        left, top = np.clip(np.floor(quad.min(0)), 0, np.array(picture.shape[1::-1]) - 1).astype(int)
        right, bottom = np.ceil(quad.max(0)).astype(int) + 1
        part = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
        size = (max(1, part.shape[1] // times), max(1, part.shape[0] // times))
        picture = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
        quad = (quad - np.array([left, top], np.float32)) * (np.array(size) / np.array(part.shape[1::-1]))
        wide, high = wide // times, high // times
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    out = cv2.warpPerspective(
        picture, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(out, np.uint8)


def overlap(one: Quad, other: Quad) -> bool:
    """Whether the upright rectangles around two quads share any place."""
    apart = (one.min(0) > other.max(0)) | (other.min(0) > one.max(0))
    return not bool(apart.any())


def as_box(quad: Quad, scale: float = 1.0) -> "Box":
    """Plain numbers for a record, in pixels of a picture that is `scale` times as large."""
    return tuple((round(float(x) * scale, 1), round(float(y) * scale, 1)) for x, y in quad)
