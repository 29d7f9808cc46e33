"""Printed papers under a document camera: Tesseract reads the page, `record.identifiers` says what its
texts are, and the recogniser of container numbers reads the same words again.

    page ── Tesseract ──> lines of words ── identify ──> DAE 028-2026-40-00123456
                            └── recogniser ──> the same characters?  yes: found   no: doubtful, both named

A DAE, a booking, a seal and a guía have no check digit: one digit misread makes another valid number. So nothing
counts as found that two engines which learned apart do not read alike. A barcode is surer and is read elsewhere; this
is for papers whose barcode is missing or torn, and a person confirms it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ocr.models import Models
from ocr.picture import decode
from ocr.quad import Picture
from ocr.recogniser import Recogniser
from ocr.tesseract import require
from record.identifiers.identifier import Identifier, Kind
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


ALIKE = str.maketrans("OI", "01")
"""Characters that look the same in print."""
SHAPED = frozenset(
    {Kind.DAE, Kind.CONTAINER, Kind.ACCESS_KEY, Kind.RUC, Kind.CEDULA, Kind.SSCC, Kind.AWB, Kind.PLATE}
)
"""Kinds whose shape says where a digit stands and where a letter: in them an O is a nought, or the other way round.
In a booking or a seal the two engines have to read the same one."""
ROOM = 0.25
"""Room around a word, in heights of its box, with which a recogniser sees it."""
GUIDE_KIND = "guide"

Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What Tesseract reads as a number of a kind (`Kind`, or `GUIDE_KIND`), and its whole line as it is read again."""

    kind: str
    normal: str
    other: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A page: its lines, what was recognised in them, each thing once, and the numbers of guías de remisión.

    `doubtful` are numbers that the second look reads otherwise: to be compared with the paper, never to be taken.
    """

    lines: tuple[str, ...]
    found: tuple[Identifier, ...]
    guides: tuple[str, ...]
    doubtful: tuple[Doubt, ...] = ()
    is_picture: bool = True


@dataclass(frozen=True, slots=True)
class Words:
    """A line of words and where each is on the page."""

    words: tuple[str, ...]
    boxes: tuple[Box, ...]

    @property
    def text(self) -> str:
        """The line."""
        return " ".join(self.words).translate(DASHES).strip()


class PaperReader:
    """Reads pages. Raises `TesseractMissing` when it is made where the program is not installed."""

    def __init__(self, models: Models) -> None:
        """`models`: of the reader of containers, which looks a second time."""
        require()
        self._eye = Recogniser(models.recogniser)

    def read(self, data: bytes) -> Paper:
        """What a page says; an empty paper for what is no picture."""
        picture = decode(data)
        paper = Paper((), (), ())
        if picture is None:
            return replace(paper, is_picture=False)
        page = _page(picture)
        for layout in LAYOUTS:
            lines = _lines(page, layout)
            paper = understood([line.text for line in lines])
            if paper.found or paper.guides:
                return self._looked_at_again(paper, lines, page)
        return paper

    def _looked_at_again(self, paper: Paper, lines: list[Words], page: Picture) -> Paper:
        """What both engines read alike, and apart from it what they do not."""
        naming = [(understood([line.text]), line) for line in lines]
        again = [(said, line, self._texts(line, page)) for said, line in naming if said.found or said.guides]
        found: list[Identifier] = []
        guides: list[str] = []
        doubts: list[Doubt] = []
        for identifier in paper.found:
            key, shaped = (identifier.kind, identifier.normal), identifier.kind in SHAPED
            its = [
                (line, texts)
                for said, line, texts in again
                if key in [(i.kind, i.normal) for i in said.found]
            ]
            if any(_is_read_alike(identifier.normal, line, texts, shaped) for line, texts in its):
                found.append(identifier)
            else:
                doubts.append(Doubt(identifier.kind, identifier.normal, "".join(its[0][1])))
        for guide in paper.guides:
            its = [(line, texts) for said, line, texts in again if guide in said.guides]
            if any(_is_read_alike(guide, line, texts, shaped=True) for line, texts in its):
                guides.append(guide)
            else:
                doubts.append(Doubt(GUIDE_KIND, guide, "".join(its[0][1])))
        return Paper(paper.lines, tuple(found), tuple(guides), tuple(doubts))

    def _texts(self, line: Words, page: Picture) -> list[str]:
        """A line's words as the recogniser reads them, without what stands between the characters."""
        return [_plain(self._eye.read(_cut(page, box)).text()) for box in line.boxes]


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


def _lines(page: Picture, layout: str) -> list[Words]:
    """The page's lines of text; none when Tesseract takes too long."""
    import pytesseract

    try:
        data = pytesseract.image_to_data(
            page, config=layout, timeout=TIMEOUT, output_type=pytesseract.Output.DICT
        )
    except RuntimeError:
        return []
    lines: dict[tuple[int, int, int], list[int]] = {}
    for k, word in enumerate(data["text"]):
        if word.strip():
            place = (data["block_num"][k], data["par_num"][k], data["line_num"][k])
            lines.setdefault(place, []).append(k)
    return [_words(data, ks) for ks in lines.values()]


def _words(data: dict[str, list[Any]], ks: list[int]) -> Words:
    boxes = [(data["left"][k], data["top"][k], data["width"][k], data["height"][k]) for k in ks]
    corners = tuple((left, top, left + wide, top + high) for left, top, wide, high in boxes)
    return Words(tuple(data["text"][k] for k in ks), corners)


def _cut(page: Picture, box: Box) -> Picture:
    import cv2

    left, top, right, bottom = box
    room = max(2, round(ROOM * (bottom - top)))
    part = page[max(0, top - room) : bottom + room, max(0, left - room) : right + room]
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_GRAY2BGR), np.uint8)


def _is_read_alike(number: str, line: Words, again: list[str], shaped: bool) -> bool:
    """Whether the recogniser reads the words that hold a number as Tesseract does: as much, and the number at the
    end. Before it a label may stand in the same word."""
    same = ALIKE if shaped else {}
    wanted, words = _plain(number).translate(same), [_plain(word).translate(same) for word in line.words]
    for first in range(len(words)):
        for after in range(first + 1, len(words) + 1):
            run = "".join(words[first:after])
            if run.endswith(wanted) and len(run) - len(wanted) < len(words[first]):
                other = "".join(again[first:after]).translate(same)
                return len(other) == len(run) and other.endswith(wanted)
    return False


def _plain(text: str) -> str:
    """Letters and digits only."""
    return "".join(c for c in text.upper() if c.isalnum())
