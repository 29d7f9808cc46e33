"""Whether a camera still sees: from the sameness of its pictures, their light, their sharpness, their view.

A camera can go on sending pictures that are worth nothing: the same one for ever, a black one, one through a
dirty or misted glass, one of the sky since a mast was hit. Its age says nothing of these; a few figures do.

    brightness, contrast   mean and spread of the grey levels (0 to 255)
    detail                 fine edges against coarse ones; falls when a picture is out of focus, in any light
    outline                where the edges are, 64 by 36; the same by day and by night, not when turned away

The figures come from `Looker`, which loads OpenCV and so belongs into a process of its own; what follows from
them is said by `PictureWatch`, which needs none.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

OUTLINE = (64, 36)
SIDE = 640
"""Pixels of the longer side at which pictures are looked at."""
DARK, FLAT = 12.0, 6.0
"""A picture darker than the one and flatter than the other shows nothing."""
DULL = 0.2
"""Detail below which a picture is out of focus. Sharp photographs of gates have 0.26 or more, the same ones
blurred by two pixels of 640 at most 0.16."""
ALIKE = 0.6
"""Correlation of outlines below which the view is another. The same view in another light has 0.79 or more,
moved by an eighth of the picture 0.38 on average."""


class PictureState(StrEnum):
    """What is wrong with a camera's pictures, if anything."""

    FINE = "fine"
    FROZEN = "frozen"
    BLACK = "black"
    BLURRED = "blurred"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Look:
    """The figures of one picture. ``outline`` is zero-mean with a spread of 1, row by row, or empty."""

    digest: bytes
    brightness: float
    contrast: float
    detail: float
    outline: tuple[float, ...] = field(default=(), repr=False)


class Looker:
    """Measures pictures; a reader for the reading process."""

    def read(self, data: bytes, expected: frozenset[str] = frozenset()) -> Look | None:
        """The figures of a picture, None when it is none. ``expected`` is not used."""
        import cv2
        import numpy as np

        if not data:
            return None
        try:
            grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
        except cv2.error:
            return None
        if grey is None or min(grey.shape) < 16:
            return None
        digest = hashlib.blake2b(grey.tobytes(), digest_size=16).digest()
        scale = SIDE / max(grey.shape)
        if scale < 1:
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return Look(digest, float(grey.mean()), float(grey.std()), _detail(grey), _outline(grey))


def _detail(grey: object) -> float:
    import cv2
    import numpy as np

    fine = np.asarray(grey, np.float32)
    coarse = cv2.resize(fine, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    edges = [float(cv2.Laplacian(level, cv2.CV_32F).std()) for level in (fine, coarse)]
    return edges[0] / max(edges[1], 0.001)


def _outline(grey: object) -> tuple[float, ...]:
    import cv2
    import numpy as np

    levels = np.asarray(grey, np.float32)
    steps = cv2.magnitude(cv2.Sobel(levels, cv2.CV_32F, 1, 0), cv2.Sobel(levels, cv2.CV_32F, 0, 1))
    small = np.sqrt(cv2.GaussianBlur(cv2.resize(steps, OUTLINE, interpolation=cv2.INTER_AREA), (0, 0), 1.0))
    spread = float(small.std())
    if spread < 0.001:
        return ()
    return tuple(round(float(level), 3) for level in ((small - small.mean()) / spread).ravel())


def likeness(one: Look, other: Look) -> float | None:
    """Correlation of two outlines, -1 to 1; None when one of the pictures has none."""
    if not one.outline or len(one.outline) != len(other.outline):
        return None
    return sum(a * b for a, b in zip(one.outline, other.outline, strict=True)) / len(one.outline)


Judge = Callable[[Look], bool]


class PictureWatch:
    """Judges one camera by its last pictures. The caller gives times, seconds of a clock that never jumps.

    A picture is frozen when nothing changed for ``frozen_after`` seconds (None: never, for simulated ones);
    black or blurred when the last ``judged`` looks all are; moved when none within ``moved_after`` seconds
    resembles the reference: a truck hides much of the view, but not for so long.
    """

    def __init__(
        self,
        *,
        frozen_after: float | None = 60.0,
        moved_after: float = 900.0,
        judged: int = 3,
        reference: Look | None = None,
    ) -> None:
        self._frozen_after = frozen_after
        self._moved_after = moved_after
        self._reference = reference
        self._looks: deque[Look] = deque(maxlen=judged)
        self._digest = b""
        self._count = 0
        self._same_since = 0.0
        self._first: float | None = None
        self._alike_at: float | None = None
        self._latest = 0.0

    def saw(self, digest: bytes, now: float) -> None:
        """A picture came. ``digest`` is any hash of its bytes: enough to know a frozen camera."""
        if digest != self._digest:
            self._digest, self._same_since, self._count = digest, now, 0
        self._count += 1
        self._latest = now

    def measured(self, look: Look, now: float) -> None:
        """A picture was measured. The first one in which something is to be seen becomes the reference."""
        self._looks.append(look)
        if self._reference is None and _is_useful(look):
            self._reference = look
        if self._first is None:
            self._first = now
        alike = likeness(look, self._reference) if self._reference else None
        if alike is not None and alike >= ALIKE:
            self._alike_at = now
        self._latest = now

    def state(self) -> PictureState:
        """What the pictures so far say, as of the last one."""
        if self._is_frozen():
            return PictureState.FROZEN
        if self._all(_is_black):
            return PictureState.BLACK
        if self._all(_is_blurred):
            return PictureState.BLURRED
        if self._is_moved():
            return PictureState.MOVED
        return PictureState.FINE

    def _is_frozen(self) -> bool:
        long = self._frozen_after is not None and self._latest - self._same_since >= self._frozen_after
        return long and self._count >= 3

    def _all(self, judge: Judge) -> bool:
        return len(self._looks) == self._looks.maxlen and all(judge(look) for look in self._looks)

    def _is_moved(self) -> bool:
        if self._reference is None or self._first is None or not self._looks:
            return False
        since = self._first if self._alike_at is None else self._alike_at
        return self._latest - since >= self._moved_after


def _is_black(look: Look) -> bool:
    return look.brightness < DARK and look.contrast < FLAT


def _is_blurred(look: Look) -> bool:
    return look.detail < DULL


def _is_useful(look: Look) -> bool:
    return bool(look.outline) and not _is_black(look) and not _is_blurred(look)
