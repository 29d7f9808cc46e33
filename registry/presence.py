"""Presence: what the registry says of itself, retained and signed, and with its Last Will when it is gone.

*degraded* while the database cannot be written, or a chain is broken. What is not sent is told again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from record.proof import SigningKey, seal, wire
from record.registry_state import Head, RegistryState, ServiceState
from record.topics import REGISTRY_STATE
from registry import heads
from registry.database import reading

log = logging.getLogger(__name__)

OFFLINE = b'"state":"offline"'
"""In the canonical bytes of a state: a worker of this registry has ended."""


class Publish(Protocol):
    """How a message reaches the broker."""

    def __call__(self, topic: str, body: bytes, *, retain: bool) -> bool:
        """Hand it over; whether it could be sent."""


class Presence:
    """The state as it was last told. `renew` may be called from any thread; the rest belongs to one."""

    def __init__(
        self, engine: Engine, key: SigningKey, publish: Publish, clock: Callable[[], datetime]
    ) -> None:
        self._engine, self._key, self._publish, self._clock = engine, key, publish, clock
        self._fresh = threading.Event()
        self._told: tuple[ServiceState, dict[str, Head]] | None = None
        self._away = False
        self.broken = False
        """Whether a chain is."""

    @property
    def state(self) -> ServiceState:
        """As it would be told now."""
        return ServiceState.DEGRADED if self._away or self.broken else ServiceState.ONLINE

    @property
    def due(self) -> bool:
        """Whether it has to be told also where nothing has changed."""
        return self._fresh.is_set()

    def renew(self) -> None:
        """Have it told again: a connection is new, or another worker has said that it ends."""
        self._fresh.set()

    def tell(self) -> None:
        """Publish it where it is due or has changed. Raises what the database does.

        Its time is before its heads are read: what was answered earlier than that time is among them.
        """
        fresh, moment = self.due, self._clock()
        with reading(self._engine) as connection:
            said = self.state, heads.told(connection)
        if not fresh and said == self._told:
            return
        self._fresh.clear()
        sent = self._publish(REGISTRY_STATE, self._sealed(*said, at=moment), retain=True)
        self._told = said if sent else None

    def degrade(self, reason: str, tells: bool) -> None:
        """The database is away; ``tells``: this worker speaks for the registry."""
        if self._away:
            return
        log.error("registry: the database cannot be used: %s; events wait at the broker", reason)
        self._away = True
        if tells:
            self._publish(REGISTRY_STATE, self._sealed(self.state, {}), retain=True)
        self._told = None

    def recover(self) -> None:
        """The database is there again."""
        if self._away:
            log.warning("registry: the database can be used again")
            self._away = False
            self.renew()

    def will(self) -> tuple[str, bytes]:
        """What is said when the registry is gone: topic and message."""
        return REGISTRY_STATE, self._sealed(ServiceState.OFFLINE, {})

    def _sealed(self, state: ServiceState, held: dict[str, Head], at: datetime | None = None) -> bytes:
        record = RegistryState(state=state, at=at or self._clock(), key=self._key.public.id, heads=held)
        return wire(seal(record.to_wire(), self._key))
