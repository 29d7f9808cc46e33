"""The gate's side of a measurement: one plain client on the broker, under the gate's own login."""

from __future__ import annotations

import threading
from collections.abc import Callable

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks import rig
from benchmarks.peer import no_delay

PATIENCE_S = 60.0

OnMessage = Callable[[mqtt.Client, object, mqtt.MQTTMessage], None]


def connected(
    stage: rig.Rig, topic: str, on_message: OnMessage, on_the_way: int | None = None
) -> mqtt.Client:
    """A client at work that hears ``topic``; at most ``on_the_way`` messages of its own are unacknowledged, else as
    many as paho allows. Raises `TimeoutError` where no SUBACK comes."""
    ready = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="g1", protocol=mqtt.MQTTv5)
    client.username_pw_set(*stage.broker.credentials(rig.GATE))
    if on_the_way is not None:
        client.max_inflight_messages_set(on_the_way)
    client.on_socket_open = no_delay
    client.on_connect = lambda c, *_: c.subscribe(topic, 1)
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = on_message
    client.connect(stage.broker.host, stage.broker.port, 30)
    client.loop_start()
    if not ready.wait(PATIENCE_S):
        raise TimeoutError("no SUBACK")
    return client
