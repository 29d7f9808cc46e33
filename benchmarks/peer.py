"""A scripted registry: answers events with signed receipts, stores nothing, and can misbehave on demand."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import paho.mqtt.client as mqtt
import uuid_utils
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gateway.rehearsal.broker import REGISTRY, Broker
from record.command import Command, CommandName
from record.proof import SigningKey, seal, unwire, wire
from record.receipt import Answer, Receipt
from record.registry_state import Head, RegistryState, ServiceState
from record.topics import EVENT_FILTERS, REGISTRY_STATE, Gate, gate_of

Event = dict[str, Any]
Answering = Callable[[Event], "Answer | None"]
PATIENCE_S = 60.0


class Peer:
    """Answers each event by ``answering``; None gives no answer. As a context it is connected."""

    def __init__(
        self,
        broker: Broker,
        key: SigningKey | None = None,
        answering: Answering | None = None,
        keep: bool = True,
    ) -> None:
        self._keep = keep
        self.key = key or SigningKey.generate()
        self.answering: Answering = answering or (lambda event: Answer.ACCEPTED)
        self.reasons: tuple[str, ...] = ()
        self.bodies: list[bytes] = []
        self.events: list[Event] = []
        self.replies: list[tuple[Event, bytes | None]] = []
        self.states: list[Event] = []
        self._state: bytes | None = None
        self._news = threading.Condition()
        self._broker = broker
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"peer-{uuid_utils.uuid7()}", protocol=mqtt.MQTTv5
        )
        self._client.username_pw_set(*broker.credentials(REGISTRY))
        self._client.on_message = self._on_message
        self._client.on_connect = self._on_connect
        self._client.on_socket_open = no_delay
        self._client.reconnect_delay_set(1, 1)
        self._ready: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._client.on_subscribe = lambda *_: self._ready.put(None)

    def __enter__(self) -> Peer:
        expiry = Properties(PacketTypes.CONNECT)
        expiry.SessionExpiryInterval = 3600
        self._client.connect(self._broker.host, self._broker.port, 30, clean_start=False, properties=expiry)
        self._client.loop_start()
        self._ready.get(timeout=PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def receipt(self, event: Event, answer: Answer, **changes: Any) -> bytes:
        """A signed receipt for an event."""
        receipt = Receipt(
            answer=answer,
            event=event["id"],
            source=event["source"],
            sequence=event["sequence"],
            hash=event["proof"].split(".")[1],
            reasons=self.reasons if answer is Answer.REFUSED else (),
            at=datetime.now(UTC),
        ).model_copy(update=changes)
        return wire(seal(receipt.to_wire(), self.key))

    def say(self, topic: str, payload: bytes, *, retain: bool = False, **properties: Any) -> None:
        """Publish anything."""
        given = Properties(PacketTypes.PUBLISH)
        for name, value in properties.items():
            setattr(given, name, value)
        self._client.publish(topic, payload, qos=1, retain=retain, properties=given).wait_for_publish(5)

    def tell_state(
        self,
        heads: dict[str, Head] | None = None,
        state: ServiceState = ServiceState.ONLINE,
        key: SigningKey | None = None,
        at: datetime | None = None,
    ) -> None:
        """Publish the retained state with these heads."""
        record = RegistryState(state=state, at=at or datetime.now(UTC), heads=heads or {})
        self._state = wire(seal(record.to_wire(), key or self.key))
        self.say(REGISTRY_STATE, self._state, retain=True)

    def command(self, to: Gate, name: CommandName, **changes: Any) -> str:
        """Send a command; returns its id. ``changes`` replace its fields, ``key`` its signature."""
        key = changes.pop("key", self.key)
        moment = datetime.now(UTC)
        fields = {
            "id": str(uuid_utils.uuid7()),
            "name": name,
            "gate": f"{to.depot}/{to.gate}",
            "at": moment,
            "expires": moment + timedelta(minutes=5),
        } | changes
        command = Command(**fields)
        body = wire(seal(command.to_wire(), key))
        self.say(to.command, body, ResponseTopic=to.reply, CorrelationData=command.id.encode())
        return command.id

    def until(self, condition: Callable[[], Any], what: str = "what was waited for") -> None:
        """Wait for messages until a condition holds."""
        deadline = time.monotonic() + PATIENCE_S
        with self._news:
            while not condition():
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{what} did not come within {PATIENCE_S:g} s")
                self._news.wait(min(left, 0.1))

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        topics = [*EVENT_FILTERS, "gate/v1/+/+/cmd/reply", "gate/v1/+/+/state"]
        client.subscribe([(topic, 1) for topic in topics])
        if self._state is not None:
            client.publish(REGISTRY_STATE, self._state, qos=1, retain=True)

    def _on_message(self, client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if message.topic.endswith("/cmd/reply"):
            correlation = getattr(message.properties, "CorrelationData", None)
            self.replies.append((unwire(message.payload), correlation))
        elif message.topic.endswith("/state"):
            self.states.append(json.loads(message.payload))
        else:
            event = unwire(message.payload)
            answer = self.answering(event)
            if self._keep:  # before the answer: who has seen the receipt looks here
                self.bodies.append(message.payload)
                self.events.append(event)
            if answer is not None:
                client.publish(gate_of(message.topic).receipt, self.receipt(event, answer), qos=1)
        with self._news:
            self._news.notify_all()


def no_delay(_client: object, _data: object, line: Any) -> None:
    """paho leaves Nagle's algorithm on, which holds small packets back."""
    import socket

    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def ids(events: Iterable[Event]) -> list[str]:
    """Ids in the order of their coming."""
    return [event["id"] for event in events]


@contextmanager
def peer_of(broker: Broker, **options: Any) -> Iterator[Peer]:
    """A connected peer."""
    with Peer(broker, **options) as peer:
        yield peer
