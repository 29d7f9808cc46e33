"""A picture with the lines that were read drawn over it, as the page shows it: an SVG around the picture.

The reader gives corners in the picture as it saw it: the camera's region, mirrored, turned. Here they are brought back
to the picture as the camera gave it, which is the one that is kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from gateway.console.picture_size import Size, picture_size
from ocr.sighting import Box, Point
from ocr.view import View

HEAD = 64 * 1024
"""Bytes of a file in which its size is looked for: a camera's own data may stand before it."""

KNOWN = 128


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of ``width`` by ``height`` pixels with polygons in them, as SVG writes their points."""

    width: int
    height: int
    polygons: tuple[str, ...]

    @property
    def stroke(self) -> float:
        """A line that can be seen however large the picture is."""
        return max(2.0, round(self.width / 240, 1))


def drawing(size: Size | None, boxes: Iterable[Box], view: View | None = None) -> Drawing | None:
    """The boxes over a picture of that size; None where the size is not known."""
    if size is None:
        return None
    placed = (tuple(_whole(corner, size, view or View()) for corner in box) for box in boxes)
    return Drawing(*size, tuple(" ".join(f"{x:.0f},{y:.0f}" for x, y in box) for box in placed))


def _whole(corner: Point, size: Size, view: View) -> Point:
    """A corner in the picture as it was seen, in the picture as the camera gave it."""
    left, right = (round(part * size[0]) for part in view.region[0::2])
    top, bottom = (round(part * size[1]) for part in view.region[1::2])
    width, height = max(1, right - left), max(1, bottom - top)
    x, y = corner
    turned = {0: (x, y), 90: (y, height - x), 180: (width - x, height - y), 270: (width - y, x)}
    x, y = turned[view.turn]
    return left + (width - x if view.mirror else x), top + y


class Sizes:
    """The sizes of pictures by their hash, each file looked at once. Safe for several threads."""

    def __init__(self, path: Callable[[str], Path]) -> None:
        self._path, self._lock = path, threading.Lock()
        self._known: OrderedDict[str, Size | None] = OrderedDict()

    def of(self, digest: str) -> Size | None:
        """The size of a picture that is kept, None where there is none of that hash yet."""
        with self._lock:
            if digest in self._known:
                return self._known[digest]
        try:
            with self._path(digest).open("rb") as file:
                found = picture_size(file.read(HEAD))
        except OSError:
            return None
        with self._lock:
            self._known[digest] = found
            while len(self._known) > KNOWN:
                self._known.popitem(last=False)
        return found
