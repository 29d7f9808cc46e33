"""From the bytes of a picture to a sighting."""

import time
from collections.abc import Callable

from ocr.decode import Decoder
from ocr.detector import Detector
from ocr.ledger import Ledger
from ocr.models import Models
from ocr.outcome import sighting, spent
from ocr.owners import Owners
from ocr.picture import decode, working_size
from ocr.recogniser import Recogniser
from ocr.scene import Scene
from ocr.search import Detectors, others, search
from ocr.series import Series
from ocr.sighting import Sighting, Status
from ocr.strip import Eyes
from ocr.verdict import judge


class ContainerReader:
    """Reads container numbers. One reader serves one thread; its networks are loaded at the first picture."""

    def __init__(
        self,
        models: Models,
        owners: frozenset[str],
        expected: Callable[[], frozenset[str]] | None = None,
    ) -> None:
        """`owners`: listed codes (MSKU); `expected`: asked at each picture for the numbers announced now."""
        self._detectors = Detectors(Detector(models.quick_detector), Detector(models.fine_detector))
        self.eyes = Eyes(Recogniser(models.recogniser), Recogniser(models.second_recogniser))
        self._decoder = Decoder(Owners.listed(owners))
        self._expected = expected or frozenset
        self._series = Series(self._decoder, self.eyes)

    def read(self, data: bytes, expected: frozenset[str] = frozenset()) -> Sighting:
        """What a picture shows; never raises for what a camera sends. `expected` adds to the announced."""
        return self.follow(data, expected, "")

    def follow(self, data: bytes, expected: frozenset[str], series: str) -> Sighting:
        """The same for a picture of a series: of one camera and one truck.

        While none of them shows the number whole, it may be accepted from what they show together.
        """
        began = time.process_time()
        picture = decode(data)
        if picture is None:
            return Sighting.empty(Status.UNREADABLE, spent(began))
        picture, scale = working_size(picture)
        scene = Scene(picture, self.eyes)
        ledger = Ledger(self._decoder, self.eyes)
        search(scene, self._detectors, ledger)
        announced = expected | self._expected()
        verdicts = judge(ledger, announced)
        if verdicts and verdicts[0].accepted:
            others(scene, self._detectors, ledger.entries[verdicts[0].number].assembly, ledger)
            verdicts = judge(ledger, announced)
            verdicts.sort(key=lambda verdict: ledger.entries[verdict.number].assembly.size, reverse=True)
        elif series:
            joined = self._series.join(series, ledger, announced)
            if joined is not None:
                return sighting(scene, joined.ledger, [joined.verdict], scale, began, joined.pictures)
        return sighting(scene, ledger, verdicts, scale, began)
