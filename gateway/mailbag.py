"""The mailbag of a lane: what it has to tell, on its way into the outbox, in order and never dropped."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable

from gateway.outbox.outbox import Letter, Outbox, OutboxBroken
from gateway.trouble import Trouble

log = logging.getLogger(__name__)

Tell = Callable[[Trouble, str | None], None]


class Mailbag:
    """Letters of one lane. For the lane's thread alone.

    ``tell`` gets a trouble when it begins, and None when it is over; ``stored`` the letters of one decision, once
    the outbox has them.
    """

    def __init__(
        self, lane: str, outbox: Outbox, tell: Tell, stored: Callable[[tuple[Letter, ...]], None]
    ) -> None:
        self._lane, self._outbox, self._tell, self._stored = lane, outbox, tell, stored
        self._waiting: deque[tuple[Letter, ...]] = deque()
        self._failed = False
        self._where = {"lane": lane}

    @property
    def is_empty(self) -> bool:
        """Whether the outbox has everything."""
        return not self._waiting

    def put(self, letters: Iterable[Letter]) -> None:
        """What one decision tells: stored all or none."""
        if together := tuple(letters):
            self._waiting.append(together)

    def post(self) -> None:
        """Put what waits into the outbox. What that cannot take now is tried again at the next call."""
        while self._waiting:
            try:
                refused = self._outbox.keep(*self._waiting[0])
            except OutboxBroken as error:
                self._wait(error)
                return
            for each in refused:
                log.error(
                    "lane %s: a %s is set aside: %s", self._lane, each.type, each.reason, extra=self._where
                )
                self._tell(Trouble.RECORD, f"{each.type} {each.subject}: {each.reason}")
            self._recover()
            self._stored(self._waiting.popleft())

    def _wait(self, error: OutboxBroken) -> None:
        if not self._failed:
            log.error("lane %s: what has to be told waits: %s", self._lane, error, extra=self._where)
            self._tell(Trouble.OUTBOX, str(error))
        self._failed = True

    def _recover(self) -> None:
        if self._failed:
            log.info("lane %s: the outbox stores again", self._lane, extra=self._where)
            self._tell(Trouble.OUTBOX, None)
        self._failed = False
