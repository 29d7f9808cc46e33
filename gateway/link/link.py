"""The link: one thread that keeps a connection to the broker and delivers the outbox's events over it.

    examine ─▶ connect ─▶ deliver ─▶ lost ─▶ wait 0.5 s, 1 s, 2 s … 30 s ─▶ connect …

After an unclean stop the database is examined before anything is sent. After a reconnect everything that is
not received is sent again. How events travel is in `delivery`.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from gateway.link.around import Around
from gateway.link.connection import Address, Connection, Filter, Will, connect
from gateway.link.delivery import Delivery
from gateway.link.orders import Handler, Orders
from gateway.link.status import LinkStatus, Status
from gateway.outbox.outbox import Outbox, OutboxBroken
from record.command import CommandName
from record.errors import IieError
from record.proof import PublicKey
from record.registry_state import GateState, ServiceState
from record.topics import REGISTRY_STATE, Gate

__all__ = ["Link", "LinkStatus"]

log = logging.getLogger(__name__)

BACKOFF_S = (0.5, 30.0)
KEEP_RECEIVED = timedelta(days=90)
AGE_EVERY_S = 3600.0
STABLE_S = 30.0
"""A connection that has lasted so long, or delivered anything, was a good one: the back-off begins anew."""


class OutboxDamaged(OutboxBroken):
    """SQLite finds the file damaged. Nothing is sent; a person has to lay in a backup."""

    retry = False
    advice = "error.outbox_damaged"


class Link:
    """One thread between the outbox and the broker. `start` it once, `stop` it once."""

    def __init__(
        self,
        outbox: Outbox,
        gate: Gate,
        address: Address,
        registry_key: PublicKey,
        *,
        window: int = 20,
        resend_after_s: float = 10,
        on_status: Callable[[LinkStatus], None] = lambda status: None,
        on_message: Callable[[str, bytes], None] = lambda topic, payload: None,
        handlers: Mapping[CommandName, Handler] | None = None,
        keep_received: timedelta = KEEP_RECEIVED,
    ) -> None:
        """``keep_received``: how long events stay after their receipt; longer than the registry's backups."""
        self._outbox, self._gate, self._address = outbox, gate, address
        self._status = Status(on_status)
        keys = {registry_key.id: registry_key}
        orders = Orders(outbox, gate, keys, handlers or {})
        self._around = Around(outbox, gate, keys, orders, self._status, on_message, window, resend_after_s)
        self._stop = threading.Event()
        self._connection: Connection | None = None
        self._keep_received, self._next_ageing = keep_received, 0.0
        self._retained: dict[str, bytes] = {}
        self._untold: set[str] = set()
        self._detail: str | None = None
        self._told_detail: str | None = None
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)

    @property
    def status(self) -> LinkStatus:
        """What people see of the link."""
        return self._status.now

    @property
    def alive(self) -> bool:
        """Whether the link's thread runs, and paho's own where there is a connection."""
        connection = self._connection
        return self._thread.is_alive() and (connection is None or connection.alive)

    def start(self) -> None:
        """Begin to connect."""
        self._outbox.on_put(self.wake)
        self._thread.start()

    def stop(self, timeout: float = 5) -> None:
        """Say *offline*, disconnect and end. What was not received stays in the outbox."""
        self._stop.set()
        self.wake()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def wake(self) -> None:
        """There is something new to send."""
        connection = self._connection
        if connection is not None:
            connection.wake()

    def tell(self, topic: str, payload: bytes) -> None:
        """Publish something retained, such as the gate's health: the newest is told now, or at the next
        connection. It is no event: nobody receipts it, and what a newer one replaces is never told."""
        self._retained[topic] = payload
        self._untold.add(topic)
        self.wake()

    def degraded(self, detail: str | None) -> None:
        """Something at the gate is wrong while it goes on, as its state says from now; None: nothing is."""
        self._detail = detail
        self.wake()

    def _run(self) -> None:
        delay = BACKOFF_S[0]
        while not self._stop.is_set():
            began = time.monotonic()
            delivery: Delivery | None = None
            try:
                self._examine()
                with self._connected() as connection:
                    delivery = Delivery(self._around, connection)
                    self._deliver(connection, delivery)
            except OutboxBroken as error:
                self._away(str(error), error.advice)
                delivery = None
            except IieError as error:
                self._away(str(error), error.advice)
            except Exception as error:  # the thread's outermost frame: tell it, and go on
                log.exception("link: unexpected error")
                self._away(f"{type(error).__name__}: {error}", IieError.advice)
            useful = delivery is not None and delivery.useful
            if useful or time.monotonic() - began > STABLE_S:
                delay = BACKOFF_S[0]
            self._stop.wait(delay * random.uniform(0.5, 1))  # noqa: S311 - jitter is no secret
            delay = min(delay * 2, BACKOFF_S[1])

    def _examine(self) -> None:
        """Look whether a file is whole that was not closed by the program before. Raises `OutboxDamaged`."""
        if not self._outbox.unclean:
            return
        damage = self._outbox.file.damage()
        if damage:
            raise OutboxDamaged(f"the outbox is damaged: {'; '.join(damage)[:300]}")
        self._outbox.unclean = False

    def _away(self, text: str, advice: str) -> None:
        """Log the first of a row of failures, keep the rest in the status."""
        if self.status.error is None:
            log.warning("link: %s", text)
        self._status.tell(connected=False, error=text, advice=advice)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection with its birth and its farewell."""
        will = Will(self._gate.state, self._gate_state(ServiceState.OFFLINE))
        filters = (
            Filter(self._gate.receipt),
            Filter(self._gate.command),
            Filter(self._gate.preadvice),
            Filter(self._gate.release),
            Filter(REGISTRY_STATE, retained_always=True),
        )
        with connect(self._address, filters, will=will) as connection:
            log.info("link: connected to %s", self._address)
            self._tell_state(connection)
            self._untold = set(self._retained)
            self._connection = connection
            try:
                yield connection
            finally:
                self._connection = None
            if self._stop.is_set():
                last = self._gate_state(ServiceState.OFFLINE)
                farewell = connection.publish(self._gate.state, last, retain=True)
                connection.drain({farewell}, 2)

    def _deliver(self, connection: Connection, delivery: Delivery) -> None:
        self._status.tell(connected=True)
        try:
            while not self._stop.is_set():
                if self._detail != self._told_detail:
                    self._tell_state(connection)
                while self._untold:
                    topic = self._untold.pop()
                    connection.publish(topic, self._retained[topic], retain=True)
                delivery.step()
                self._age_out()
        finally:
            delivery.write()

    def _age_out(self) -> None:
        """Once an hour, let go what was received long ago."""
        if time.monotonic() >= self._next_ageing:
            self._next_ageing = time.monotonic() + AGE_EVERY_S
            gone = self._outbox.age_out(self._keep_received)
            if gone:
                log.info("outbox: %s received events have aged out", gone)

    def _tell_state(self, connection: Connection) -> None:
        """Publish *online*, or *degraded* with what is wrong."""
        self._told_detail = self._detail
        state = ServiceState.DEGRADED if self._told_detail else ServiceState.ONLINE
        connection.publish(self._gate.state, self._gate_state(state, self._told_detail), retain=True)

    def _gate_state(self, state: ServiceState, detail: str | None = None) -> bytes:
        installation = self._outbox.source.rsplit("/", 1)[-1]
        record = GateState(
            state=state,
            at=datetime.now(UTC),
            installation=installation,
            head=self._outbox.head(),
            detail=detail,
        )
        return json.dumps(record.to_wire()).encode()
