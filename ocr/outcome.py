"""From verdicts to the sighting that is handed on."""

import time

from ocr import sizetype
from ocr.ledger import Ledger
from ocr.picture import jpeg
from ocr.quad import as_box
from ocr.remains import remains
from ocr.scene import Scene
from ocr.sighting import Candidate, Sighting, Status
from ocr.strip import Assembly
from ocr.verdict import Verdict

SHOWN = 9.0
"""Numbers that cost more are no candidates: they are read into something else."""
MOST_CANDIDATES = 4


def sighting(
    scene: Scene, ledger: Ledger, verdicts: list[Verdict], scale: float, began: float, joined: int = 1
) -> Sighting:
    """All that is known of a picture; `scale` is how much larger the given picture is than the scene's."""
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
        cpu_ms=spent(began),
        seen=text,
        joined=joined,
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


def spent(began: float) -> float:
    """Milliseconds of processor time since `began` (`time.process_time`)."""
    return round((time.process_time() - began) * 1000, 1)
