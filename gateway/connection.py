"""One connection to the broker, from CONNECT to its end: MQTT 5 through paho-mqtt, a new client each time.

paho's callbacks run in its own thread and inside its own mutex, so they do nothing but put a signal into a
queue; everything else happens in the thread that takes the signals out. Signals of an older connection cannot
come up, since each connection has a queue of its own.
"""

from __future__ import annotations

import logging
import queue
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from record.errors import IieError

log = logging.getLogger(__name__)

SESSION_EXPIRY_S = 7 * 24 * 3600
"""How long the broker keeps what it could not deliver to us."""

REFUSED = 0x80
"""MQTT 5 reason codes from here on are refusals."""

DEFAULT_RECEIVE_MAXIMUM = 65535


class BrokerAway(IieError):
    """The broker is not there, does not answer, or has gone. Trying again may help."""

    retry = True
    advice = "link.broker_away"


class BrokerRefuses(IieError):
    """The broker answers and says no: wrong password, wrong rights. A person has to look."""

    retry = True
    advice = "link.broker_refuses"


@dataclass(frozen=True, slots=True)
class Published:
    """The broker's PUBACK, with its reason code."""

    mid: int
    reason: int
    text: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message of a subscription, not yet acknowledged where acknowledging is ours."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection has ended."""

    text: str


@dataclass(frozen=True, slots=True)
class Woken:
    """Somebody outside has work for the thread that owns the connection."""


Signal = Published | Arrived | Lost | Woken


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker is and who we are there. ``password`` is read anew for every connection."""

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: Callable[[], str | None] = lambda: None
    tls: ssl.SSLContext | None = None
    keepalive_s: int = 15


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says in our name when we are gone: same topic, QoS and retain flag as the birth."""

    topic: str
    payload: bytes


class Connection:
    """An open connection. Use `connect`."""

    def __init__(self, client: mqtt.Client, signals: queue.SimpleQueue[Signal], properties: Any) -> None:
        self._client = client
        self._signals = signals
        self.receive_maximum = int(getattr(properties, "ReceiveMaximum", DEFAULT_RECEIVE_MAXIMUM))
        self.maximum_packet = int(getattr(properties, "MaximumPacketSize", 2**28))

    @property
    def alive(self) -> bool:
        """Whether paho's own thread still runs; `is_connected` alone stays true when a callback killed it."""
        thread = self._client._thread
        return bool(self._client.is_connected() and thread is not None and thread.is_alive())

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, media_type: str | None = None
    ) -> int:
        """Hand a message over with QoS 1. Returns its id; only `Published` tells what became of it."""
        properties = _properties(PacketTypes.PUBLISH)
        if media_type is not None:
            properties.ContentType = media_type
        info = self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)
        if info.rc != mqtt.MQTT_ERR_SUCCESS:
            raise BrokerAway(f"cannot publish: {mqtt.error_string(info.rc)}")
        return info.mid

    def signals(self, timeout: float) -> Iterator[Signal]:
        """Everything that has come, after waiting at most ``timeout`` seconds for the first of it."""
        with suppress(queue.Empty):
            yield self._signals.get(timeout=timeout)
            while True:
                yield self._signals.get_nowait()

    def wake(self) -> None:
        """End the wait in `signals`, from any thread."""
        self._signals.put(Woken())

    def drain(self, mids: set[int], timeout: float) -> None:
        """Wait until the broker has answered to ``mids``, for ``timeout`` seconds at most."""
        until = time.monotonic() + timeout
        while mids and (left := until - time.monotonic()) > 0:
            for signal in self.signals(left):
                if isinstance(signal, Published):
                    mids.discard(signal.mid)
                elif isinstance(signal, Lost):
                    return


@contextmanager
def connect(
    address: Address, filters: tuple[str, ...], *, will: Will | None = None, timeout: float = 10
) -> Iterator[Connection]:
    """Connect, subscribe to ``filters`` and wait for the broker's word on both; disconnect at the end.

    Raises `BrokerAway` where nobody answers in time, `BrokerRefuses` where the broker says no.
    """
    signals: queue.SimpleQueue[Signal] = queue.SimpleQueue()
    answers: queue.SimpleQueue[tuple[str, list[Any], Any]] = queue.SimpleQueue()
    client = _client(address, signals, answers, will)
    expiry = _properties(PacketTypes.CONNECT)
    expiry.SessionExpiryInterval = SESSION_EXPIRY_S
    try:
        client.connect(address.host, address.port, address.keepalive_s, clean_start=False, properties=expiry)
    except OSError as error:
        raise BrokerAway(f"{address.host}:{address.port}: {error}") from error
    client.loop_start()
    try:
        properties = _await(answers, "connect", timeout, address)
        if filters:
            client.subscribe([(topic, SubscribeOptions(qos=1, retainHandling=1)) for topic in filters])
            _await(answers, "subscribe", timeout, address)
        yield Connection(client, signals, properties)
    finally:
        client.disconnect()
        client.loop_stop()


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]


def _client(
    address: Address,
    signals: queue.SimpleQueue[Signal],
    answers: queue.SimpleQueue[tuple[str, list[Any], Any]],
    will: Will | None,
) -> mqtt.Client:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=address.client_id, protocol=mqtt.MQTTv5)
    client.connect_timeout = 5
    if address.username is not None:
        client.username_pw_set(address.username, address.password())
    if address.tls is not None:
        client.tls_set_context(address.tls)
    if will is not None:
        client.will_set(will.topic, will.payload, qos=1, retain=True)
    client.max_queued_messages_set(0)

    def connected(_c: Any, _u: Any, _flags: Any, reason: Any, properties: Any) -> None:
        answers.put(("connect", [reason], properties))

    def subscribed(_c: Any, _u: Any, _mid: int, reasons: list[Any], _properties: Any) -> None:
        answers.put(("subscribe", reasons, None))

    def published(_c: Any, _u: Any, mid: int, reason: Any, _properties: Any) -> None:
        signals.put(Published(mid, reason.value, str(reason)))

    def arrived(_c: Any, _u: Any, message: mqtt.MQTTMessage) -> None:
        signals.put(Arrived(message.topic, bytes(message.payload)))

    def lost(_c: Any, _u: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        signals.put(Lost(str(reason)))
        answers.put(("lost", [reason], None))

    def opened(_c: Any, _u: Any, link: Any) -> None:
        with suppress(OSError, AttributeError):
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    client.on_connect = connected
    client.on_subscribe = subscribed
    client.on_publish = published
    client.on_message = arrived
    client.on_disconnect = lost
    client.on_socket_open = opened
    client.reconnect_delay_set(3600, 3600)
    return client


def _await(
    answers: queue.SimpleQueue[tuple[str, list[Any], Any]], what: str, timeout: float, address: Address
) -> Any:
    """Wait for the broker's word on ``what`` and return the properties that came with it."""
    where = f"{address.host}:{address.port}"
    try:
        kind, reasons, properties = answers.get(timeout=timeout)
    except queue.Empty:
        raise BrokerAway(f"{where}: no answer to {what} within {timeout:g} s") from None
    refusals = [str(reason) for reason in reasons if reason.value >= REFUSED]
    if refusals:
        raise BrokerRefuses(f"{where}: {what} refused: {', '.join(refusals)}")
    if kind != what:
        raise BrokerAway(f"{where}: the connection ended before the answer to {what}")
    return properties
