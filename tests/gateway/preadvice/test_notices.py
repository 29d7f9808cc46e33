"""What the registry announces over a real Mosquitto: believed where it is signed, kept while the gate is away."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peer import Peer
from gateway.link import link as gateway_link
from gateway.link.link import Link
from gateway.memory_store import MemoryStore
from gateway.preadvice.notices import Notices
from gateway.rehearsal.broker import Broker
from record.draft import BaseDocument, DocumentType
from record.preadvice import Index
from record.proof import SigningKey, seal, wire
from record.topics import Gate

Until = Callable[..., None]
NUMBER = "02820264000123456"
BOX = "CSQU3054383"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_link, "BACKOFF_S", (0.05, 0.5))


@pytest.fixture
def peer(broker: Broker) -> Iterator[Peer]:
    with Peer(broker) as peer:
        peer.tell_state({})
        yield peer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    store = MemoryStore(tmp_path / "memory.db")
    yield store
    store.close()


class Registry:
    """Announces to one depot, as the shipped ACL lets the registry's user."""

    def __init__(self, peer: Peer, depot: str) -> None:
        self._peer, self._depot = peer, depot

    def announce(self, identity: str, key: SigningKey | None = None, **changes: Any) -> None:
        document = {"type": "DAE", "number": NUMBER}
        record = {
            "id": identity,
            "version": 1,
            "keys": {"document": document, "containers": [BOX]},
            "cargo": {"description": "BANANO", "packages": 1080, "packaging": "035"},
        }
        self.say("preadvice", identity, wire(seal(record | changes, key or self._peer.key)))

    def release(self, identity: str, **changes: Any) -> None:
        record = {"id": identity, "version": 1, "keys": {"containers": [BOX]}, "reason": "return"}
        self.say("release", identity, wire(seal(record | changes, self._peer.key)))

    def index(self, *preadvice: str) -> None:
        record = Index(at=datetime.now(UTC), preadvice=preadvice).to_wire()
        self.say("preadvice", "index", wire(seal(record, self._peer.key)))

    def say(self, kind: str, identity: str, payload: bytes, **properties: Any) -> None:
        self._peer.say(f"gate/v1/{self._depot}/{kind}/{identity}", payload, retain=True, **properties)


@pytest.fixture
def registry(peer: Peer, gate: Gate) -> Registry:
    return Registry(peer, gate.depot)


@pytest.fixture
def notices(peer: Peer, gate: Gate, store: MemoryStore) -> Notices:
    return Notices(gate.depot, {peer.key.public.id: peer.key.public}, store)


def document(number: str = NUMBER) -> BaseDocument:
    return BaseDocument(type=DocumentType.DAE, number=number)


def test_what_is_announced_is_known_at_once_and_forgotten_when_withdrawn(
    peer: Peer,
    registry: Registry,
    notices: Notices,
    store: MemoryStore,
    make_link: Callable[..., Link],
    until: Until,
) -> None:
    memory = store.memory()
    make_link(peer.key, on_message=notices.hear)
    registry.announce("a-1")
    registry.release("s-1")
    until(lambda: memory.preadvice(document()) is not None)
    found = memory.preadvice(document())
    assert found is not None
    assert found.cargo.packages == 1080
    assert found.proof
    now = datetime.now(UTC)
    until(lambda: memory.release(None, frozenset({BOX}), now) is not None)
    registry.say("preadvice", "a-1", b"")
    registry.say("release", "s-1", b"")
    until(lambda: memory.preadvice(document()) is None)
    until(lambda: memory.release(None, frozenset({BOX}), now) is None)
    assert notices.refused == 0


def test_a_newer_version_replaces_and_an_older_one_changes_nothing(
    peer: Peer,
    registry: Registry,
    notices: Notices,
    store: MemoryStore,
    make_link: Callable[..., Link],
    until: Until,
) -> None:
    make_link(peer.key, on_message=notices.hear)
    registry.announce("a-1", version=3, exporter="TRES")
    until(lambda: "a-1" in store.ids("announcements"))
    registry.announce("a-1", version=2, exporter="DOS")
    registry.announce("end")
    until(lambda: "end" in store.ids("announcements"))
    found = store.memory().announcements.get("a-1")
    assert found is not None
    assert found.exporter == "TRES"


def test_what_the_registry_has_not_signed_is_refused_told_once_and_stops_nothing(
    peer: Peer,
    registry: Registry,
    notices: Notices,
    store: MemoryStore,
    make_link: Callable[..., Link],
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    link = make_link(peer.key, on_message=notices.hear)
    registry.announce("other-key", SigningKey.generate())
    registry.say("preadvice", "no-json", b"\xff\x00{")
    registry.say("preadvice", "no-proof", b'{"id": "no-proof", "keys": {}, "cargo": {}}')
    registry.announce("wrong-type", cargo={"packages": "muchos"})
    good = {"id": "x", "version": 1, "keys": {}, "cargo": {}}
    registry.say("preadvice", "other-id", wire(seal(good, peer.key)))
    changed = wire({**seal(good, peer.key), "version": 2})
    registry.say("release", "changed", changed)
    registry.announce("a-1")
    until(lambda: "a-1" in store.ids("announcements"))
    until(lambda: notices.refused == 6)
    assert store.ids("announcements") == {"a-1"}
    assert store.ids("releases") == frozenset()
    assert link.status.connected
    assert len([record for record in caplog.records if record.name == "gateway.preadvice.notices"]) == 1


def test_a_gate_that_was_away_has_its_memory_and_hears_what_it_missed(
    peer: Peer,
    registry: Registry,
    notices: Notices,
    store: MemoryStore,
    make_link: Callable[..., Link],
    until: Until,
) -> None:
    link = make_link(peer.key, on_message=notices.hear)
    registry.announce("stays")
    registry.announce("goes")
    until(lambda: store.ids("announcements") == {"stays", "goes"})
    link.stop()
    assert store.memory().announcements.containers() == {BOX}
    registry.say("preadvice", "goes", b"")
    registry.announce("comes", keys={"containers": ["TEXU3070079"]})
    registry.release("s-1")
    assert store.ids("announcements") == {"stays", "goes"}
    make_link(peer.key, on_message=notices.hear)
    until(lambda: store.ids("announcements") == {"stays", "comes"})
    until(lambda: store.ids("releases") == {"s-1"})


def test_a_new_gate_hears_what_is_retained_but_not_what_has_expired(
    peer: Peer,
    registry: Registry,
    notices: Notices,
    store: MemoryStore,
    make_link: Callable[..., Link],
    until: Until,
) -> None:
    record = {"id": "short", "version": 1, "keys": {}, "cargo": {}}
    registry.say("preadvice", "short", wire(seal(record, peer.key)), MessageExpiryInterval=1)
    registry.announce("long")
    with_expiry = datetime.now(UTC)
    until(lambda: datetime.now(UTC) - with_expiry > timedelta(seconds=2.1))
    make_link(peer.key, on_message=notices.hear)
    until(lambda: "long" in store.ids("announcements"))
    assert store.ids("announcements") == {"long"}


def test_the_index_shows_what_was_missed_and_withdraws_nothing(
    peer: Peer,
    registry: Registry,
    notices: Notices,
    store: MemoryStore,
    make_link: Callable[..., Link],
    until: Until,
) -> None:
    make_link(peer.key, on_message=notices.hear)
    registry.announce("a-1")
    registry.index("a-2")
    until(lambda: notices.missed == ("a-2",))
    assert store.ids("announcements") == {"a-1"}


@pytest.mark.parametrize(
    "topic", ["gate/v1/other/preadvice/a", "gate/v1/depot/preadvice/", "gate/v1/depot/preadvice/a/b", "x", ""]
)
def test_other_topics_announce_nothing(notices: Notices, store: MemoryStore, topic: str) -> None:
    notices.hear(topic, b"")
    assert notices.refused == 1
    assert store.ids("announcements") == frozenset()
