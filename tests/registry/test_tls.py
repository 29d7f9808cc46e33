"""TLS to the broker: the right authority is trusted, another one and another host's name are not."""

from __future__ import annotations

import datetime
import socket
import subprocess
import time
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.rehearsal.broker import free_port, program
from registry.connection import BrokerAway, Connection, Deliveries, Login

NOW = datetime.datetime.now(datetime.UTC)


class Authority:
    """A certificate authority of a test's own."""

    def __init__(self, folder):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"authority {folder.name}")])
        folder.mkdir()
        self.folder, self.file = folder, folder / "ca.pem"
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        builder = self._builder(self.name, self.key.public_key())
        usage = dict.fromkeys(
            (
                "digital_signature",
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        builder = builder.add_extension(constraints, critical=True).add_extension(
            x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True
        )
        certificate = builder.sign(self.key, hashes.SHA256())
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name, alternative):
        """A certificate and its key as two files' names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(subject, key.public_key()).add_extension(
            x509.SubjectAlternativeName([alternative]), critical=False
        )
        certificate = builder.sign(self.key, hashes.SHA256())
        files = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files

    def _builder(self, subject, key):
        identifier = x509.SubjectKeyIdentifier.from_public_key(key)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - datetime.timedelta(days=1))
            .not_valid_after(NOW + datetime.timedelta(days=1))
            .add_extension(identifier, critical=False)
            .add_extension(issuer, critical=False)
        )


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def login(authority, tmp_path_factory):
    """A login at a Mosquitto that asks for certificates of our authority."""
    folder = tmp_path_factory.mktemp("broker")
    certificate, key = authority.issue("localhost", x509.DNSName("localhost"))
    port = free_port()
    lines = [
        f"listener {port} 127.0.0.1",
        f"cafile {authority.file}",
        f"certfile {certificate}",
        f"keyfile {key}",
        "require_certificate true",
        "use_identity_as_username true",
        "user root",
    ]
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program(), "-c", str(folder / "mosquitto.conf")], stdout=log, stderr=log)
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.01)
    own = authority.issue("registry", x509.DNSName("registry"))
    yield Login(
        "localhost",
        port,
        "registry",
        tls=True,
        ca=str(authority.file),
        certificate=str(own[0]),
        key=str(own[1]),
    )
    process.terminate()
    process.wait()


def opened(login):
    connection = Connection(login, ["gate/v1/+/+/installation"], Deliveries(), ("registry/v1/state", b""))
    connection.open()
    connection.close()


def test_the_right_authority_and_the_own_certificate_open_the_door(login):
    opened(login)


PAHO_LEAKS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""paho 2.2 leaves the socket of a handshake that failed to the garbage collector."""


@PAHO_LEAKS
def test_another_authoritys_broker_is_not_believed(login, tmp_path):
    other = Authority(tmp_path / "theirs")
    with pytest.raises(BrokerAway, match="certificate verify failed"):
        opened(replace(login, ca=str(other.file)))


@PAHO_LEAKS
def test_a_broker_under_another_name_is_not_believed(login):
    with pytest.raises(BrokerAway, match="certificate verify failed"):
        opened(replace(login, host="127.0.0.1"))


def test_without_a_certificate_the_door_stays_closed(login):
    with pytest.raises(BrokerAway):
        opened(replace(login, certificate=None, key=None))


def test_a_file_that_is_no_certificate_is_told(login, tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(BrokerAway, match=f"localhost:{login.port}"):
        opened(replace(login, ca=str(tmp_path / "ca.pem")))
