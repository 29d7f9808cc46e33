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
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from gateway.link.signals import Arrived, Lost, Published, Signal, Woken
from record.client import Client
from record.errors import IieError

__all__ = [
    "Address",
    "Arrived",
    "BrokerAway",
    "BrokerRefuses",
    "Connection",
    "Filter",
    "Lost",
    "Published",
    "Signal",
    "Will",
    "Woken",
    "connect",
]

log = logging.getLogger(__name__)

SESSION_EXPIRY_S = 7 * 24 * 3600
"""How long the broker keeps what it could not deliver to us."""

REFUSED = 0x80
"""MQTT 5 reason codes from here on are refusals."""

PASSING = frozenset({0x00, 0x80, 0x81, 0x88, 0x89, 0x8B, 0x8D, 0x97, 0x98, 0x9F, 0xA0})
"""Reasons to end a connection that pass by themselves: shutting down, busy, keep-alive, quota."""

TAKEN_OVER = 0x8E
DEFAULT_RECEIVE_MAXIMUM = 65535
IN_FLIGHT = 200
"""What paho may have on its way; never reached, since the link's own window is smaller."""


class BrokerAway(IieError):
    """The broker is not there, does not answer, or has gone. Trying again may help."""

    retry = True
    advice = "link.broker_away"


class BrokerRefuses(IieError):
    """The broker answers and says no: wrong password, wrong rights. A person has to look."""

    retry = True
    advice = "link.broker_refuses"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker is and who we are there.

    ``password`` is read anew for every connection. A link that is dead without saying so is found within
    ``keepalive_s`` seconds.
    """

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: Callable[[], str | None] = lambda: None
    tls: ssl.SSLContext | None = None
    keepalive_s: int = 15

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says in our name when we are gone: same topic, QoS and retain flag as the birth."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Filter:
    """A subscription. What is retained there comes at every connection, or only at the first of a session."""

    topic: str
    retained_always: bool = False

    @property
    def options(self) -> tuple[str, SubscribeOptions]:
        """As paho takes it: QoS 1, Retain Handling 0 or 1 (MQTT 5, 3.8.3.1)."""
        return self.topic, SubscribeOptions(qos=1, retainHandling=0 if self.retained_always else 1)


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
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        media_type: str | None = None,
        correlation: bytes | None = None,
    ) -> int:
        """Hand a message over with QoS 1. Returns its id; only `Published` tells what became of it."""
        properties = _described(media_type, correlation)
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


class HandshakeOrClose(ssl.SSLSocket):
    """A TLS line that is closed where the handshake fails; paho leaves it open."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands. Raises what `ssl` raises."""
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


Answers = queue.SimpleQueue[tuple[str, list[Any], Any]]


@contextmanager
def connect(
    address: Address, filters: Iterable[Filter], *, will: Will | None = None, timeout: float = 10
) -> Iterator[Connection]:
    """Connect, subscribe to ``filters`` and wait for the broker's word on both; disconnect at the end.

    Raises `BrokerAway` where nobody answers in time, `BrokerRefuses` where the broker says no.
    """
    signals: queue.SimpleQueue[Signal] = queue.SimpleQueue()
    answers: Answers = queue.SimpleQueue()
    client = _client(address, signals, answers, will)
    expiry = _properties(PacketTypes.CONNECT)
    expiry.SessionExpiryInterval = SESSION_EXPIRY_S
    try:
        # paho asks after this many seconds of silence and gives up after as many again
        keepalive = max(1, address.keepalive_s // 2)
        client.connect(address.host, address.port, keepalive, clean_start=False, properties=expiry)
    except ssl.SSLCertVerificationError as error:
        raise BrokerRefuses(f"{address}: its certificate does not hold: {error.verify_message}") from error
    except (OSError, ValueError) as error:
        raise BrokerAway(f"{address}: {error}") from error
    client.loop_start()
    try:
        properties = _await(answers, "connect", timeout, address)
        wanted = [each.options for each in filters]
        if wanted:
            client.subscribe(wanted)
            _await(answers, "subscribe", timeout, address)
        yield Connection(client, signals, properties)
    finally:
        _end(client)


def _end(client: mqtt.Client) -> None:
    """Disconnect; where that cannot be said any more, because the other side takes nothing, hang up."""
    client.disconnect()
    thread = client._thread
    if thread is not None:
        thread.join(1)
        line: Any = client.socket()
        if thread.is_alive() and line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
    client.loop_stop()


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]


class Packed(Properties):
    """Properties of a PUBLISH that are packed once: most messages have the same, and paho packs slowly."""

    def __init__(self, media_type: str | None, correlation: bytes | None) -> None:
        super().__init__(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if media_type is not None:
            self.ContentType = media_type
        if correlation is not None:
            self.CorrelationData = correlation
        object.__setattr__(self, "_bytes", super().pack())  # type: ignore[no-untyped-call]

    def pack(self) -> bytes:
        """The bytes for the packet."""
        packed: bytes = object.__getattribute__(self, "_bytes")
        return packed


_described = lru_cache(maxsize=8)(Packed)


def _password(address: Address) -> str | None:
    try:
        return address.password()
    except OSError as error:
        raise BrokerRefuses(f"{address}: the password cannot be read: {error}") from error


def _client(
    address: Address, signals: queue.SimpleQueue[Signal], answers: Answers, will: Will | None
) -> mqtt.Client:
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=address.client_id,
        protocol=mqtt.MQTTv5,
        reconnect_on_failure=False,
    )
    client.connect_timeout = 5
    if address.username is not None:
        client.username_pw_set(address.username, _password(address))
    if address.tls is not None:
        address.tls.sslsocket_class = HandshakeOrClose
        client.tls_set_context(address.tls)
    if will is not None:
        client.will_set(will.topic, will.payload, qos=1, retain=True)
    client.max_queued_messages_set(0)
    client.max_inflight_messages_set(IN_FLIGHT)

    def connected(_c: Any, _u: Any, _flags: Any, reason: Any, properties: Any) -> None:
        answers.put(("connect", [reason], properties))

    def subscribed(_c: Any, _u: Any, _mid: int, reasons: list[Any], _properties: Any) -> None:
        answers.put(("subscribe", reasons, None))

    def published(_c: Any, _u: Any, mid: int, reason: Any, _properties: Any) -> None:
        signals.put(Published(mid, reason.value, str(reason) if reason.value >= REFUSED else ""))

    def arrived(_c: Any, _u: Any, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "?"
        signals.put(Arrived(topic, bytes(message.payload)))

    def lost(_c: Any, _u: Any, flags: Any, reason: Any, _properties: Any) -> None:
        refused = flags.is_disconnect_packet_from_server and reason.value not in PASSING
        signals.put(Lost(_why(reason, address), refused, reason.value))
        answers.put(("lost", [reason] if refused else [], None))

    def opened(_c: Any, _u: Any, link: Any) -> None:
        with suppress(OSError, AttributeError):
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    client.on_connect = connected
    client.on_subscribe = subscribed
    client.on_publish = published
    client.on_message = arrived
    client.on_disconnect = lost
    client.on_socket_open = opened
    return client


def _why(reason: Any, address: Address) -> str:
    if reason.value == TAKEN_OVER:
        return f"another client logged on as {address.client_id}; is this gate running twice?"
    return str(reason)


def _await(answers: Answers, what: str, timeout: float, address: Address) -> Any:
    """Wait for the broker's word on ``what`` and return the properties that came with it."""
    try:
        kind, reasons, properties = answers.get(timeout=timeout)
    except queue.Empty:
        raise BrokerAway(f"{address}: no answer to {what} within {timeout:g} s") from None
    refusals = [str(reason) for reason in reasons if reason.value >= REFUSED]
    if refusals:
        passing = all(reason.value in PASSING for reason in reasons)
        failure = BrokerAway if passing else BrokerRefuses
        raise failure(f"{address}: {what} refused: {', '.join(refusals)}")
    if kind != what:
        raise BrokerAway(f"{address}: the connection ended before the answer to {what}")
    return properties
