import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from drivers.camera.mjpeg import MjpegCamera
from drivers.camera.still import StillCamera
from drivers.errors import CannotOpen
from drivers.readings import Picture
from drivers.simulator.camera import CameraSimulator


def jpeg(number: int) -> bytes:
    return b"\xff\xd8\xff\xe0" + bytes([number]) * 90_000 + b"\xff\xd9"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A camera's own certificate and its key, as cameras make them themselves."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "camera.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def simulator(certificate: Path) -> Iterator[CameraSimulator]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with CameraSimulator(rate_hz=50, tls=tls) as simulator:
        simulator.show(jpeg(1))
        yield simulator


def test_a_camera_whose_certificate_is_known_is_read(simulator: CameraSimulator, certificate: Path) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate))
    stop = threading.Event()
    stream = MjpegCamera("front", simulator.stream_url, context=trusted).read(stop)
    numbers: list[int] = []
    while len(numbers) < 3:
        heard = next(stream)
        if isinstance(heard, Picture):
            numbers.append(heard.data[4])
            simulator.show(jpeg(len(numbers) + 1))
    assert numbers == sorted(numbers)
    still = StillCamera("rear", simulator.still_url, context=trusted).read(stop)
    assert isinstance(next(still), Picture)


def test_a_camera_whose_certificate_is_unknown_is_refused(simulator: CameraSimulator) -> None:
    with pytest.raises(CannotOpen, match="certificate"):
        next(MjpegCamera("front", simulator.stream_url).read(threading.Event()))
