"""What becomes of an event that a broker refuses, reason by reason, over a connection of the test's own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gateway.link import delivery as gateway_delivery
from gateway.link.around import Around
from gateway.link.connection import BrokerRefuses, Lost, Published
from gateway.link.delivery import Delivery
from gateway.link.orders import Orders
from gateway.link.status import Status
from gateway.outbox.outbox import State
from record.proof import SigningKey


class Refusing:
    """In the place of a connection: whatever is published gets the same answer."""

    receive_maximum, maximum_packet, alive = 65535, 2**20, True

    def __init__(self, answer):
        self._answer, self.sent = answer, 0

    def publish(self, topic, payload, **_):
        self.sent += 1
        return self.sent

    def signals(self, _timeout):
        if self.sent:
            yield self._answer(self.sent)


@pytest.fixture
def stored(outbox, letter):
    return outbox.put(letter())[-1]


@pytest.fixture
def deliver(outbox, gate, monkeypatch):
    """Takes an answer and a number of steps, with an hour between two of them; how often something was sent."""
    hours = iter(range(10**9))
    monkeypatch.setattr(gateway_delivery, "time", SimpleNamespace(monotonic=lambda: 3600.0 * next(hours)))
    key = SigningKey.generate().public
    keys = {key.id: key}
    orders, status = Orders(outbox, gate, keys, {}), Status(lambda _: None)
    around = Around(outbox, gate, keys, orders, status, lambda *_: None, 20, 10)

    def run(answer, steps):
        connection = Refusing(answer)
        delivery = Delivery(around, connection)
        try:
            for _ in range(steps):
                delivery.step()
        finally:
            delivery.write()
        return connection.sent

    return run


def puback(reason):
    return lambda mid: Published(mid, reason, "no")


@pytest.mark.parametrize("reason", [0x80, 0x87, 0x90, 0x97])
def test_a_refusal_that_is_not_the_events_ends_the_connection_and_never_the_event(
    deliver, outbox, stored, reason
):
    for _ in range(8):
        with pytest.raises(BrokerRefuses, match=f"0x{reason:02X}"):
            deliver(puback(reason), 10)
    assert outbox.counts()[State.DEAD] == 0
    assert outbox.waiting(1)[0].state is State.NEW
    assert f"0x{reason:02X}" in outbox.waiting(1)[0].reason


def test_an_unwilling_broker_is_asked_again_and_again(deliver, outbox, stored):
    assert deliver(puback(0x83), 50) > 20
    assert outbox.counts()[State.DEAD] == 0
    assert "0x83" in outbox.waiting(1)[0].reason


def test_what_is_refused_for_its_content_is_dead(deliver, outbox, stored):
    deliver(puback(0x99), 20)
    assert outbox.counts()[State.DEAD] > 0


@pytest.mark.parametrize(("reason", "dies"), [(0x90, False), (0x95, True)])
def test_an_end_over_missing_rights_says_nothing_against_the_event(deliver, outbox, stored, reason, dies):
    for _ in range(6):
        with pytest.raises(BrokerRefuses):
            deliver(lambda _: Lost("no", refused=True, reason=reason), 3)
    assert (outbox.counts()[State.DEAD] > 0) is dies
