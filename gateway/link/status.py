"""What people see of the link, and how it is counted."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from record.registry_state import ServiceState

log = logging.getLogger(__name__)


class LinkStatus(NamedTuple):
    """What people see of the link."""

    connected: bool = False
    registry: ServiceState | None = None
    error: str | None = None
    advice: str | None = None
    received: int = 0
    refused: int = 0
    bad_messages: int = 0


class Status:
    """The newest `LinkStatus`; tells each change to ``on_status``. Written by the link's thread only."""

    def __init__(self, on_status: Callable[[LinkStatus], None]) -> None:
        self.now = LinkStatus()
        self._on_status = on_status
        self._bad_topics: set[str] = set()

    def tell(self, **changes: Any) -> None:
        """Some fields have another value; nothing is told where none has."""
        newer = self.now._replace(**changes)
        if newer != self.now:
            self._is(newer)

    def count(self, received: bool) -> None:
        """One more event was answered."""
        now = self.now
        if received:
            self._is(now._replace(received=now.received + 1))
        else:
            self._is(now._replace(refused=now.refused + 1))

    def bad_message(self, topic: str, why: str) -> None:
        """Count a message that was refused; the first of each topic is told."""
        if topic not in self._bad_topics:
            self._bad_topics.add(topic)
            log.warning("link: %s: refused a message: %s; further ones are only counted", topic, why)
        self.tell(bad_messages=self.now.bad_messages + 1)

    def _is(self, newer: LinkStatus) -> None:
        self.now = newer
        self._on_status(newer)
