"""The same code again and again is one scan with a count.

A scanner on a stand reads a paper that lies before it every half second, and a person who is not sure pulls
the trigger twice. A code is held for a short window from its first reading, and then given out once.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.device import Aged
from drivers.readings import Scan

WINDOW = 2.0
"""Seconds within which the same code is the same scan."""


class Repeats:
    """Holds each code for ``window`` seconds, in the order of first reading; 0 gives out every one at once."""

    def __init__(self, window: float = WINDOW) -> None:
        self._window = window
        self._held: dict[tuple[str | None, str], tuple[float, Scan]] = {}

    def add(self, scan: Scan, at: float) -> list[Scan | Aged]:
        """Take a scan read at ``at``; what is due is given out."""
        due: list[Scan | Aged] = [*self.due(at)]
        if self._window <= 0:
            return [*due, scan]
        key = (scan.aim, scan.text)
        first, held = self._held.get(key, (at, replace(scan, count=0)))
        self._held[key] = (first, replace(held, count=held.count + scan.count))
        return due

    def due(self, at: float) -> list[Aged]:
        """The scans whose window is over at ``at``, with the age of their first reading."""
        return self._given([key for key, (first, _) in self._held.items() if at - first >= self._window], at)

    def all(self, at: float) -> list[Aged]:
        """Everything that is held, because nothing more will come after ``at``."""
        return self._given(list(self._held), at)

    def _given(self, keys: list[tuple[str | None, str]], at: float) -> list[Aged]:
        taken = [self._held.pop(key) for key in keys]
        return [Aged(scan, at - first) for first, scan in taken]
