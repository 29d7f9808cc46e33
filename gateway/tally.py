"""What a gate has done since it started, counted: trucks by outcome, drafts, how long pictures took."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.outbox.letter import Letter
from record.event import EventType

BOUNDS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Bounds of the times that pictures take, in seconds from their coming to their answer."""

MOST_DRAFTS = 1000
"""Drafts whose truck has not left yet; more of them are forgotten, the oldest first."""


@dataclass(slots=True)
class Times:
    """How often something took at most so long; the last count is of what took longer than every bound."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted, at one moment. Visits by lane, outcome and announcement; drafts by lane and status."""

    visits: Mapping[tuple[str, str, str], int]
    drafts: Mapping[tuple[str, str], int]
    reading: Mapping[str, Times]


class Tally:
    """Counts of one gate. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._visits: Counter[tuple[str, str, str]] = Counter()
        self._drafts: Counter[tuple[str, str]] = Counter()
        self._reading: dict[str, Times] = {}
        self._status: dict[str, str] = {}

    def told(self, lane: str, letters: Iterable[Letter]) -> None:
        """These are in the outbox. A draft counts once, as it stood when its truck had left."""
        with self._lock:
            for letter in letters:
                if letter.type is EventType.DRAFT:
                    self._status[str(letter.data.get("draft"))] = str(letter.data.get("status"))
                elif letter.type is EventType.VISIT_CLOSED:
                    self._closed(lane, letter.data)
            while len(self._status) > MOST_DRAFTS:
                del self._status[next(iter(self._status))]

    def read(self, reader: str, seconds: float) -> None:
        """A picture was answered by one of the readers after so long."""
        with self._lock:
            self._reading.setdefault(reader, Times()).add(seconds)

    @property
    def now(self) -> Counted:
        """All of it."""
        with self._lock:
            reading = {
                name: Times(list(times.counts), times.total_s) for name, times in self._reading.items()
            }
            return Counted(dict(self._visits), dict(self._drafts), reading)

    def _closed(self, lane: str, data: Mapping[str, object]) -> None:
        announced = "yes" if data.get("announced") else "no"
        self._visits[lane, str(data.get("outcome")), announced] += 1
        drafts = data.get("drafts")
        for draft in drafts if isinstance(drafts, list | tuple) else ():
            status = self._status.pop(str(draft), None)
            if status is not None:
                self._drafts[lane, status] += 1
