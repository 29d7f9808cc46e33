"""Who says that the registry is gone, where it has several workers."""

from __future__ import annotations

import queue
import threading

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.rehearsal.broker import REGISTRY
from record.topics import REGISTRY_STATE
from registry.connection import Connection, Deliveries, Login
from registry.herald import Herald

WILL = (REGISTRY_STATE, b"offline")
PATIENCE_S = 30.0
KINDS = ("sqlite",)


@pytest.fixture
def account(broker):
    user, password = broker.credentials(REGISTRY)
    return Login(broker.host, broker.port, "registry-1", user, password)


@pytest.fixture
def said(broker):
    """What is said of the registry, as it comes."""
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    ready = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="listener", protocol=mqtt.MQTTv5)
    client.username_pw_set(*broker.credentials(REGISTRY))
    client.on_connect = lambda c, *_: c.subscribe(REGISTRY_STATE, 1)
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda _c, _u, message: heard.put(message.payload)
    client.connect(broker.host, broker.port)
    client.loop_start()
    assert ready.wait(PATIENCE_S)
    yield heard
    client.disconnect()
    client.loop_stop()


def killed(account: Login) -> None:
    """A leader that connects as a herald does, and whose process is gone at once."""
    herald = Herald(account, "registry-state", lambda: WILL, delay_s=60)
    connection = Connection(herald._login, (), Deliveries(), WILL)
    connection.open()
    connection._client.socket().close()
    connection._client.loop_stop()


def test_only_the_last_workers_end_is_told(account, said):
    killed(account)
    herald = Herald(account, "registry-state", lambda: WILL, delay_s=1)
    herald.follow(leads=False)
    assert herald._link is None
    herald.follow(leads=True)
    while herald._link.connection is None or not herald._link.connection.ready.is_set():
        herald._link._stop.wait(0.01)
    herald._link.publish(REGISTRY_STATE, b"online")
    assert said.get(timeout=PATIENCE_S) == b"online", "the next leader is there: the will is not sent"
    herald.stop()
    assert said.get(timeout=PATIENCE_S) == b"offline"
    assert said.empty()
