"""The teller: one thread that brings the events of reports from their outbox to the broker, in their order.

An event leaves the outbox when the broker has acknowledged it. A connection that breaks in between makes some
come again, with the same id and in the same order: `sequence` tells them. Of several workers on one PostgreSQL
one tells at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Engine

from record.topics import report as topic_of
from registry.database import reading, turn, writing
from registry.reports import telling
from registry.rounds import RESTING_S, Rounds

EVERY_S = 0.5
"""How often it looks, when nobody has woken it."""

PATIENCE_S = 10.0
KEPT = timedelta(days=30)
"""How long events are kept after the broker has had them."""

FORGET_EVERY_S = 3600.0


class Post(Protocol):
    """What the teller needs of the link to the broker."""

    def deliver(self, messages: Sequence[tuple[str, bytes]], patience_s: float) -> int:
        """Publish in order; how many messages, from the first on, the broker has taken."""


class Teller:
    """Goes its `rounds`; tests take the steps themselves."""

    def __init__(self, engine: Engine, post: Post, clock: Callable[[], datetime]) -> None:
        self._engine, self._post, self._clock = engine, post, clock
        self._next_forgetting = time.monotonic()
        self.rounds = Rounds("registry-teller", "reports: events", self._once)

    def tell(self) -> tuple[int, bool]:
        """Bring what waits to the broker: how many events, and whether it took all of them."""
        with turn(self._engine, "teller") as mine:
            if not mine:
                return 0, True
            with reading(self._engine) as connection:
                rows = telling.waiting(connection)
            if not rows:
                return 0, True
            taken = self._post.deliver([(topic_of(row.depot), row.body) for row in rows], PATIENCE_S)
            if taken:
                with writing(self._engine) as connection:
                    telling.sent(connection, [row.position for row in rows[:taken]], self._clock())
            return taken, taken == len(rows)

    def forget(self) -> int:
        """Delete events that the broker has had for long; how many."""
        with writing(self._engine) as connection:
            return telling.forget(connection, self._clock() - KEPT)

    def _once(self) -> float:
        count, all_taken = self.tell()
        if not count and time.monotonic() >= self._next_forgetting:
            self._next_forgetting = time.monotonic() + (0 if self.forget() else FORGET_EVERY_S)
        if count:
            return 0.0
        return EVERY_S if all_taken else RESTING_S
