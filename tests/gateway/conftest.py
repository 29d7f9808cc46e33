"""An outbox, a broker and a scripted registry for the tests of the delivery."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uuid_utils

from gateway.link.connection import Address
from gateway.link.link import Link
from gateway.outbox.outbox import Letter, Outbox
from gateway.rehearsal.broker import Broker
from record.event import EventType
from record.proof import SigningKey
from record.topics import Gate, Stream

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def gate() -> Gate:
    return Gate("depot", "g1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def gate_key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def open_outbox(tmp_path: Path, gate: Gate, gate_key: SigningKey) -> Iterator[Callable[..., Outbox]]:
    """Opens outboxes, by default always the same file, and closes them with the test."""
    opened: list[Outbox] = []

    def make(path: Path | None = None, **options: Any) -> Outbox:
        box = Outbox(path or tmp_path / "gateway.db", gate, gate_key, **options)
        opened.append(box)
        return box

    yield make
    for box in opened:
        box.close()


@pytest.fixture
def outbox(open_outbox: Callable[..., Outbox]) -> Outbox:
    return open_outbox()


@pytest.fixture
def letter(gate: Gate) -> Callable[..., Letter]:
    """Makes a small letter; the registry of these tests does not look into it."""

    def make(text: str = "x", **changes: Any) -> Letter:
        options = {"subject": str(uuid_utils.uuid7())} | changes
        return Letter(EventType.DRAFT, gate.lane("l1", Stream.INGRESS), {"text": text}, **options)

    return make


@pytest.fixture
def broker(tmp_path: Path, gate: Gate) -> Iterator[Broker]:
    """A Mosquitto of the test's own, which it may harm."""
    with Broker(tmp_path / "broker", [gate, Gate("depot", "g2")]) as broker:
        yield broker


@pytest.fixture
def make_link(broker: Broker, gate: Gate, outbox: Outbox) -> Iterator[Callable[..., Link]]:
    """Makes and starts links, and stops them with the test."""
    started: list[Link] = []

    def make(registry_key: SigningKey, box: Outbox | None = None, **options: Any) -> Link:
        place = options.pop("address", None) or address(broker, gate)
        link = Link(box or outbox, gate, place, registry_key.public, **options)
        link.start()
        started.append(link)
        return link

    yield make
    for link in started:
        link.stop()


def address(broker: Broker, gate: Gate, **changes: Any) -> Address:
    user, password = broker.credentials(gate)
    options: dict[str, Any] = {"keepalive_s": 4} | changes
    return Address(broker.host, broker.port, user, user, lambda: password, **options)


@pytest.fixture
def address_of() -> Callable[..., Address]:
    return address


@pytest.fixture
def until() -> Callable[..., None]:
    """Waits for a condition, looking often."""

    def wait(condition: Callable[[], Any], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "what was waited for did not come"
            time.sleep(0.01)

    return wait
