"""Bytes to pixels. Whatever a camera sends is either a picture or said to be none."""

from collections.abc import Iterator
from enum import StrEnum

import numpy as np

from ocr.quad import Picture

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"
SCAN = 0xDA
"""Marker of a JPEG's first scan: from there on there are pixels."""

SMALLEST = 24
"""Pixels on the shorter side below which nothing can be read."""
LARGEST = 2600
"""Pixels on the longer side to which larger pictures are brought down."""
SMALL = 320
"""Pixels on the longer side below which a picture is doubled."""
MOST_PIXELS = 80_000_000
"""A picture of more pixels is not opened: it would not fit into the reader's memory."""


class Flaw(StrEnum):
    """Why bytes are no picture that can be read."""

    EMPTY = "empty"
    UNKNOWN = "unknown"
    """Not of a kind that can be opened, or damaged."""
    CUT_OFF = "cut_off"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"


def decode(data: bytes) -> Picture | None:
    """Blue, green, red of a JPEG, PNG or other picture; grey, alpha and 16 bits become 8-bit colour.

    None when the bytes are no picture, or one that is cut off, too small or too large.
    """
    import cv2

    if flaw(data) is not None:
        return None
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except (cv2.error, MemoryError):
        return None
    if picture is None or min(picture.shape[:2]) < SMALLEST:
        return None
    return np.asarray(picture, np.uint8)


def flaw(data: bytes) -> Flaw | None:
    """What is wrong with a picture before it is opened, as far as its bytes tell; None where nothing is seen."""
    if not data:
        return Flaw.EMPTY
    if is_cut_off(data):
        return Flaw.CUT_OFF
    size = announced_size(data)
    if size is None:
        return None
    if size[0] * size[1] > MOST_PIXELS:
        return Flaw.TOO_LARGE
    return Flaw.TOO_SMALL if min(size) < SMALLEST else None


def announced_size(data: bytes) -> tuple[int, int] | None:
    """Width and height that the head of a PNG or JPEG announces; None for other formats and broken heads.

    A few bytes can announce gigabytes of pixels: this is asked before any memory is given.
    """
    if data.startswith(PNG) and data[12:16] == b"IHDR":
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    for marker, place in _segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            high, wide = data[place + 5 : place + 7], data[place + 7 : place + 9]
            return int.from_bytes(wide, "big"), int.from_bytes(high, "big")
    return None


def is_cut_off(data: bytes) -> bool:
    """Whether a JPEG or PNG lacks its end: the rest of a broken transfer may show half a number."""
    if data.startswith(PNG):
        return b"IEND" not in data[-64:]
    if data.startswith(JPEG):
        scans = [place for marker, place in _segments(data) if marker == SCAN]
        return not scans or data.find(b"\xff\xd9", scans[0]) < 0
    return False


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Markers of a JPEG's head and where each stands, up to its first scan.

    FF MM LL LL …   marker, length of what follows (itself included), content
    """
    place = 2
    while data.startswith(JPEG) and place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        yield marker, place
        if marker == SCAN:
            return
        place += 1 if marker == 0xFF else 2 + int.from_bytes(data[place + 2 : place + 4], "big")


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
