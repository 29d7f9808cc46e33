"""The publisher: one thread that brings what gates are told to the broker, retained, signed, until it expires.

    gate/v1/{depot}/preadvice/{id} | release/{id}     the notice; an empty message where it was withdrawn
    gate/v1/{depot}/preadvice/index                   once a day: the ids of all, by which a gate sees what it missed

A notice waits until the broker has acknowledged it. Once a day all of them are told again, so that a broker that has
lost what it held is healed. Of several workers on one PostgreSQL one publishes at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Engine, Row

from record.event import MAX_BYTES
from record.preadvice import Index
from record.proof import SigningKey, seal, wire
from record.topics import ROOT
from registry.connection import Outgoing
from registry.database import reading, turn, writing
from registry.notices import book
from registry.notices.book import Kind
from registry.rounds import RESTING_S, Rounds

EVERY_S = 0.5
"""How often it looks, when nobody has woken it."""

PATIENCE_S = 10.0
INDEX_EVERY = timedelta(days=1)
MOST_IN_INDEX = 5000


class Post(Protocol):
    """What the publisher needs of the link to the broker."""

    def announce(self, messages: Sequence[Outgoing], patience_s: float) -> int:
        """Publish in order; how many messages, from the first on, the broker has taken."""


class Publisher:
    """Goes its `rounds`; tests take the steps themselves."""

    def __init__(
        self,
        engine: Engine,
        post: Post,
        key: SigningKey,
        depots: Iterable[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._engine, self._post, self._key, self._clock = engine, post, key, clock
        self._depots = tuple(depots)
        self._indexed: datetime | None = None
        self.rounds = Rounds("registry-publisher", "notices: they", self._once)

    def publish(self) -> tuple[int, bool]:
        """Bring what waits to the broker: how many notices, and whether it took all of them."""
        with turn(self._engine, "publisher") as mine:
            if not mine:
                return 0, True
            now = self._clock()
            with reading(self._engine) as connection:
                rows = book.waiting(connection)
            if not rows:
                return 0, True
            taken = self._post.announce([self.message(row, now) for row in rows], PATIENCE_S)
            if taken:
                with writing(self._engine) as connection:
                    book.published(connection, rows[:taken], now)
            return taken, taken == len(rows)

    def message(self, row: Row[Any], now: datetime) -> Outgoing:
        """A notice as gates get it; what is withdrawn or over is taken out of the broker."""
        topic = f"{ROOT}/{row.depot}/{row.kind}/{row.id}"
        left = None if row.valid_until is None else int((row.valid_until - now).total_seconds())
        if row.withdrawn_at is not None or (left is not None and left < 1):
            return Outgoing(topic, b"", retain=True)
        body = wire(seal(book.record_of(row).to_wire(), self._key))
        return Outgoing(topic, body, retain=True, expires_s=None if left is None else min(left, 2**32 - 1))

    def index(self) -> bool:
        """Tell each depot the ids of all that it should have; whether the broker has it."""
        now = self._clock()
        with reading(self._engine) as connection:
            messages = [
                Outgoing(f"{ROOT}/{depot}/preadvice/index", self._index(connection, depot, now), retain=True)
                for depot in self._depots
            ]
        return self._post.announce(messages, PATIENCE_S) == len(messages)

    def _index(self, connection: Any, depot: str, now: datetime) -> bytes:
        """The index of a depot: the newest ids, as many as a message holds."""
        most = MOST_IN_INDEX
        while True:
            found = {kind: book.ids(connection, kind, depot, now, most) for kind in Kind}
            index = Index(at=now, preadvice=tuple(found[Kind.PREADVICE]), releases=tuple(found[Kind.RELEASE]))
            body = wire(seal(index.to_wire(), self._key))
            if len(body) <= MAX_BYTES:
                return body
            most = most * 3 // 4

    def _daily(self) -> None:
        """Once a day, and at the start: everything again, and the index."""
        now = self._clock()
        if self._indexed is not None and now - self._indexed < INDEX_EVERY:
            return
        if self.index():
            self._indexed = now
            with writing(self._engine) as connection:
                book.again(connection, now, now - INDEX_EVERY)

    def _once(self) -> float:
        count, all_taken = self.publish()
        if not count and all_taken:
            self._daily()
        if count:
            return 0.0
        return EVERY_S if all_taken else RESTING_S
