"""The link: brings the outbox's events to the registry, in order, until each has its receipt.

    outbox ──waiting──▶ window ──publish──▶ broker ──▶ registry
       ▲                  │ resend after 10 s, 20 s, 40 s … without a receipt
       └──── receipt ◀────┘

At most ``window`` events are on their way at a time. The broker's PUBACK moves an event to *acknowledged*,
the registry's signed receipt to *received*; nothing else ends it. After a reconnect everything that is not
received is sent again. All database work happens in the link's own thread.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.connection import (
    REFUSED,
    Address,
    Arrived,
    BrokerAway,
    BrokerRefuses,
    Connection,
    Lost,
    Published,
    Will,
    Woken,
    connect,
)
from gateway.outbox import Change, Outbox, State, Stored
from record.errors import BadRecord
from record.event import MEDIA_TYPE
from record.proof import PublicKey, unwire, verify
from record.receipt import Receipt
from record.registry_state import GateState, RegistryState, ServiceState
from record.topics import REGISTRY_STATE, Gate

log = logging.getLogger(__name__)

CONTENT_REASONS = frozenset({0x83, 0x90, 0x95, 0x99})
"""Refusals that speak of the message itself: implementation, topic name, packet too large, payload format."""

POISON_AFTER = 5
BACKOFF_S = (0.5, 30.0)
LONGEST_RESEND_S = 300.0


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """What people see of the link."""

    connected: bool = False
    registry: ServiceState | None = None
    error: str | None = None
    advice: str | None = None
    received: int = 0
    refused: int = 0
    bad_messages: int = 0


@dataclass(slots=True)
class InFlight:
    """One event on its way over the present connection."""

    letter: Stored
    mid: int
    sent_at: float
    tries: int = 1
    acknowledged: bool = False


@dataclass(slots=True)
class Flight:
    """All events on their way, and what was learnt but not yet written."""

    by_row: dict[int, InFlight] = field(default_factory=dict)
    by_mid: dict[int, int] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)

    def add(self, flying: InFlight) -> None:
        """An event has been handed to the broker."""
        self.by_row[flying.letter.row] = flying
        self.by_mid[flying.mid] = flying.letter.row
        self.changes.append(Change(flying.letter.row, State.SENT))

    def land(self, row: int) -> None:
        """An event needs nothing more."""
        flying = self.by_row.pop(row, None)
        if flying is not None:
            self.by_mid.pop(flying.mid, None)


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
    ) -> None:
        self._outbox, self._gate, self._address = outbox, gate, address
        self._registry_keys = {registry_key.id: registry_key}
        self._window, self._resend_after = window, resend_after_s
        self._on_status, self._on_message = on_status, on_message
        self._stop = threading.Event()
        self._connection: Connection | None = None
        self._refusals: dict[int, int] = {}
        self._state = ServiceState.ONLINE
        self.status = LinkStatus()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)

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
        self._thread.join(timeout)

    def wake(self) -> None:
        """There is something new to send."""
        connection = self._connection
        if connection is not None:
            connection.wake()

    def _run(self) -> None:
        delay = BACKOFF_S[0]
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._once()
            except (BrokerAway, BrokerRefuses) as error:
                self._away(str(error), error.advice)
            except Exception as error:  # the thread's outermost frame: tell it, and go on
                log.exception("link: unexpected error")
                self._away(f"{type(error).__name__}: {error}", "error.ask_support")
            if time.monotonic() - began > BACKOFF_S[1]:
                delay = BACKOFF_S[0]
            self._stop.wait(delay * random.uniform(0.5, 1))  # noqa: S311 - jitter is no secret
            delay = min(delay * 2, BACKOFF_S[1])

    def _away(self, text: str, advice: str) -> None:
        """Log the first of a row of failures, keep the rest in the status."""
        if self.status.error is None:
            log.warning("link: %s", text)
        self._tell(connected=False, error=text, advice=advice)

    def _once(self) -> None:
        """One connection from its begin to its end."""
        will = Will(self._gate.state, self._gate_state(ServiceState.OFFLINE))
        filters = (self._gate.receipt, self._gate.command, self._gate.preadvice, REGISTRY_STATE)
        with connect(self._address, filters, will=will) as connection:
            self._connection = connection
            log.info("link: connected to %s:%s", self._address.host, self._address.port)
            self._tell(connected=True, error=None, advice=None)
            connection.publish(self._gate.state, self._gate_state(self._state), retain=True)
            try:
                self._serve(connection)
            finally:
                self._connection = None
            if self._stop.is_set():
                farewell = connection.publish(
                    self._gate.state, self._gate_state(ServiceState.OFFLINE), retain=True
                )
                connection.drain({farewell}, 2)

    def _serve(self, connection: Connection) -> None:
        window = min(self._window, connection.receive_maximum)
        flight = Flight()
        while not self._stop.is_set():
            self._fill(connection, flight, window)
            self._resend(connection, flight)
            for signal in connection.signals(timeout=0.5):
                match signal:
                    case Published():
                        self._published(signal, flight)
                    case Arrived():
                        self._arrived(signal, flight)
                    case Lost():
                        self._write(flight)
                        raise BrokerAway(f"the connection ended: {signal.text}")
                    case Woken():
                        pass
            self._write(flight)
            if not connection.alive:
                raise BrokerAway("the network thread has ended")

    def _fill(self, connection: Connection, flight: Flight, window: int) -> None:
        """Send the oldest events that wait, as many as the window has room for."""
        if len(flight.by_row) >= window:
            return
        for letter in self._outbox.waiting(window):
            if letter.row in flight.by_row:
                continue
            if len(flight.by_row) >= window:
                break
            if len(letter.body) > connection.maximum_packet - 1024:
                self._bury(
                    letter.row, f"larger than the broker takes ({connection.maximum_packet} bytes)", flight
                )
                continue
            self._send(connection, flight, letter, tries=1)

    def _send(self, connection: Connection, flight: Flight, letter: Stored, tries: int) -> None:
        flight.land(letter.row)
        mid = connection.publish(letter.topic, letter.body, media_type=MEDIA_TYPE)
        flight.add(InFlight(letter, mid, time.monotonic(), tries))

    def _resend(self, connection: Connection, flight: Flight) -> None:
        """Send again what the broker took but the registry has not answered. What the broker has not
        taken yet still lies with paho and would only be doubled."""
        moment = time.monotonic()
        for flying in list(flight.by_row.values()):
            patience = min(self._resend_after * 2 ** (flying.tries - 1), LONGEST_RESEND_S)
            if flying.acknowledged and moment - flying.sent_at > patience:
                self._send(connection, flight, flying.letter, flying.tries + 1)

    def _published(self, signal: Published, flight: Flight) -> None:
        row = flight.by_mid.get(signal.mid)
        if row is None:
            return
        flying = flight.by_row[row]
        if signal.reason < REFUSED:
            flying.acknowledged = True
            flight.changes.append(Change(row, State.ACKNOWLEDGED))
            return
        self._refusals[row] = self._refusals.get(row, 0) + 1
        reason = f"the broker refuses it: {signal.text} (0x{signal.reason:02X})"
        if signal.reason in CONTENT_REASONS and self._refusals[row] >= POISON_AFTER:
            self._bury(row, reason, flight)
            return
        log.warning("link: %s: %s", flying.letter.id, reason)
        flight.changes.append(Change(row, State.NEW, reason))
        self._write(flight)
        raise BrokerRefuses(reason)

    def _bury(self, row: int, reason: str, flight: Flight) -> None:
        """Put an event aside that the broker can never take."""
        log.error("link: event in row %s is dead: %s", row, reason)
        flight.land(row)
        flight.changes.append(Change(row, State.DEAD, reason))

    def _arrived(self, signal: Arrived, flight: Flight) -> None:
        """One message from the registry; what is not right is counted and told once, never more."""
        try:
            if signal.topic == self._gate.receipt:
                self._receipt(signal.payload, flight)
            elif signal.topic == REGISTRY_STATE:
                self._registry_state(signal.payload)
            else:
                self._on_message(signal.topic, signal.payload)
        except BadRecord as error:
            self._bad(signal.topic, str(error))
        except KeyError as error:
            self._bad(signal.topic, f"signed by the unknown key {error}")

    def _bad(self, topic: str, why: str) -> None:
        if not self.status.bad_messages:
            log.warning("link: %s: refused a message: %s", topic, why)
        self._tell(bad_messages=self.status.bad_messages + 1)

    def _receipt(self, payload: bytes, flight: Flight) -> None:
        record = unwire(payload)
        verify(record, self._registry_keys)
        receipt = Receipt.from_wire(record)
        stored = self._outbox.get(receipt.event)
        if stored is None or stored.hash != receipt.hash:
            raise BadRecord(f"a receipt for an event that is not ours: {receipt.event}")
        flight.receipts.append(receipt)
        flight.land(stored.row)
        self._refusals.pop(stored.row, None)
        if not receipt.answer.received:
            log.error("link: the registry refuses %s: %s", receipt.event, "; ".join(receipt.reasons))

    def _registry_state(self, payload: bytes) -> None:
        record = unwire(payload)
        state = RegistryState.from_wire(record)
        if state.proof:
            verify(record, self._registry_keys)
            self._compare(state)
        self._tell(registry=state.state)

    def _compare(self, state: RegistryState) -> None:
        """Open a new installation where the registry holds more of our chain than we do, or another one."""
        held = state.heads.get(self._outbox.source)
        if held is None:
            return
        own = self._outbox.head()
        if own is not None and self._outbox.hash_at(self._outbox.source, held.sequence) == held.hash:
            if held.sequence < own.sequence:
                self._outbox.again(self._outbox.source, held.sequence + 1, own.sequence)
            return
        log.error("link: the registry is ahead of this outbox: it is an older copy, a new chain begins")
        self._outbox.open_installation("registry_ahead")

    def _write(self, flight: Flight) -> None:
        """Write what was learnt, in one transaction of each kind."""
        if flight.changes:
            self._outbox.mark(flight.changes)
        if flight.receipts:
            self._outbox.settle(flight.receipts)
            received = sum(receipt.answer.received for receipt in flight.receipts)
            self._tell(
                received=self.status.received + received,
                refused=self.status.refused + len(flight.receipts) - received,
            )
        flight.changes.clear()
        flight.receipts.clear()

    def _gate_state(self, state: ServiceState) -> bytes:
        installation = self._outbox.source.rsplit("/", 1)[-1]
        record = GateState(
            state=state, at=datetime.now(UTC), installation=installation, head=self._outbox.head()
        )
        return json.dumps(record.to_wire()).encode()

    def _tell(self, **changes: object) -> None:
        self.status = LinkStatus(**{**{n: getattr(self.status, n) for n in LinkStatus.__slots__}, **changes})
        self._on_status(self.status)
