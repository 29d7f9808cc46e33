"""The window: which events are on their way over the present connection, and when each goes again. Pure.

    sent ──▶ acknowledged ──▶ landed
     ▲            │
     └── due ◀────┘  10 s, 20 s, 40 s … after sending, longer by up to a quarter at random

An event that the broker has not acknowledged yet still lies with the MQTT client: sending it again would only
double it. One that the broker refused while the connection goes on is sent again after a while.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.outbox.letter import Stored

LONGEST_RESEND_S = 300.0
REFUSED_AGAIN_S, LONGEST_REFUSED_S = 0.25, 30.0
MOST_DOUBLINGS = 30


@dataclass(slots=True)
class InFlight:
    """One event on its way."""

    letter: Stored
    mid: int
    due: float | None = None
    tries: int = 0
    refusals: int = 0


@dataclass(slots=True)
class Flight:
    """All events on their way. Times are seconds of one monotonic clock."""

    window: int
    resend_after_s: float
    by_row: dict[int, InFlight] = field(default_factory=dict)
    _by_mid: dict[int, InFlight] = field(default_factory=dict)
    _by_event: dict[str, InFlight] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.by_row)

    def __contains__(self, row: object) -> bool:
        return row in self.by_row

    @property
    def untaken(self) -> list[Stored]:
        """What was handed over and has no answer of the broker yet."""
        return [each.letter for each in self.by_row.values() if each.due is None]

    def depart(self, letter: Stored, mid: int) -> None:
        """An event was handed to the broker, for the first time or again."""
        flying = self.by_row.get(letter.row)
        if flying is None:
            flying = self.by_row[letter.row] = self._by_event[letter.id] = InFlight(letter, mid)
        else:
            self._by_mid.pop(flying.mid, None)
            flying.mid, flying.due = mid, None
        flying.tries += 1
        self._by_mid[mid] = flying

    def acknowledged(self, mid: int, moment: float) -> InFlight | None:
        """The broker has taken a message; the event that it was, None for one that is not on its way."""
        flying = self._by_mid.get(mid)
        if flying is not None:
            patience = doubled(self.resend_after_s, flying.tries - 1, LONGEST_RESEND_S)
            flying.due = moment + patience * random.uniform(1, 1.25)  # noqa: S311 - jitter is no secret
        return flying

    def refused(self, mid: int, moment: float) -> InFlight | None:
        """The broker has refused a message; it goes again after 0.25 s, 0.5 s, 1 s … 30 s."""
        flying = self._by_mid.get(mid)
        if flying is not None:
            flying.due = moment + doubled(REFUSED_AGAIN_S, flying.refusals, LONGEST_REFUSED_S)
            flying.refusals += 1
        return flying

    def due(self, moment: float) -> list[InFlight]:
        """What has to go again."""
        return [each for each in self.by_row.values() if each.due is not None and moment >= each.due]

    def hurry(self, moment: float) -> None:
        """What the broker has taken goes again now: the registry has only come, and may have missed it."""
        for each in self.by_row.values():
            if each.due is not None:
                each.due = moment

    def of_event(self, event: str) -> Stored | None:
        """The event of that id, if it is on its way."""
        flying = self._by_event.get(event)
        return None if flying is None else flying.letter

    def land(self, rows: Iterable[int]) -> None:
        """These events need nothing more."""
        for row in rows:
            flying = self.by_row.pop(row, None)
            if flying is not None:
                self._by_mid.pop(flying.mid, None)
                self._by_event.pop(flying.letter.id, None)


def doubled(seconds: float, times: int, longest: float) -> float:
    """A wait that was doubled so many times, at most ``longest``; after days of trying the number has to stay one."""
    return min(seconds * 2.0 ** min(times, MOST_DOUBLINGS), longest)
