"""How a camera's picture is to be seen: which part of it, turned how, mirrored or not.

The order is fixed: the region is cut from the picture as the camera gave it, then mirrored, then turned.
"""

from __future__ import annotations

from dataclasses import dataclass

WHOLE = (0.0, 0.0, 1.0, 1.0)
TURNS = (0, 90, 180, 270)


@dataclass(frozen=True, slots=True)
class View:
    """``region`` is left, top, right, bottom as fractions of the picture; ``turn`` degrees clockwise.

    Raises `ValueError` for a region that is empty or leaves the picture, and for other turns than quarters.
    """

    region: tuple[float, float, float, float] = WHOLE
    turn: int = 0
    mirror: bool = False

    def __post_init__(self) -> None:
        left, top, right, bottom = self.region
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError(
                f"region {self.region}: left, top, right, bottom are fractions, 0 ≤ left < right ≤ 1"
            )
        if self.turn not in TURNS:
            raise ValueError(f"turn {self.turn}: one of {', '.join(map(str, TURNS))} degrees clockwise")

    @property
    def changes_nothing(self) -> bool:
        """Whether the picture stays as it is."""
        return self == View()


def applied(data: bytes, view: View) -> bytes:
    """The picture as the view shows it, an uncompressed bitmap; the same bytes when they are no picture, or one that
    is cut off, so that whoever reads it finds that out."""
    import cv2
    import numpy as np

    from ocr.picture import decode

    if view.changes_nothing:
        return data
    picture = decode(data)
    if picture is None:
        return data
    height, width = picture.shape[:2]
    left, right = (round(part * width) for part in view.region[0::2])
    top, bottom = (round(part * height) for part in view.region[1::2])
    seen = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    if view.mirror:
        seen = seen[:, ::-1]
    seen = np.rot90(seen, k=-view.turn // 90)
    return cv2.imencode(".bmp", np.ascontiguousarray(seen))[1].tobytes()
