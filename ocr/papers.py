"""Printed papers under a document camera: Tesseract reads the page, `record.identifiers` says what its
texts are.

A barcode is surer and is read elsewhere; this is for papers whose barcode is missing or torn. What is
found is typed for a person, who confirms it: letters on paper have no check digit where barcodes have
one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ocr.picture import decode
from ocr.quad import Picture
from ocr.tesseract import require
from record.identifiers.identifier import Identifier
from record.identifiers.identify import identify

SIDE = 2000
"""Pixels to which the longer side of a page is brought: capitals of an A4 page are then about 20 high."""
LAYOUTS = ("--psm 4", "--psm 11")
"""Tesseract's ways to see a page: columns of lines, then scattered texts when nothing was recognised."""
TIMEOUT = 20
"""Seconds for one page."""
GUIDE = re.compile(r"(?<![0-9])([0-9]{3})[ -]{1,3}([0-9]{3})[ -]{1,3}([0-9]{9})(?![0-9])")
"""A guía de remisión: establishment, point of issue, sequence (SRI)."""
LABEL = re.compile(r"(?:[^\W\d_]+ )?\S+:")
"""What stands before a colon: a word, with the word before it."""
DASHES = str.maketrans({"—": "-", "–": "-", "‐": "-", "_": "-"})


@dataclass(frozen=True, slots=True)
class Paper:
    """A page: its lines, what was recognised in them, each thing once, and the numbers of guías de remisión."""

    lines: tuple[str, ...]
    found: tuple[Identifier, ...]
    guides: tuple[str, ...]


class PaperReader:
    """Reads pages. Raises `TesseractMissing` when it is made where the program is not installed."""

    def __init__(self) -> None:
        require()

    def read(self, data: bytes, expected: frozenset[str] = frozenset()) -> Paper:
        """What a page says; an empty paper for what is no picture. `expected` is not needed."""
        picture = decode(data)
        if picture is None:
            return Paper((), (), ())
        page = _page(picture)
        paper = Paper((), (), ())
        for layout in LAYOUTS:
            paper = understood(_lines(page, layout))
            if paper.found or paper.guides:
                break
        return paper


def understood(lines: list[str]) -> Paper:
    """What the lines of a page name."""
    found: dict[tuple[str, str], Identifier] = {}
    for text in (part for line in lines for part in _parts(line)):
        identifier = identify(text)
        if identifier:
            found.setdefault((identifier.kind, identifier.normal), identifier)
    guides = ("-".join(guide) for line in lines for guide in GUIDE.findall(line))
    return Paper(tuple(lines), tuple(found.values()), tuple(dict.fromkeys(guides)))


def _parts(line: str) -> Iterator[str]:
    """A line, or each of its labels with what follows it.

    Nro. DAE: 028-2026-40-00123456   ->   DAE: 028-2026-40-00123456
    """
    labels = [match.start() for match in LABEL.finditer(line)] or [0]
    for start, end in zip(labels, [*labels[1:], len(line)], strict=True):
        yield line[start:end].strip()


def _page(picture: Picture) -> Picture:
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    ratio = SIDE / max(grey.shape)
    method = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, None, fx=ratio, fy=ratio, interpolation=method), np.uint8)


def _lines(page: Picture, layout: str) -> list[str]:
    """The page's lines of text; none when Tesseract takes too long."""
    import pytesseract

    try:
        text = pytesseract.image_to_string(page, config=layout, timeout=TIMEOUT)
    except RuntimeError:
        return []
    return [line.translate(DASHES).strip() for line in text.splitlines() if line.strip()]
