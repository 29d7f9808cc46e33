"""Notices told to a real broker: retained, signed, expiring, withdrawn; believed by a gate's own side."""

from __future__ import annotations

import queue
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.memory_store import MemoryStore
from gateway.preadvice.notices import Notices
from gateway.rehearsal.broker import REGISTRY
from record.draft import BaseDocument, DocumentType
from record.topics import EVENT_FILTERS, Gate
from registry.connection import Connection, Deliveries, Login, Outgoing
from registry.notices.book import By, Kind, Origin
from registry.notices.publisher import INDEX_EVERY, Publisher
from registry.notices.taking import take_file, withdraw

BY = By("Ana", Origin.FORM)
DAE = BaseDocument(type=DocumentType.DAE, number="02820264000123456")
TABLE = "documento;contenedor;bultos;valido_hasta\n028-2026-40-00123456;CSQU3054383;1080;30/11/2026\n"
RELEASES = "documento;contenedor;motivo\n028-2026-40-00123456;CSQU3054383;embarque\n"


@pytest.fixture
def depot(depot_of):
    return depot_of()


class Sent:
    """A post that takes as many messages as it is told to."""

    def __init__(self) -> None:
        self.messages: list[Outgoing] = []
        self.takes = 1000

    def announce(self, messages: Any, patience_s: float) -> int:
        taken = list(messages)[: self.takes]
        self.messages += taken
        return len(taken)


def publisher(depot, post: Any) -> Publisher:
    return Publisher(depot.engine, post, depot.office._key, ["depot"], depot.office.now)


def take(depot, content: str = TABLE, kind: Kind = Kind.PREADVICE) -> None:
    assert take_file(depot.office, "depot", kind, "a.csv", content.encode(), BY).new


def test_what_the_broker_does_not_take_waits(depot):
    take(depot)
    take(depot, RELEASES, Kind.RELEASE)
    post = Sent()
    post.takes = 1
    telling = publisher(depot, post)
    assert telling.publish() == (1, False)
    assert telling.publish() == (1, True)
    assert telling.publish() == (0, True)
    assert [each.topic.split("/")[3] for each in post.messages] == ["preadvice", "release"]
    assert post.messages[0].expires_s == 6 * 86400 + 12 * 3600 - 1
    assert post.messages[1].expires_s is None


def test_a_change_while_it_is_told_is_told_after_it(depot, clock):
    take(depot)
    telling = publisher(depot, Sent())

    class Slow(Sent):
        def announce(self, messages: Any, patience_s: float) -> int:
            clock.move(seconds=1)
            take(depot, TABLE.replace("1080", "1090"))
            return super().announce(messages, patience_s)

    telling._post = Slow()
    telling.publish()
    telling._post = post = Sent()
    assert telling.publish() == (1, True)
    assert b"1090" in post.messages[0].body


def test_all_of_it_is_told_again_each_day_and_what_is_over_is_taken_away(depot, clock):
    take(depot)
    post = Sent()
    telling = publisher(depot, post)
    telling.publish()
    telling._daily()
    assert telling.publish() == (0, True)
    clock.move(days=1, seconds=1)
    telling._daily()
    assert telling.publish() == (1, True)
    clock.move(days=7)
    telling._daily()
    assert telling.publish() == (0, True)
    assert INDEX_EVERY.days == 1


def test_an_index_fits_a_message(depot, monkeypatch):
    monkeypatch.setattr("registry.notices.publisher.MAX_BYTES", 600)
    lines = "".join(f"028-2026-40-{number:08d};;1;\n" for number in range(1, 40))
    take(depot, "documento;contenedor;bultos;valido_hasta\n" + lines)
    post = Sent()
    assert publisher(depot, post).index()
    (message,) = post.messages
    assert len(message.body) <= 600 and b"00000039" in message.body


@pytest.fixture
def wire(shared_broker, depot):
    """A connection of the registry's to a real broker."""
    user, password = shared_broker.credentials(REGISTRY)
    login = Login(shared_broker.host, shared_broker.port, "notices", user, password)
    connection = Connection(login, EVENT_FILTERS, Deliveries(), ("registry/v1/state", b""))
    connection.open()
    yield connection
    connection.close()


def heard(broker: Any, gate: Gate, count: int) -> list[tuple[str, bytes]]:
    """What a gate that comes now is told."""
    messages: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set(*broker.credentials(gate))
    client.on_connect = lambda client, *_: client.subscribe([(gate.preadvice, 1), (gate.release, 1)])
    client.on_message = lambda _client, _data, message: messages.put((message.topic, message.payload))
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        return [messages.get(timeout=30) for _ in range(count)]
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_gate_believes_and_keeps_what_it_is_told(depot, wire, shared_broker, tmp_path):
    take(depot)
    take(depot, RELEASES, Kind.RELEASE)
    telling = publisher(depot, wire)
    assert telling.publish() == (2, True)
    assert telling.index()
    gate = Gate("depot", "g1")
    store = MemoryStore(tmp_path / "gate" / "gate.db")
    key = depot.office._key.public
    notices = Notices("depot", {key.id: key}, store)
    for topic, payload in sorted(heard(shared_broker, gate, 3), key=lambda each: each[0].endswith("index")):
        notices.hear(topic, payload)
    assert (notices.refused, notices.missed) == (0, ())
    memory = store.memory()
    found = memory.announcements.of_document(DAE)
    assert found is not None and found.cargo.packages == 1080
    assert memory.releases.of(DAE, frozenset(), depot.office.now()) is not None
    for kind in Kind:
        assert withdraw(depot.office, kind, "depot", "DAE-02820264000123456", BY, "error")
    assert telling.publish() == (2, True)
    assert [topic for topic, _ in heard(shared_broker, gate, 1)] == ["gate/v1/depot/preadvice/index"]
    for kind in Kind:
        notices.hear(f"gate/v1/depot/{kind.value}/DAE-02820264000123456", b"")
    assert store.memory().announcements.of_document(DAE) is None
    store.close()
