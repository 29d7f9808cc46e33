"""Bytes to pixels. Whatever a camera sends is either a picture or said to be none."""

import numpy as np

from ocr.quad import Picture

SMALLEST = 24
"""Pixels on the shorter side below which nothing can be read."""
LARGEST = 2600
"""Pixels on the longer side to which larger pictures are brought down."""
SMALL = 320
"""Pixels on the longer side below which a picture is doubled."""
MOST_PIXELS = 80_000_000
"""A picture of more pixels is not opened: it would not fit into the reader's memory."""


def decode(data: bytes) -> Picture | None:
    """Blue, green, red of a JPEG, PNG or other picture; grey, alpha and 16 bits become 8-bit colour.

    None when the bytes are no picture, too small or too large. A truncated JPEG gives what came of it.
    """
    import cv2

    if not data:
        return None
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    if picture is None or min(picture.shape[:2]) < SMALLEST:
        return None
    return np.asarray(picture, np.uint8)


def working_size(picture: Picture) -> tuple[Picture, float]:
    """The picture as large as it is best read, and how many times larger the given one is."""
    import cv2

    longer = max(picture.shape[:2])
    if longer > LARGEST:
        size = tuple(max(1, round(n * LARGEST / longer)) for n in (picture.shape[1], picture.shape[0]))
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8), longer / LARGEST
    if longer < SMALL:
        return np.asarray(cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8), 0.5
    return picture, 1.0


def jpeg(picture: Picture, quality: int = 90) -> bytes:
    """A picture as JPEG."""
    import cv2

    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()
