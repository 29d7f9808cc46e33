"""From the bytes of a picture to a sighting."""

import time
from collections.abc import Callable

from ocr import sizetype
from ocr.decode import Decoder
from ocr.detector import Detector
from ocr.ledger import Ledger
from ocr.models import Models
from ocr.owners import Owners
from ocr.picture import decode, jpeg, working_size
from ocr.quad import as_box
from ocr.recogniser import Recogniser
from ocr.remains import remains
from ocr.scene import Scene
from ocr.search import Detectors, others, search
from ocr.sighting import Candidate, Sighting, Status
from ocr.strip import Assembly, Eyes
from ocr.verdict import Verdict, judge

SHOWN = 9.0
"""Numbers that cost more are no candidates: they are read into something else."""
MOST_CANDIDATES = 4


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
        scene = Scene(picture, self._eyes)
        ledger = Ledger(self._decoder, self._eyes)
        search(scene, self._detectors, ledger)
        verdicts = judge(ledger, expected | self._expected())
        if verdicts and verdicts[0].accepted:
            others(scene, ledger.entries[verdicts[0].number].assembly, ledger)
            verdicts = judge(ledger, expected | self._expected())
        return _sighting(scene, ledger, verdicts, scale, began)


def _sighting(scene: Scene, ledger: Ledger, verdicts: list[Verdict], scale: float, began: float) -> Sighting:
    best = verdicts[0] if verdicts and verdicts[0].cost <= SHOWN else None
    numbers = tuple(verdict.number for verdict in verdicts if verdict.accepted)
    status, text, where = _outcome(ledger, best)
    places = [ledger.entries[number].assembly for number in numbers] or ([where] if where else [])
    type_code = sizetype.find(scene, where) if best and where else None
    return Sighting(
        number=numbers[0] if numbers else None,
        numbers=numbers,
        type_code=type_code,
        status=status,
        cost=round(best.cost, 2) if best else None,
        margin=round(best.margin, 2) if best else None,
        candidates=_candidates(ledger),
        boxes=tuple(as_box(strip.quad, scale) for place in places for strip in place.strips),
        crop=_crop(where) if where else None,
        cpu_ms=_spent(began),
        seen=text,
    )


def _outcome(ledger: Ledger, best: Verdict | None) -> tuple[Status, str | None, Assembly | None]:
    """Status, the text of what is no valid number, and where the best was read."""
    if best and best.accepted:
        return Status.ACCEPTED, None, ledger.entries[best.number].assembly
    rest = remains(ledger)
    if rest and (best is None or rest.status is Status.INVALID):
        return rest.status, rest.text, rest.assembly
    if best:
        return Status.UNSURE, None, ledger.entries[best.number].assembly
    return Status.NOTHING, None, None


def _candidates(ledger: Ledger) -> tuple[Candidate, ...]:
    ranked = [Candidate(number, round(cost, 2)) for number, cost in ledger.costs().items() if cost <= SHOWN]
    return tuple(ranked[:MOST_CANDIDATES])


def _crop(assembly: Assembly) -> bytes:
    return jpeg(max(assembly.strips, key=lambda strip: strip.image.shape[1]).image)


def _spent(began: float) -> float:
    return round((time.process_time() - began) * 1000, 1)
