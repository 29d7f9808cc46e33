"""The same strip seen otherwise: what one view hides another may show."""

import numpy as np

from ocr.quad import Picture
from ocr.strip import Assembly, Strip


def views(assembly: Assembly) -> list[Assembly]:
    """An assembly with evened light, with room above and below, and wider."""
    return [
        Assembly(tuple(Strip(change(s.image), s.quad, s.kind) for s in assembly.strips), assembly.penalty)
        for change in (_evened, _with_room, _wider)
    ]


def _evened(image: Picture) -> Picture:
    import cv2

    lab = cv2.cvtColor(image, cv2.COLOR_BGR2LAB)
    lab[..., 0] = cv2.createCLAHE(2.5, (2, 4)).apply(lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR), np.uint8)


def _with_room(image: Picture) -> Picture:
    room = round(len(image) * 0.125)
    return np.pad(image, ((room, room), (0, 0), (0, 0)), mode="edge")


def _wider(image: Picture) -> Picture:
    import cv2

    size = (max(8, image.shape[1] * 6 // 5), len(image))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)
