"""How much one system may ask: requests by the minute, and open connections. Each worker counts for itself."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from math import ceil

REMEMBERED = 10_000
"""Those whose requests are counted; beyond them whoever asked longest ago is forgotten."""

MOST_SEATS = 50
"""Open connections of all systems together: the rest of the server's are people's."""


class Meter:
    """Token buckets: each holds a minute's requests at most, and fills evenly. Safe for several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, float]] = {}

    def take(self, whose: str, per_minute: int) -> int:
        """Count a request: 0 where it may go on, else the seconds that it has to wait; one that waits is free."""
        with self._lock:
            now = self._clock()
            left, at = self._held.pop(whose, (float(per_minute), now))
            left = min(float(per_minute), left + (now - at) * per_minute / 60)
            wait = 0 if left >= 1 else ceil((1 - left) * 60 / per_minute)
            self._held[whose] = (left if wait else left - 1, now)
            while len(self._held) > REMEMBERED:
                self._held.pop(next(iter(self._held)))
            return wait


class Seats:
    """Open connections, counted by system. Safe for several threads."""

    def __init__(self, most: int = MOST_SEATS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    def take(self, whose: str, most: int) -> bool:
        """Take a seat; False where the system, or all of them, have as many as they may."""
        with self._lock:
            if self._taken[whose] >= most or self._taken.total() >= self._most:
                return False
            self._taken[whose] += 1
            return True

    def leave(self, whose: str) -> None:
        """Give a seat back."""
        with self._lock:
            self._taken[whose] -= 1
            if not self._taken[whose]:
                del self._taken[whose]


class Seat:
    """A seat that was taken. Given back once, however often that is asked for."""

    def __init__(self, seats: Seats, whose: str) -> None:
        self._seats, self._whose = seats, whose
        self._lock = threading.Lock()
        self._left = False

    def leave(self) -> None:
        """Give it back."""
        with self._lock:
            gone, self._left = self._left, True
        if not gone:
            self._seats.leave(self._whose)
