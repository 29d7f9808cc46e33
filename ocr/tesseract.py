"""Tesseract as a second engine, to compare with: Debian's `tesseract-ocr` through pytesseract.

It reads whole pictures of containers badly, so it is given the lines that the quick detector found. For each
character it names others that it thought of; they become slots, and the same search finds the number.
"""

import re
import shutil
import time

import numpy as np

from ocr.decode import Decoder
from ocr.detector import Detector
from ocr.ledger import Ledger
from ocr.lines import Lines
from ocr.models import Models
from ocr.outcome import sighting, spent
from ocr.owners import Owners
from ocr.picture import decode, working_size
from ocr.quad import Picture, height, is_tall
from ocr.scene import Scene
from ocr.search import QUICK
from ocr.sighting import Sighting, Status
from ocr.slots import ALPHABET, FLOOR, Slots
from ocr.strip import Eyes
from ocr.verdict import CLEAR, judge

MOST_LINES = 12
"""A line takes a process of its own: the tallest only."""
HEIGHT = 64
"""Pixels to which a line is brought; Tesseract likes capitals of 30 to 40."""
TIMEOUT = 5
"""Seconds for one line."""
LEAST = 0.02
"""Probability of a character that Tesseract thought of and gave none."""
OPTIONS = f"--psm 7 -c hocr_char_boxes=1 -c lstm_choice_mode=2 -c tessedit_char_whitelist={ALPHABET}"
CHARACTER = re.compile(r"x_bboxes [0-9 ]+; x_conf ([0-9.]+)'>([0-9A-Z])<(.*?)(?=x_bboxes|\Z)", re.DOTALL)
CHOICE = re.compile(r"title='x_confs ([0-9.]+)'>([0-9A-Z])<")
DOUBTED = 0.5
"""Probability at least of a character that Tesseract decided for: its own figures are at times 0."""
ABSENT = 0.05
"""Probability that a character which it saw is none."""


class TesseractMissing(FileNotFoundError):
    """The program is not installed. Retrying does not help; installing `tesseract-ocr` does."""


def require() -> None:
    """Raises `TesseractMissing` where the program is not installed."""
    import pytesseract

    if shutil.which(pytesseract.pytesseract.tesseract_cmd) is None:
        raise TesseractMissing("tesseract is not installed: install Debian's tesseract-ocr.")


class TesseractLines:
    """Reads one line of text at a time."""

    def __init__(self) -> None:
        require()

    def read(self, line: Picture) -> Slots:
        """The line's characters; none when Tesseract takes too long."""
        import cv2
        import pytesseract

        wide = max(16, line.shape[1] * HEIGHT // len(line))
        image = cv2.resize(line, (wide, HEIGHT), interpolation=cv2.INTER_CUBIC)
        image = cv2.copyMakeBorder(image, 10, 10, 10, 10, cv2.BORDER_REPLICATE)
        try:
            page = pytesseract.image_to_pdf_or_hocr(image, extension="hocr", config=OPTIONS, timeout=TIMEOUT)
        except RuntimeError:
            return slots("")
        return slots(page.decode())


def slots(page: str) -> Slots:
    """The characters of a page in hOCR, each with what else it may be."""
    characters = CHARACTER.findall(page)
    chance = np.full((len(characters), len(ALPHABET)), 1e-4, np.float32)
    for row, (share, character, rest) in zip(chance, characters, strict=True):
        for other_share, other in CHOICE.findall(rest):
            row[ALPHABET.index(other)] = max(LEAST, float(other_share) / 100)
        row[ALPHABET.index(character)] = max(DOUBTED, float(share) / 100)
    chance = chance / np.maximum(1, chance.sum(1, keepdims=True))
    blank = np.full(len(characters), np.log(ABSENT), np.float32)
    return Slots(np.maximum(np.log(chance), FLOOR).astype(np.float32), blank)


class TesseractReader:
    """Reads container numbers as `ContainerReader` does, with Tesseract in place of both recognisers."""

    def __init__(self, models: Models, owners: frozenset[str]) -> None:
        """Raises `TesseractMissing` when the program is not installed."""
        lines = TesseractLines()
        self._eyes = Eyes(lines, lines)
        self._detector = Detector(models.quick_detector)
        self._decoder = Decoder(Owners.listed(owners))

    def read(self, data: bytes, expected: frozenset[str] = frozenset()) -> Sighting:
        """What a picture shows; the time of Tesseract's own processes is not in `cpu_ms`."""
        began = time.process_time()
        picture = decode(data)
        if picture is None:
            return Sighting.empty(Status.UNREADABLE, spent(began))
        picture, scale = working_size(picture)
        scene, ledger = Scene(picture, self._eyes), Ledger(self._decoder, self._eyes)
        quads = [quad for quad in self._detector.find(picture, QUICK) if not is_tall(quad)]
        quads.sort(key=height, reverse=True)
        for assembly in Lines(scene, quads[:MOST_LINES]).found():
            ledger.offer(assembly)
            if ledger.is_clear(*CLEAR):
                break
        return sighting(scene, ledger, judge(ledger, expected, alone=True), scale, began)
