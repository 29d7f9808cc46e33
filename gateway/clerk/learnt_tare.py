"""A learnt tare: what a truck weighed as it left empty, kept by its plates for when it is weighed once.

It is learnt from one stay alone: the truck came, was unloaded, and was weighed again with the same plates, and
the load that this makes agrees with the declared one. A person has no part in it. It is sure where tractor and
trailer are both known by their plates and two stays agree; else a draft that rests on it is incomplete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from threading import RLock

Plates = tuple[str, ...]
"""The plates of one truck, tractor and trailer, in alphabetical order."""


@dataclass(frozen=True, slots=True)
class LearntTare:
    """Kilograms of an empty truck, the day and the visit of that weighing, and its stay.

    ``before_kg`` is what the same plates weighed in the stay before, None where this is the first.
    """

    plates: Plates
    kg: Decimal
    day: date
    visit: str
    stay: str
    device: str
    before_kg: Decimal | None = None

    def is_sure(self, spread_kg: Decimal) -> bool:
        """Whether tractor and trailer are known, and two stays agree to within so many kilograms."""
        agrees = self.before_kg is not None and abs(self.kg - self.before_kg) <= spread_kg
        return len(self.plates) > 1 and agrees


class LearntTares:
    """The learnt tares of a gate, one for the plates of each truck. Safe for several threads.

    ``on_change`` is told of every tare that is learnt (True) or forgotten (False), to keep them.
    """

    def __init__(
        self,
        tares: Iterable[LearntTare] = (),
        on_change: Callable[[LearntTare, bool], None] = lambda tare, is_kept: None,
    ) -> None:
        self._lock = RLock()
        self._known = {tare.plates: tare for tare in tares}
        self._on_change = on_change

    def of(self, plates: Plates, oldest: date) -> LearntTare | None:
        """The tare of these very plates, none that was weighed before a day."""
        with self._lock:
            found = self._known.get(plates)
        return found if found is not None and found.day >= oldest else None

    def learn(self, tare: LearntTare, oldest: date) -> None:
        """Keep a tare beside what the same plates weighed before, and forget what is older than a day.

        A weighing that is known already, as after a kill, is not learnt twice.
        """
        with self._lock:
            for old in [each for each in self._known.values() if each.day < oldest]:
                del self._known[old.plates]
                self._on_change(old, False)
            known = self._known.get(tare.plates)
            if known is not None and known.visit == tare.visit:
                return
            self._known[tare.plates] = replace(tare, before_kg=known.kg if known else None)
            self._on_change(self._known[tare.plates], True)
