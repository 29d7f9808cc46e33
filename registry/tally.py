"""What one registry process has answered since it started, counted: by outcome, and how long it took."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
"""Bounds of the times from an event's arrival to its answer, in seconds."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted at one moment. ``times`` has one count a bound, and one of what took longer."""

    outcomes: Mapping[str, int]
    times: tuple[int, ...]
    total_s: float


class Tally:
    """Counts of one process. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._outcomes: Counter[str] = Counter()
        self._times = [0] * (len(BOUNDS_S) + 1)
        self._total_s = 0.0

    def answered(self, outcome: str, seconds: float) -> None:
        """An arrival was dealt with so long after it came."""
        with self._lock:
            self._outcomes[outcome] += 1
            self._times[bisect_left(BOUNDS_S, seconds)] += 1
            self._total_s += seconds

    @property
    def now(self) -> Counted:
        """All of it."""
        with self._lock:
            return Counted(dict(self._outcomes), tuple(self._times), self._total_s)
