"""The link keeps one connection to the broker alive: a fresh client each time, with back-off between them."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from paho.mqtt.properties import Properties

from registry.connection import (
    BrokerAway,
    BrokerRefuses,
    Connection,
    Deliveries,
    Login,
    NarrowWindow,
    Outgoing,
)

log = logging.getLogger(__name__)

SHORTEST_S, LONGEST_S = 0.25, 30.0
"""Waits between attempts: doubled each time, cut down at random by up to a half."""

LASTING_S = 5.0
"""A connection that stood this long was a good one: the next attempt comes at once."""

SHORT_IN_A_ROW = 3
"""Connections that end soon before somebody is told that there may be a rival."""

REFUSED_S = 5.0
"""The shortest wait after a refusal, which seldom changes by itself."""


class Link:
    """One thread that connects again and again. `start` it once, `stop` it once."""

    def __init__(
        self,
        login: Login,
        filters: Sequence[str],
        will: Callable[[], tuple[str, bytes] | None],
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self.deliveries: Deliveries = Deliveries()
        self._login, self._filters, self._will, self._on_ready = login, filters, will, on_ready
        self._stop = threading.Event()
        self._told = ""
        self._short = 0
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="registry-link", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the link's own thread runs."""
        return self._thread.is_alive()

    @property
    def connection(self) -> Connection | None:
        """The connection that stands, if one does."""
        return self._connection

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def stop(self, farewell: tuple[str, bytes] | None, patience_s: float = 2.0) -> None:
        """Leave a last retained message where there is one, disconnect, end."""
        connection = self._connection
        if connection is not None and farewell is not None:
            connection.farewell(*farewell, patience_s)
        self._stop.set()
        if connection is not None:
            connection.lost.set()
        self._thread.join(patience_s)

    def publish(
        self, topic: str, body: bytes, retain: bool = False, properties: Properties | None = None
    ) -> bool:
        """Publish on the connection that stands; False where none does."""
        connection = self._connection
        return connection is not None and connection.publish(topic, body, retain, properties)

    def deliver(self, messages: Sequence[tuple[str, bytes]], patience_s: float) -> int:
        """Publish in order and wait until the broker has it; how many messages, from the first on, it has."""
        connection = self._connection
        return connection.deliver(messages, patience_s) if connection is not None else 0

    def announce(self, messages: Sequence[Outgoing], patience_s: float) -> int:
        """The same of messages that may be retained and expire."""
        connection = self._connection
        return connection.announce(messages, patience_s) if connection is not None else 0

    def _run(self) -> None:
        delay = SHORTEST_S
        while not self._stop.is_set():
            began, refused = time.monotonic(), False
            try:
                self._once()
            except NarrowWindow as error:
                log.info("broker: %s", error)
                self._login = replace(self._login, window=error.window)
            except BrokerAway as error:
                self._tell(str(error))
                refused = isinstance(error, BrokerRefuses)
            except Exception:  # the thread's outermost frame: tell, and connect again
                log.exception("broker: unexpected error")
            if time.monotonic() - began > LASTING_S:
                delay = SHORTEST_S
            if refused:
                delay = max(delay, REFUSED_S)
            self._stop.wait(delay * random.uniform(0.5, 1))  # noqa: S311 - jitter is no secret
            delay = min(delay * 2, LONGEST_S)

    def _once(self) -> None:
        """One connection from its begin to its end. Raises `BrokerAway` unless the link is stopped."""
        connection = Connection(self._login, self._filters, self.deliveries, self._will())
        self._connection = connection
        began = time.monotonic()
        try:
            connection.open()
            log.info("broker: connected to %s:%s and subscribed", self._login.host, self._login.port)
            self._told = ""
            self._on_ready()
            while not connection.lost.wait(1.0):
                if not connection.alive:
                    raise BrokerAway("paho's network thread has ended")
        finally:
            self._connection = None
            connection.close()
        if not self._stop.is_set():
            failure = BrokerRefuses if connection.refused else BrokerAway
            raise failure(f"the connection ended: {connection.reason}{self._rival(began)}")

    def _rival(self, began: float) -> str:
        """A guess, where connection after connection ends soon. Mosquitto 2.0.11 closes without a reason."""
        self._short = self._short + 1 if time.monotonic() - began < LASTING_S else 0
        if self._short < SHORT_IN_A_ROW:
            return ""
        return f", {self._short} times soon after it began: is another program logged on as {self._login.client_id}?"

    def _tell(self, reason: str) -> None:
        """Say a reason once, however often it comes in a row."""
        if reason != self._told:
            log.warning("broker: %s", reason)
        self._told = reason
