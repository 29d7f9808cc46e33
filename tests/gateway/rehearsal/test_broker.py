from __future__ import annotations

import os
import queue
import random
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as mqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gateway.rehearsal.broker import (
    ACCEPTED,
    CENTRAL,
    REGISTRY,
    Broker,
    BrokerError,
    connect_packet,
    free_port,
    program,
)
from record.shipped import find
from record.topics import Gate

G1 = Gate("guayaquil", "g1")
G2 = Gate("guayaquil", "g2")
FAR = Gate("posorja", "g1")
NOT_AUTHORISED = 135
WAIT = 30


class Client:
    """One MQTT 5 client, seen from outside: what it was told and what it heard."""

    def __init__(self, broker: Broker, user: str | Gate, name: str, password: str | None = None) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._told: queue.Queue[tuple[str, int]] = queue.Queue()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, protocol=mqtt.MQTTv5)
        username, own = broker.credentials(user)
        self._client.username_pw_set(username, password or own)
        self._client.on_connect = lambda c, u, flags, reason, p: self._told.put(("connect", reason.value))
        self._client.on_subscribe = lambda c, u, mid, reasons, p: self._told.put(("subscribe", mid))
        self._client.on_publish = lambda c, u, mid, reason, p: self._told.put(("publish", reason.value))
        self._client.on_message = lambda c, u, message: self.heard.put((message.topic, message.payload))
        self._broker = broker

    def __enter__(self) -> Self:
        assert self.connect() == 0
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def connect(self) -> int:
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = 3600
        self._client.connect(self._broker.host, self._broker.port, clean_start=False, properties=session)
        self._client.loop_start()
        return self._next("connect")

    def publish(self, topic: str, payload: str = "x", **options: Any) -> int:
        """The reason code of the broker."""
        self._client.publish(topic, payload, qos=1, **options)
        return self._next("publish")

    def subscribe(self, *topics: str) -> None:
        self._client.subscribe([(topic, 1) for topic in topics])
        self._next("subscribe")

    def next(self) -> tuple[str, bytes]:
        return self.heard.get(timeout=WAIT)

    def _next(self, kind: str) -> int:
        told, value = self._told.get(timeout=WAIT)
        assert told == kind
        return value


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with Broker(tmp_path_factory.mktemp("broker"), [G1, G2, FAR]) as running:
        yield running


OWN_TOPICS = [
    "lane-1/ingress",
    "lane-1/egress",
    "lane-1/visit",
    "installation",
    "state",
    "health",
    "cmd/reply",
]


@pytest.mark.parametrize("topic", OWN_TOPICS)
def test_the_registry_hears_what_a_gate_says_under_its_own_name(broker: Broker, topic: str) -> None:
    with Client(broker, REGISTRY, "registry") as registry, Client(broker, G1, "g1") as gate:
        registry.subscribe("gate/v1/#")
        assert gate.publish(f"{G1.root}/{topic}", topic) in (0, 16)
        assert registry.next() == (f"{G1.root}/{topic}", topic.encode())


@pytest.mark.parametrize(
    "topic",
    [
        f"{G2.root}/lane-1/ingress",
        f"{G2.root}/state",
        f"{FAR.root}/lane-1/ingress",
        f"{G1.root}/receipt",
        f"{G1.root}/cmd",
        f"{G1.root}/lane-1/other",
        f"{G1.root}/lane-1/deeper/ingress",
        "gate/v1/guayaquil/preadvice/1",
        "registry/v1/state",
        "registry/v1/guayaquil/report",
        "anything",
    ],
)
def test_a_gate_is_refused_what_is_not_its_own(broker: Broker, topic: str) -> None:
    with Client(broker, G1, "g1") as gate:
        assert gate.publish(topic) == NOT_AUTHORISED


def hears(broker: Broker, user: str | Gate, topics: list[str], allowed: str) -> list[str]:
    """Which of the topics a user hears when the registry (and each gate for its own) says something on each.

    The last one is allowed, so what was to come before it has come when it is heard.
    """
    with Client(broker, user, "listener") as listener, Client(broker, REGISTRY, "registry") as registry:
        listener.subscribe("#")
        heard = []
        with Client(broker, G2, "g2") as other:
            for topic in topics:
                sender = other if topic.startswith(G2.root) and "receipt" not in topic else registry
                assert sender.publish(topic) in (0, 16)
        assert registry.publish(allowed, "end") in (0, 16)
        while (message := listener.next())[1] != b"end":
            heard.append(message[0])
        return heard


def test_a_gate_hears_its_receipts_and_its_depots_preadvice_and_nothing_else(broker: Broker) -> None:
    own = [
        G1.receipt,
        G1.command,
        "gate/v1/guayaquil/preadvice/7",
        "gate/v1/guayaquil/preadvice/index",
        "gate/v1/guayaquil/release/7",
        "registry/v1/state",
    ]
    foreign = [
        G2.receipt,
        f"{G2.root}/state",
        f"{G2.root}/lane-1/ingress",
        FAR.receipt,
        "gate/v1/posorja/preadvice/7",
        "gate/v1/posorja/release/7",
        "registry/v1/guayaquil/report",
    ]
    assert sorted(hears(broker, G1, foreign + own, G1.receipt)) == sorted(own)


def test_a_central_system_reads_reports_only(broker: Broker) -> None:
    reports = ["registry/v1/guayaquil/report", "registry/v1/posorja/report", "registry/v1/state"]
    others = [f"{G2.root}/state", G1.receipt, "gate/v1/guayaquil/preadvice/7", "registry/v1/other"]
    assert hears(broker, CENTRAL, others + reports, reports[0]) == reports
    with Client(broker, CENTRAL, "central") as central:
        assert central.publish("registry/v1/guayaquil/report") == NOT_AUTHORISED
        assert central.publish(f"{G1.root}/lane-1/ingress") == NOT_AUTHORISED


def test_the_registry_speaks_for_no_gate(broker: Broker) -> None:
    with Client(broker, REGISTRY, "registry") as registry:
        assert registry.publish(f"{G1.root}/lane-1/ingress") == NOT_AUTHORISED
        assert registry.publish(G1.state) == NOT_AUTHORISED


def test_a_wrong_password_is_refused(broker: Broker) -> None:
    stranger = Client(broker, G1, "stranger", password="guess")
    assert stranger.connect() == NOT_AUTHORISED
    stranger.__exit__()


def test_a_stopped_broker_keeps_port_sessions_and_queue(tmp_path: Path) -> None:
    with Broker(tmp_path / "b", [G1]) as broker:
        port = broker.port
        with Client(broker, REGISTRY, "registry") as registry:
            registry.subscribe("gate/v1/#")
        with Client(broker, G1, "g1") as gate:
            assert gate.publish(G1.state, "kept") == 0
        broker.stop()
        assert not broker.running
        broker.start()
        assert broker.port == port
        with Client(broker, REGISTRY, "registry") as registry:
            assert registry.next() == (G1.state, b"kept")


def test_a_killed_broker_comes_back_on_its_port_and_a_wiped_one_empty(tmp_path: Path) -> None:
    with Broker(tmp_path / "b", [G1]) as broker:
        port = broker.port
        with Client(broker, G1, "g1") as gate:
            gate.publish(G1.state, "retained", retain=True)
        broker.kill()
        broker.start()
        assert broker.port == port
        broker.stop()
        broker.wipe()
        broker.start()
        with Client(broker, REGISTRY, "registry") as registry, Client(broker, G1, "g1") as gate:
            registry.subscribe("gate/v1/#")
            gate.publish(G1.health, "fresh")
            assert registry.next() == (G1.health, b"fresh")


def test_a_frozen_broker_answers_again_when_thawed(tmp_path: Path) -> None:
    with Broker(tmp_path / "b", [G1]) as broker:
        broker.freeze()
        assert broker.running
        broker.thaw()
        with Client(broker, G1, "g1") as gate:
            assert gate.publish(G1.state) in (0, 16)


def test_the_orphan_of_a_killed_demo_is_ended_before_another_uses_its_database(tmp_path: Path) -> None:
    first = Broker(tmp_path / "b", [G1])
    first.start()
    orphan = first.pid
    with Broker(tmp_path / "b", [G1]) as second:
        assert second.pid != orphan
        assert not first.running
    first.stop()


def test_a_start_that_is_interrupted_leaves_no_broker_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Broker) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Broker, "_wait", interrupted)
    broker = Broker(tmp_path / "b", [G1])
    with pytest.raises(KeyboardInterrupt), broker:
        pass
    assert not broker.running


def test_a_taken_port_is_an_error_that_says_so(tmp_path: Path) -> None:
    with Broker(tmp_path / "a") as one:
        two = Broker(tmp_path / "b")
        two.port = one.port
        with pytest.raises(BrokerError, match="Address already in use"):
            two.start()
        assert not two.running


def test_a_machine_without_mosquitto_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(BrokerError, match="apt-get install mosquitto"):
        Broker(tmp_path).start()


def test_passwords_are_nobody_elses_to_read_and_differ_each_time(tmp_path: Path) -> None:
    with Broker(tmp_path / "a", [G1]) as broker:
        secret = broker.credentials(G1)[1]
        for path in broker.directory.iterdir():
            assert secret not in path.read_text(encoding="latin-1")
        assert (broker.directory / "passwords").stat().st_mode & 0o077 == 0
    assert Broker(tmp_path / "b", [G1]).credentials(G1)[1] != secret


def test_the_depots_recipe_serves_by_tls(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    broker = Broker(tmp_path / "b", [G1])
    with broker:
        recipe = find("mosquitto/mosquitto.conf").read_text(encoding="utf-8")
        port = free_port()
    for place, own in {
        "listener 8883": f"listener {port}",
        "/etc/mosquitto/certs/server.crt": str(certificate),
        "/etc/mosquitto/certs/server.key": str(key),
        "/etc/mosquitto/": f"{broker.directory}/",
        "/var/lib/mosquitto/": f"{tmp_path}/",
        "log_dest syslog": "log_dest stderr\nuser root" if os.geteuid() == 0 else "log_dest stderr",
    }.items():
        assert place in recipe
        recipe = recipe.replace(place, own)
    (tmp_path / "depot.conf").write_text(recipe, encoding="utf-8")
    with subprocess.Popen(
        [program(), "-c", str(tmp_path / "depot.conf")], stderr=subprocess.DEVNULL
    ) as process:
        try:
            with (
                connected(port, process) as plain,
                ssl.create_default_context(cafile=str(certificate)).wrap_socket(
                    plain, server_hostname="localhost"
                ) as client,
            ):
                client.sendall(connect_packet(*broker.credentials(G1)))
                assert client.recv(4) == ACCEPTED
        finally:
            process.terminate()


def connected(port: int, process: subprocess.Popen[bytes]) -> socket.socket:
    """A connection, as soon as the process listens."""
    while process.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=WAIT)
        except ConnectionRefusedError:
            time.sleep(0.01)
    raise AssertionError(f"Mosquitto ended with {process.returncode}")


def self_signed(directory: Path) -> tuple[Path, Path]:
    """A certificate for localhost, good for an hour, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (directory / "server.crt").write_bytes(certificate.public_bytes(pem))
    (directory / "server.key").write_bytes(private)
    return directory / "server.crt", directory / "server.key"


def test_free_ports_are_free_and_given_to_no_outgoing_connection() -> None:
    ports = {free_port() for _ in range(20)}
    assert len(ports) > 10
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert first < 12_000 or all(1024 < port < first for port in ports)


def test_two_programs_with_the_same_seed_are_told_different_ports() -> None:
    told = []
    for _ in range(2):
        random.seed(7)
        told.append([free_port() for _ in range(5)])
    assert told[0] != told[1]


def test_a_port_that_somebody_took_meanwhile_is_waited_for(tmp_path: Path) -> None:
    with Broker(tmp_path / "a") as broker:
        port = broker.port
        broker.kill()
        taken = socket.create_server((broker.host, port))
        said = len(broker.log.read_text())

        def give_back() -> None:
            until = time.monotonic() + WAIT
            while "already in use" not in broker.log.read_text()[said:] and time.monotonic() < until:
                time.sleep(0.01)
            taken.close()

        giving_back = threading.Thread(target=give_back)
        giving_back.start()
        broker.start()
        giving_back.join()
        assert (broker.running, broker.port) == (True, port)
