"""Papers under a document camera: a camera sees a code again and again, a truck brings it once.

A code that stays in view belongs to the truck that it was first told for, also when that truck has left and the
next one stands there: a paper that was forgotten on the table is not the next driver's. One that lies there
before any truck has come is told again from time to time, so that it is still fresh when its truck comes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ocr.barcodes import Barcode

GONE_S = 5.0
"""Seconds without being seen after which a code has left the table."""
AGAIN_S = 30.0
"""Seconds after which a code that waits for its truck is told again; less than a scan waits."""


@dataclass(frozen=True, slots=True)
class _Paper:
    """A code in view: when it was last seen and last told, and the visit that it was told for."""

    seen: float
    told: float
    visit: str | None


class Papers:
    """The codes in view of one camera. Times are seconds of a clock that never jumps."""

    def __init__(self) -> None:
        self._in_view: dict[tuple[str, str], _Paper] = {}

    def fresh(self, codes: Iterable[Barcode], visit: str | None, now: float) -> list[Barcode]:
        """Those codes that are to be told now; ``visit`` is the truck that is there."""
        self._in_view = {key: paper for key, paper in self._in_view.items() if now - paper.seen < GONE_S}
        return [code for code in codes if self._is_fresh((code.aim, code.text), visit, now)]

    def _is_fresh(self, key: tuple[str, str], visit: str | None, now: float) -> bool:
        known = self._in_view.get(key)
        if known is None:
            self._in_view[key] = _Paper(now, now, visit)
            return True
        tell = known.visit is None and (visit is not None or now - known.told >= AGAIN_S)
        if tell:
            self._in_view[key] = _Paper(now, now, visit)
        else:
            self._in_view[key] = replace(known, seen=now)
        return tell
