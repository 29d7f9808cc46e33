"""From the bytes of a picture to a sighting.

detect quickly ─▶ lines, columns ─▶ clear? ──yes──▶ verdict
                                      │no
detect finely ──▶ lines, columns ─▶ other views ─▶ second recogniser ─▶ verdict
"""

import time
from collections.abc import Callable
from itertools import chain

from ocr import columns
from ocr.decode import Decoder
from ocr.detector import Detector
from ocr.ledger import Ledger
from ocr.lines import Lines
from ocr.models import Models
from ocr.owners import Owners
from ocr.picture import decode, jpeg, working_size
from ocr.quad import Picture, as_box, is_tall
from ocr.recogniser import Recogniser
from ocr.retouch import views
from ocr.sighting import Candidate, Sighting, Status
from ocr.strip import Eyes
from ocr.verdict import CLEAR, Verdict, judge

QUICK = 640
FINE = 1088
"""Pixels on the longer side for the two detectors."""
GOOD = (2.5, 2.0)
"""Cost and margin at which no finer look is taken."""
LOST = 6.0
"""Cost above which the fine detector also looks at the quick one's size."""
VIEWED = 12.0
"""Cost above which no other view is tried."""


class ContainerReader:
    """Reads container numbers. One reader serves one thread; its networks are loaded at the first picture."""

    def __init__(
        self,
        models: Models,
        owners: frozenset[str],
        expected: Callable[[], frozenset[str]] | None = None,
    ) -> None:
        """`owners`: listed codes (MSKU); `expected`: asked at each picture for the numbers announced now."""
        self._quick = Detector(models.quick_detector)
        self._fine = Detector(models.fine_detector)
        self._eyes = Eyes(Recogniser(models.recogniser), Recogniser(models.second_recogniser))
        self._decoder = Decoder(Owners.listed(owners))
        self._expected = expected or frozenset

    def read(self, data: bytes, expected: frozenset[str] = frozenset()) -> Sighting:
        """What a picture shows; never raises for what a camera sends. `expected` adds to the announced."""
        began = time.process_time()
        picture = decode(data)
        if picture is None:
            return Sighting.empty(Status.UNREADABLE, _spent(began))
        picture, scale = working_size(picture)
        ledger = Ledger(self._decoder, self._eyes)
        self._search(picture, ledger)
        verdict = judge(ledger, expected | self._expected())
        if verdict is None:
            return Sighting.empty(Status.NOTHING, _spent(began))
        return _sighting(verdict, ledger, scale, began)

    def _search(self, picture: Picture, ledger: Ledger) -> None:
        self._look(picture, self._quick, QUICK, ledger)
        if ledger.is_clear(*GOOD):
            return
        self._look(picture, self._fine, FINE, ledger)
        if ledger.lowest() > LOST:
            self._look(picture, self._fine, QUICK, ledger)
        if not ledger.is_clear(*CLEAR) and ledger.lowest() < VIEWED:
            for assembly in ledger.best(2):
                for view in views(assembly):
                    ledger.offer(view)

    def _look(self, picture: Picture, detector: Detector, side: int, ledger: Ledger) -> None:
        quads = detector.find(picture, side)
        lines = Lines(picture, [quad for quad in quads if not is_tall(quad)], self._eyes)
        for assembly in chain(lines.assemblies(), columns.assemblies(picture, quads)):
            ledger.offer(assembly)
            if ledger.is_clear(*CLEAR):
                return


def _sighting(verdict: Verdict, ledger: Ledger, scale: float, began: float) -> Sighting:
    strips = ledger.entries[verdict.number].assembly.strips
    largest = max(strips, key=lambda strip: strip.image.shape[1])
    number = verdict.number if verdict.accepted else None
    return Sighting(
        number=number,
        numbers=(number,) if number else (),
        type_code=None,
        status=Status.ACCEPTED if number else Status.UNSURE,
        cost=round(verdict.cost, 2),
        margin=round(verdict.margin, 2),
        candidates=tuple(Candidate(n, round(c, 2)) for n, c in list(ledger.costs().items())[:4]),
        boxes=tuple(as_box(strip.quad, scale) for strip in strips),
        crop=jpeg(largest.image),
        cpu_ms=_spent(began),
    )


def _spent(began: float) -> float:
    return round((time.process_time() - began) * 1000, 1)
