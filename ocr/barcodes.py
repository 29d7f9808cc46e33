"""Barcodes in pictures: what a document camera sees of the papers that a driver lays under it.

A picture is searched upright first, which finds codes turned by any quarter and tilted a little. Long
linear codes and PDF417 that lie askew fall between the search lines, and bars of two pixels are too fine. So
a picture in which nothing was found is turned, enlarged and searched again. That takes a second or two, so it
is done once for a picture and not again while the table looks the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.sighting import Box

if TYPE_CHECKING:
    from ocr.quad import Picture

SYMBOLOGIES = (
    "Code128",
    "Code39",
    "EAN13",
    "EAN8",
    "UPCA",
    "UPCE",
    "ITF",
    "PDF417",
    "QRCode",
    "DataMatrix",
    "DataBarOmni",
    "DataBarExp",
    "Aztec",
)
"""What gate papers use, as zxing-cpp names them; others would only add false readings."""
TILTS = (30.0, -30.0, 15.0, -15.0, 45.0, 0.0)
"""Degrees by which a picture without a code is turned, one after the other until something is found. A Code
128 of 49 digits with bars of two pixels, blurred and noisy, is found at 2 of 24 angles upright, at all with
these."""
ENLARGED = 1.5
LARGEST = 2600
"""Pixels on the longer side to which a picture is enlarged at most, or brought down, when it is turned."""
SAME = 2.0
"""Grey levels by which two looks at the same table differ at most, on average of a small picture."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """One code, untrusted text.

    ``text`` is as it was coded, with group separators (GS, 0x1D); ``aim`` its identifier (ISO/IEC 15424), for
    example ``]C1``; ``box`` its corners in pixels of the picture, clockwise from the code's own top left.
    """

    text: str
    aim: str
    box: Box


class BarcodeReader:
    """Finds all codes of a picture; a reader for the reading process.

    It remembers the last picture in which nothing was found, and searches one like it upright only.
    """

    def __init__(self) -> None:
        self._vain: Picture | None = None

    def read(self, data: bytes, expected: frozenset[str] = frozenset()) -> tuple[Barcode, ...]:
        """The codes, from top to bottom; none for what is no picture. ``expected`` is not used."""
        import cv2
        import numpy as np

        from ocr.picture import decode

        picture = decode(data)
        if picture is None:
            return ()
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
        found = _search(grey) or self._search_askew(grey)
        return tuple(sorted(found, key=lambda code: (min(y for _, y in code.box), code.text)))

    def _search_askew(self, grey: Picture) -> list[Barcode]:
        small = _small(grey)
        if self._vain is not None and _difference(small, self._vain) < SAME:
            return []
        found = _search_turned(grey)
        self._vain = None if found else small
        return found


def _search(grey: Picture) -> list[Barcode]:
    import zxingcpp

    formats = zxingcpp.barcode_formats_from_str(",".join(SYMBOLOGIES))
    found = zxingcpp.read_barcodes(grey, formats=formats, text_mode=zxingcpp.TextMode.Plain)
    return [
        Barcode(code.text, code.symbology_identifier, _corners(code.position)) for code in found if code.text
    ]


def _corners(position: object) -> Box:
    names = ("top_left", "top_right", "bottom_right", "bottom_left")
    return tuple((float(corner.x), float(corner.y)) for corner in (getattr(position, name) for name in names))


def _search_turned(grey: Picture) -> list[Barcode]:
    """The codes of the picture turned until there are any, with their corners turned back."""
    for degrees in TILTS:
        turned, forth = _turned(grey, degrees)
        if found := _search(turned):
            return [Barcode(code.text, code.aim, _back(code.box, forth)) for code in found]
    return []


def _small(grey: Picture) -> Picture:
    import cv2
    import numpy as np

    return np.asarray(cv2.resize(grey, (64, 36), interpolation=cv2.INTER_AREA), np.uint8)


def _difference(one: Picture, other: Picture) -> float:
    import cv2

    return float(cv2.absdiff(one, other).mean())


Affine = Sequence[Sequence[float]]


def _turned(grey: Picture, degrees: float) -> tuple[Picture, Affine]:
    """The picture turned on a white ground that holds it, and the matrix that did it, two rows of three."""
    import cv2
    import numpy as np

    height, width = grey.shape[:2]
    scale = min(ENLARGED, LARGEST / max(height, width))
    cosine, sine = (abs(part(math.radians(degrees))) * scale for part in (math.cos, math.sin))
    wide, high = math.ceil(width * cosine + height * sine), math.ceil(width * sine + height * cosine)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    matrix[:, 2] += (wide - width) / 2, (high - height) / 2
    turned = cv2.warpAffine(grey, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=(255,))
    return np.asarray(turned, np.uint8), matrix.tolist()


def _back(box: Box, forth: Affine) -> Box:
    """Points of the turned picture in pixels of the one that was given."""
    (a, b, right), (c, d, down) = forth
    size = a * d - b * c
    moved = ((x - right, y - down) for x, y in box)
    return tuple(((d * x - b * y) / size, (a * y - c * x) / size) for x, y in moved)
