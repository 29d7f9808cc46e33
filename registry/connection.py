"""One connection to the broker, from CONNECT to its end. It is never mended: the next one is a new client.

    open ──CONNACK──▶ subscribe ──SUBACK──▶ ready ──▶ … ──▶ lost, with the reason

MQTT 5 with a session that outlives the connection (``clean_start`` False and an expiry, both on every
connect), so that the broker keeps what arrives while the registry is away. Messages are acknowledged by
hand, after the commit. paho's callbacks run in its network thread, where an exception would end it unseen:
they only hand over.
"""

from __future__ import annotations

import logging
import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from record.client import Client
from record.errors import IieError
from record.topics import STATE_FILTER
from registry.intake import Arrival

log = logging.getLogger(__name__)

NEW_ONES_ONLY = SubscribeOptions.RETAIN_DO_NOT_SEND
RETAINED = {STATE_FILTER: SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE}
"""What is asked for also as it was said before: anything else that is retained is no event."""

FAILURE = 0x80
"""Reason codes from here on are refusals (MQTT 5, 2.4)."""

TAKEN_OVER = 0x8E
WITH_WILL = "Disconnect with will message"
OPENING_S = 10.0
"""How long the broker may take for CONNACK and SUBACK."""

WINDOW = 20
"""Receipts on their way to the broker at once, unless it announces less (its Receive Maximum)."""

WAITING = 20_000
"""Receipts that may wait inside paho; what does not fit is asked for again by its gate."""


class BrokerAway(IieError):
    """No connection to the broker, or it ended. The next attempt may succeed."""

    retry = True
    advice = "registry.broker_away"


class NarrowWindow(BrokerAway):
    """The broker takes fewer messages at once than were planned, which paho learns only when it connects."""

    def __init__(self, message: str, window: int) -> None:
        super().__init__(message)
        self.window = window


class BrokerRefuses(BrokerAway):
    """The broker is there and says no, to the login or to a subscription. A person has to help."""

    advice = "registry.broker_refuses"


@dataclass(frozen=True, slots=True)
class Login:
    """Where the broker is and how to log on."""

    host: str
    port: int
    client_id: str
    user: str | None = None
    password: str | None = None
    tls: bool = False
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    keepalive_s: int = 15
    session_s: int = 14 * 86400
    receive_maximum: int = 200
    window: int = WINDOW
    will_delay_s: int = 0
    """How long the broker waits with the Last Will for somebody who takes the session up again. A will that waits is
    left also where the connection is closed in good order."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message of the registry's own. The broker drops it after ``expires_s`` seconds, where that is said."""

    topic: str
    body: bytes
    retain: bool = False
    expires_s: int | None = None

    @property
    def properties(self) -> Properties | None:
        """Its MQTT properties."""
        if self.expires_s is None:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.MessageExpiryInterval = self.expires_s
        return properties


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that came over one connection and can be acknowledged on that one only."""

    arrival: Arrival
    mid: int
    qos: int
    connection: Connection
    came: float = field(default_factory=time.monotonic)


Deliveries = queue.SimpleQueue[Delivery]


class Connection:
    """One client. `open`, then use it until `lost` is set, then `close`."""

    def __init__(
        self, login: Login, filters: Sequence[str], deliveries: Deliveries, will: tuple[str, bytes] | None
    ) -> None:
        self.ready = threading.Event()
        self.lost = threading.Event()
        self.reason = "it was closed"
        self.refused = False
        self._stands = threading.Event()
        self._settled = threading.Event()
        self._allowed = login.window
        self._turned_down: set[int] = set()
        self._shares = any(each.startswith("$share/") for each in filters)
        self._login, self._filters, self._deliveries = login, tuple(filters), deliveries
        self._client = self._make(will)

    @property
    def alive(self) -> bool:
        """Whether the connection stands and paho's network thread runs."""
        return not self.lost.is_set() and self._thread_runs()

    def open(self) -> None:
        """Connect and subscribe. Raises `BrokerAway` or `BrokerRefuses` with the broker's reason."""
        login = self._login
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = login.session_s
        properties.ReceiveMaximum = login.receive_maximum
        place = f"{login.host}:{login.port}"
        try:
            self._use_tls()
            self._client.connect(
                login.host, login.port, login.keepalive_s, clean_start=False, properties=properties
            )
        except (OSError, ValueError) as error:
            raise BrokerAway(f"{place}: {error}") from error
        self._client.loop_start()
        self._settled.wait(OPENING_S)
        if self.ready.is_set():
            return
        if not self._settled.is_set():
            self.reason = f"no answer to CONNECT or SUBSCRIBE within {OPENING_S:.0f} s"
        self.close()
        if self._allowed < login.window:
            raise NarrowWindow(f"{place}: it takes {self._allowed} messages at once", self._allowed)
        failure = BrokerRefuses if self.refused else BrokerAway
        raise failure(f"{place}: {self.reason}")

    def publish(
        self, topic: str, body: bytes, retain: bool = False, properties: Properties | None = None
    ) -> bool:
        """Hand a message over with QoS 1; False where the connection does not stand (any more).

        It stands from CONNACK on: what the broker kept comes before SUBACK, and its answers go out at once.
        """
        if not self._stands.is_set() or self.lost.is_set():
            return False
        info = self._client.publish(topic, body, qos=1, retain=retain, properties=properties)
        return info.rc is MQTTErrorCode.MQTT_ERR_SUCCESS

    def deliver(self, messages: Sequence[tuple[str, bytes]], patience_s: float) -> int:
        """Publish messages in their order and wait; how many from the first on the broker has taken."""
        return self.announce([Outgoing(topic, body) for topic, body in messages], patience_s)

    def announce(self, messages: Sequence[Outgoing], patience_s: float) -> int:
        """The same of messages that may be retained and expire."""
        deadline = time.monotonic() + patience_s
        sent: list[mqtt.MQTTMessageInfo] = []
        for each in messages:
            if not self._stands.is_set() or self.lost.is_set():
                break
            info = self._client.publish(
                each.topic, each.body, qos=1, retain=each.retain, properties=each.properties
            )
            if info.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
                break
            sent.append(info)
        for taken, info in enumerate(sent):
            try:
                info.wait_for_publish(max(deadline - time.monotonic(), 0.001))
            except (ValueError, RuntimeError):
                return taken
            if not info.is_published() or info.mid in self._turned_down:
                return taken
        return len(sent)

    def acknowledge(self, delivery: Delivery) -> None:
        """Tell the broker that a message is stored; nothing where its connection has ended."""
        if delivery.qos and delivery.connection is self and not self.lost.is_set():
            self._client.ack(delivery.mid, delivery.qos)

    def farewell(self, topic: str, body: bytes, patience_s: float) -> None:
        """Publish a last retained message and wait until the broker has it; then the will is not needed."""
        if self.ready.is_set() and not self.lost.is_set():
            try:
                self._client.publish(topic, body, qos=1, retain=True).wait_for_publish(patience_s)
            except (ValueError, RuntimeError) as error:
                log.warning("broker: the farewell was not sent: %s", error)

    def close(self) -> None:
        """Disconnect and end the network thread."""
        left = ReasonCode(PacketTypes.DISCONNECT, WITH_WILL) if self._login.will_delay_s else None
        self._client.disconnect(left)
        self._client.loop_stop()
        self.lost.set()

    def _make(self, will: tuple[str, bytes] | None) -> mqtt.Client:
        login = self._login
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=login.client_id,
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        if login.user is not None:
            client.username_pw_set(login.user, login.password)
        if will is not None:
            client.will_set(*will, qos=1, retain=True, properties=self._will_properties())
        client.max_inflight_messages_set(login.window)
        client.max_queued_messages_set(WAITING)
        client.on_socket_open = _no_delay
        client.on_connect = self._guarded(self._on_connect)
        client.on_subscribe = self._guarded(self._on_subscribe)
        client.on_message = self._guarded(self._on_message)
        client.on_publish = self._guarded(self._on_publish)
        client.on_disconnect = self._guarded(self._on_disconnect)
        return client

    def _will_properties(self) -> Properties | None:
        if not self._login.will_delay_s:
            return None
        properties = Properties(PacketTypes.WILLMESSAGE)  # type: ignore[no-untyped-call]
        properties.WillDelayInterval = self._login.will_delay_s
        return properties

    def _use_tls(self) -> None:
        """Trust the named authorities only, and show the own certificate. Raises OSError for a bad file."""
        login = self._login
        if login.tls:
            self._client.tls_set(ca_certs=login.ca, certfile=login.certificate, keyfile=login.key)

    def _on_connect(
        self,
        client: mqtt.Client,
        _data: object,
        _flags: object,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if code.is_failure:
            self._fail(f"the broker refuses the login: {code}")
            return
        self._allowed = getattr(properties, "ReceiveMaximum", self._allowed)
        if self._allowed < self._login.window:
            self._settled.set()
            return
        if self._shares and not getattr(properties, "SharedSubscriptionAvailable", 1):
            self._fail("the broker has no shared subscriptions: several workers cannot run on it")
            return
        self._stands.set()
        if not self._filters:
            self.ready.set()
            self._settled.set()
            return
        client.subscribe(
            [
                (topic, SubscribeOptions(qos=1, retainHandling=RETAINED.get(topic, NEW_ONES_ONLY)))
                for topic in self._filters
            ]
        )

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _data: object,
        _mid: int,
        codes: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        refused = [name for name, code in zip(self._filters, codes, strict=False) if code.value >= FAILURE]
        if refused:
            self._fail(f"the broker refuses the subscription to {', '.join(refused)}")
            return
        self.ready.set()
        self._settled.set()

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "?"
        arrival = Arrival.of(topic, bytes(message.payload))
        self._deliveries.put(Delivery(arrival, message.mid, message.qos, self))

    def _on_publish(
        self, _client: mqtt.Client, _data: object, mid: int, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if code.value >= FAILURE:
            self._turned_down.add(mid)
            log.error("broker: it refuses a message of the registry's own: %s; check its ACL", code)

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _data: object,
        _flags: object,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if not self.refused:
            self.reason = str(code)
        if code.value == TAKEN_OVER:
            self.refused = True
            self.reason = f"another client logged on as {self._login.client_id}; each registry needs its own"
        self.lost.set()
        self._settled.set()

    def _guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        """A callback whose fault ends the connection and is told, instead of ending paho's thread unseen."""

        def guarded(*arguments: Any) -> None:
            try:
                callback(*arguments)
            except Exception as error:
                log.exception("broker: a fault in %s", callback.__name__)
                self._fail(f"a fault of this program: {error}")
                self.lost.set()

        return guarded

    def _fail(self, reason: str) -> None:
        self.reason, self.refused = reason, True
        self._settled.set()

    def _thread_runs(self) -> bool:
        name = f"paho-mqtt-client-{self._login.client_id}"
        return any(thread.name == name for thread in threading.enumerate())


def _no_delay(_client: mqtt.Client, _data: object, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
