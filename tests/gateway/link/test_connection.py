"""One connection: what the broker says, what is told of it, and TLS as depots use it."""

from __future__ import annotations

import ssl
import threading

import pytest
import trustme

from gateway.link.connection import (
    Address,
    BrokerAway,
    BrokerRefuses,
    Filter,
    Lost,
    Published,
    Will,
    Woken,
    connect,
)
from gateway.link.login import BadCertificate, address, tls_context
from gateway.rehearsal.broker import Broker, free_port
from gateway.site.site import BrokerPart, Tls


def test_puback_reasons_come_as_signals(broker, gate, address_of):
    with connect(address_of(broker, gate), [Filter(gate.receipt)]) as connection:
        allowed = connection.publish(gate.lane("l1", "ingress"), b"x")
        refused = connection.publish("gate/v1/depot/g2/l1/ingress", b"x")
        reasons = {}
        while len(reasons) < 2:
            for signal in connection.signals(5):
                if isinstance(signal, Published):
                    reasons[signal.mid] = signal.reason
        assert reasons[allowed] < 0x80 <= reasons[refused]
        assert connection.maximum_packet == 1048576
        assert connection.alive


def test_waking_ends_the_wait(broker, gate, address_of):
    with connect(address_of(broker, gate), []) as connection:
        threading.Timer(0.05, connection.wake).start()
        assert list(connection.signals(10)) == [Woken()]
        assert list(connection.signals(0.01)) == []


def test_the_end_of_the_connection_is_a_signal(broker, gate, address_of):
    with connect(address_of(broker, gate), []) as connection:
        broker.kill()
        (signal,) = connection.signals(10)
        assert isinstance(signal, Lost)
        assert not signal.refused
        assert not connection.alive
        with pytest.raises(BrokerAway):
            connection.publish(gate.lane("l1", "ingress"), b"x")


def test_nobody_there(gate):
    with pytest.raises(BrokerAway, match="refused"), connect(Address("127.0.0.1", free_port(), "x"), []):
        pass


def test_a_frozen_broker_does_not_answer(broker, gate, address_of):
    broker.freeze()
    with (
        pytest.raises(BrokerAway, match="no answer to connect"),
        connect(address_of(broker, gate), [], timeout=0.3),
    ):
        pass
    broker.thaw()


def test_a_wrong_password_is_a_refusal_and_an_unreadable_one_too(broker, gate):
    def unreadable():
        raise FileNotFoundError(2, "No such file", "/etc/iie/mqtt-password")

    wrong = Address(broker.host, broker.port, "c", "depot/g1", lambda: "wrong")
    with pytest.raises(BrokerRefuses, match="Not authorized"), connect(wrong, []):
        pass
    missing = Address(broker.host, broker.port, "c", "depot/g1", unreadable)
    with pytest.raises(BrokerRefuses, match="mqtt-password"), connect(missing, []):
        pass


def test_the_will_is_said_when_the_process_is_gone(broker, gate, address_of):
    central = Address(broker.host, broker.port, "watch", *_registry(broker))
    will = Will(gate.state, b'{"state":"offline"}')
    ours = address_of(broker, gate)
    with connect(central, [Filter(gate.state)]) as watch, connect(ours, [], will=will) as connection:
        connection._client.socket().shutdown(2)
        (signal,) = watch.signals(10)
        assert (signal.topic, signal.payload) == (gate.state, will.payload)


def _registry(broker):
    user, password = broker.credentials("registry")
    return user, lambda: password


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


class TlsBroker(Broker):
    """A broker with a second listener that speaks TLS."""

    def __init__(self, directory, gates, options):
        super().__init__(directory, gates)
        self.tls_port = free_port()
        self._options = options

    def _configuration(self):
        listener = f"listener {self.tls_port} 127.0.0.1"
        return "\n".join([super()._configuration(), listener, *self._options, ""])


@pytest.fixture
def tls_broker(tmp_path, gate, authority):
    """Makes brokers whose certificate is of ``authority``, for the names given."""
    started = []

    def make(*options, names=("localhost", "127.0.0.1")):
        server = authority.issue_cert(*names)
        server.private_key_pem.write_to_path(tmp_path / "server.key")
        server.cert_chain_pems[0].write_to_path(tmp_path / "server.crt")
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        files = [f"certfile {tmp_path / 'server.crt'}", f"keyfile {tmp_path / 'server.key'}"]
        broker = TlsBroker(tmp_path / "tls", [gate], [*files, "tls_version tlsv1.2", *options])
        broker.start()
        started.append(broker)
        return broker

    yield make
    for broker in started:
        broker.stop()


def settings(broker, gate, tmp_path, **tls):
    """The broker part of a site's file, and the password file that it names."""
    user, password = broker.credentials(gate)
    (tmp_path / "password").write_text(password + "\n")
    return BrokerPart(
        host="127.0.0.1",
        port=broker.tls_port,
        user=user,
        password_file="password",
        tls=Tls(**{"ca": "ca.pem"} | tls),
    )


def test_tls_with_user_and_password_file(tls_broker, gate, tmp_path):
    part = settings(tls_broker(), gate, tmp_path)
    with connect(address(part, gate, tmp_path), [Filter(gate.receipt)]) as connection:
        connection.publish(gate.lane("l1", "ingress"), b"x")
        (signal,) = connection.signals(10)
        assert signal.reason < 0x80


@pytest.mark.parametrize(("named", "shown"), [({}, "depot/g1"), ({"client_id": "depot-g1"}, "depot-g1")])
def test_a_gate_is_known_to_the_broker_by_its_topics_or_as_the_site_says(gate, tmp_path, named, shown):
    assert address(BrokerPart(host="localhost", **named), gate, tmp_path).client_id == shown


def test_a_systemd_credential_holds_the_password(tls_broker, gate, tmp_path, monkeypatch):
    part = settings(tls_broker(), gate, tmp_path)
    (tmp_path / "password").rename(tmp_path / "mqtt-password")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    changed = part.model_copy(update={"password_file": None, "password_credential": "mqtt-password"})
    with connect(address(changed, gate, tmp_path), []) as connection:
        assert connection.alive


def test_a_certificate_of_another_authority_is_not_believed(tls_broker, gate, tmp_path):
    part = settings(tls_broker(), gate, tmp_path)
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    place = address(part, gate, tmp_path)
    with pytest.raises(BrokerRefuses, match="certificate does not hold"), connect(place, []):
        pass


def test_a_certificate_for_another_host_is_not_believed(tls_broker, gate, tmp_path):
    part = settings(tls_broker(names=("broker.example.net",)), gate, tmp_path)
    with pytest.raises(BrokerRefuses, match=r"127\.0\.0\.1"), connect(address(part, gate, tmp_path), []):
        pass


def test_the_context_checks_certificate_and_name(tmp_path, authority):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = tls_context(Tls(ca="ca.pem"), tmp_path)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_broker_without_tls_on_a_tls_port(broker, gate, tmp_path, authority):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    broker.tls_port = broker.port
    part = settings(broker, gate, tmp_path)
    with pytest.raises(BrokerAway), connect(address(part, gate, tmp_path), []):
        pass


def test_mutual_tls(tls_broker, gate, tmp_path, authority):
    broker = tls_broker(f"cafile {tmp_path / 'ca.pem'}", "require_certificate true")
    ours = authority.issue_cert("depot-g1")
    ours.private_key_pem.write_to_path(tmp_path / "gate.key")
    ours.cert_chain_pems[0].write_to_path(tmp_path / "gate.crt")
    part = settings(broker, gate, tmp_path, certificate="gate.crt", key="gate.key")
    with connect(address(part, gate, tmp_path), []) as connection:
        assert connection.alive
    without = settings(broker, gate, tmp_path)
    with pytest.raises((BrokerAway, BrokerRefuses)), connect(address(without, gate, tmp_path), [], timeout=5):
        pass


def test_certificate_files_that_cannot_be_used_are_named(tmp_path, authority):
    with pytest.raises(BadCertificate, match=r"nowhere\.pem"):
        tls_context(Tls(ca="nowhere.pem"), tmp_path)
    (tmp_path / "text.pem").write_text("no certificate")
    with pytest.raises(BadCertificate, match=r"text\.pem"):
        tls_context(Tls(ca="text.pem"), tmp_path)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with pytest.raises(BadCertificate, match=r"text\.pem"):
        tls_context(Tls(ca="ca.pem", certificate="text.pem", key="text.pem"), tmp_path)
