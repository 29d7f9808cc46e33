"""The same code again and again is one scan with a count.

A scanner on a stand reads a paper that lies before it every half second, and a person who is not sure pulls
the trigger twice. A code is held for a short window from its first reading, and then given out once.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.readings import Scan

WINDOW = 2.0
"""Seconds within which the same code is the same scan."""


class Repeats:
    """Holds each code for ``window`` seconds; 0 gives out every reading at once. Order is that of first
    reading."""

    def __init__(self, window: float = WINDOW) -> None:
        self._window = window
        self._held: dict[tuple[str | None, str], tuple[float, Scan]] = {}

    def add(self, scan: Scan, at: float) -> list[Scan]:
        """Take a scan read at ``at``; what is due is given out."""
        due = self.due(at)
        if self._window <= 0:
            return [*due, scan]
        key = (scan.aim, scan.text)
        first, held = self._held.get(key, (at, replace(scan, count=0)))
        self._held[key] = (first, replace(held, count=held.count + scan.count))
        return due

    def due(self, at: float) -> list[Scan]:
        """The scans whose window is over at ``at``, in the order of their first reading."""
        ready = [key for key, (first, _) in self._held.items() if at - first >= self._window]
        return [self._held.pop(key)[1] for key in ready]

    def all(self) -> list[Scan]:
        """Everything that is held, because nothing more will come."""
        held = [scan for _, scan in self._held.values()]
        self._held.clear()
        return held
