"""What a broker sees of a gate that logs on, byte by byte, and how a gate comes back."""

from __future__ import annotations

import socket
import threading
from contextlib import closing

import pytest

from benchmarks.peer import Peer
from gateway.link.connection import SESSION_EXPIRY_S, Address, BrokerAway, Filter, connect
from gateway.link.link import BACKOFF_S, Link
from gateway.rehearsal.broker import free_port
from record.proof import SigningKey

CONNECT, SUBSCRIBE, DISCONNECT = 0x10, 0x82, 0xE0
CLEAN_START = 0x02
SESSION_EXPIRY = 0x11
CONNACK = bytes([0x20, 3, 0, 0, 0])
"""Accepted, without properties (MQTT 5, 3.2)."""


class Scripted:
    """A broker that takes the login and never answers the subscription. Keeps the packets that it got."""

    def __init__(self):
        self.packets = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._thread.join(10)
        self._listener.close()

    def _serve(self):
        line, _ = self._listener.accept()
        with closing(line), line.makefile("rb") as stream:
            while first := stream.read(1):
                size, shift = 0, 0
                while True:
                    (byte,) = stream.read(1)
                    size |= (byte & 0x7F) << shift
                    shift += 7
                    if not byte & 0x80:
                        break
                self.packets.append((first[0], stream.read(size)))
                if first[0] == CONNECT:
                    line.sendall(CONNACK)


@pytest.fixture
def peer(broker):
    with Peer(broker) as peer:
        yield peer


@pytest.fixture
def scripted():
    with closing(Scripted()) as broker:
        yield broker


def test_it_asks_for_its_session_subscribes_and_says_nothing_before_that_is_granted(scripted):
    address = Address("127.0.0.1", scripted.port, "depot/g1", keepalive_s=8)
    with (
        pytest.raises(BrokerAway, match="no answer to subscribe"),
        connect(address, [Filter("gate/v1/depot/g1/receipt")], timeout=0.3) as connection,
    ):
        connection.publish("gate/v1/depot/g1/l1/ingress", b"too early")
    scripted.close()
    assert [kind for kind, _ in scripted.packets] == [CONNECT, SUBSCRIBE, DISCONNECT]
    body = scripted.packets[0][1]
    assert body[:7] == b"\x00\x04MQTT\x05"
    assert not body[7] & CLEAN_START
    assert int.from_bytes(body[8:10]) == 4
    assert body[11] == SESSION_EXPIRY
    assert int.from_bytes(body[12:16]) == SESSION_EXPIRY_S


def test_small_packets_are_not_held_back(broker, gate, address_of):
    with connect(address_of(broker, gate), []) as connection:
        line = connection._client.socket()
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_network_thread_that_has_died_is_seen_although_paho_says_connected(broker, gate, address_of):
    with connect(address_of(broker, gate), [Filter(gate.state)]) as connection:
        client = connection._client
        thread = client._thread

        def fault(*_):
            raise ZeroDivisionError

        client.on_publish = fault
        connection.publish(gate.lane("l1", "ingress"), b"x")
        thread.join(10)
        assert client.is_connected()
        assert not connection.alive


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_link_whose_network_thread_dies_connects_again(peer, outbox, make_link, letter, until):
    link = make_link(peer.key)
    until(lambda: link.status.connected)

    def fault(*_):
        raise ZeroDivisionError

    link._connection._client.on_publish = fault
    (stored,) = outbox.put(letter())
    until(lambda: outbox.get(stored.id).receipt is not None)
    assert link.alive


class Waits:
    """In the place of the event that ends a link: notes how long it would have waited, and ends it after some."""

    def __init__(self, count):
        self.seconds, self._count = [], count

    def is_set(self):
        return len(self.seconds) >= self._count

    def set(self):
        self._count = 0

    def wait(self, seconds):
        self.seconds.append(seconds)
        return self.is_set()


def test_it_comes_back_ever_later_and_never_in_step_with_others(outbox, gate):
    shortest, longest = BACKOFF_S
    delays = []
    for _ in range(2):
        link = Link(outbox, gate, Address("127.0.0.1", free_port(), "x"), SigningKey.generate().public)
        link._stop = Waits(9)
        link.start()
        link._thread.join(30)
        delays.append(link._stop.seconds)
    for seconds in delays:
        for number, second in enumerate(seconds):
            nominal = min(shortest * 2**number, longest)
            assert nominal / 2 <= second <= nominal
    assert delays[0] != delays[1]


def test_the_broker_keeps_what_is_said_to_a_gate_that_is_away(broker, peer, gate, address_of):
    with connect(address_of(broker, gate), [Filter(gate.command)]):
        pass
    peer.say(gate.command, b"while you were away")
    with connect(address_of(broker, gate), [Filter(gate.command)]) as connection:
        (arrived,) = connection.signals(10)
    assert arrived.payload == b"while you were away"
