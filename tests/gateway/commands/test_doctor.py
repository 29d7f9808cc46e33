"""``iie-gateway doctor`` on a gate where nothing is, and on one where everything answers."""

from __future__ import annotations

import json
import re
import socket
import tarfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from drivers.simulator.scale import ScaleSimulator
from gateway.cli import main
from gateway.clock import ClockState
from gateway.doctor import machine, network
from gateway.doctor.bundle import masked, without_secrets
from gateway.doctor.symptom import Health
from gateway.last_heard import FILE
from gateway.outbox.outbox import Outbox
from gateway.rehearsal.broker import Broker
from gateway.site.checks import read_site
from record.proof import SigningKey
from record.topics import Gate

RIGHT = Path(__file__).parents[1] / "broken_sites" / "right.yaml"
GATE = Gate("guayaquil", "g1")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IIE_CACHE", str(tmp_path / "no-models"))
    text = RIGHT.read_text().replace("/var/lib/iie", str(tmp_path / "data"))
    text = text.replace("/dev/serial/by-id/usb-", f"{tmp_path}/").replace("/etc/iie/", f"{tmp_path}/")
    (tmp_path / "site.yaml").write_text("\n".join(line for line in text.splitlines() if line[:1] != "#"))
    (tmp_path / "password").write_text("secret of the broker\n")
    return tmp_path / "site.yaml"


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *map(str, arguments)])
    return int(ended.value.code or 0), capsys.readouterr().out


def health(said: str) -> dict[str, str]:
    return {each["place"]: each["health"] for each in json.loads(said)["symptoms"]}


def test_where_nothing_is_each_thing_is_named_with_what_to_do(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(capsys, site)
    assert code == 1
    assert f"✗ lane-1/scale: {site.parent}/scale no existe" in said
    assert "✗ models: no se pueden leer fotos" in said
    assert "✗ broker:" in said
    assert "secret" not in said


def test_where_everything_answers_nothing_is_ill(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocr.models.find", lambda cache=None: None)
    (tmp_path / "data" / "rear").mkdir(parents=True)
    with (
        Broker(tmp_path / "broker", [GATE]) as broker,
        ScaleSimulator(tmp_path / "scale", "mt_continuous", 40),
        ScaleSimulator(tmp_path / "scanner", "mt_continuous", 40),
    ):
        site.write_text(site.read_text().replace("port: 1883", f"port: {broker.port}"))
        code, said = run(capsys, site, "--json")
    found = health(said)
    assert code == 0, said
    assert found["lane-1/scale"] == found["lane-1/rear"] == found["broker"] == found["outbox"] == "well"


def test_an_old_outbox_is_told_with_its_age(site: Path, tmp_path: Path) -> None:
    settings = read_site(site)
    key = SigningKey.read_or_create(tmp_path / "gate.pem")
    box = Outbox(tmp_path / "data" / "gateway.db", GATE, key)
    box.close()
    (fresh,) = machine.outbox(settings, tmp_path)
    (old,) = machine.outbox(settings, tmp_path, datetime.now(UTC) + timedelta(hours=2))
    assert (fresh.health, old.health) == (Health.WELL, Health.DOUBTFUL)
    assert old.params["count"] == 1


def test_a_damaged_outbox_is_ill(site: Path, tmp_path: Path) -> None:
    settings = read_site(site)
    SigningKey.read_or_create(tmp_path / "gate.pem")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gateway.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    (found,) = machine.outbox(settings, tmp_path)
    assert found.health is Health.ILL


@pytest.mark.parametrize(
    ("free", "expected"), [(100, Health.ILL), (1500, Health.DOUBTFUL), (90000, Health.WELL)]
)
def test_a_disk_is_judged_by_its_room(
    tmp_path: Path, free: int, expected: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    usage = shutil.disk_usage(tmp_path)._replace(free=free * 1_000_000)
    monkeypatch.setattr("gateway.doctor.machine.shutil.disk_usage", lambda _: usage)
    (found,) = machine.disk(tmp_path / "not" / "made" / "yet")
    assert found.health is expected


@pytest.mark.parametrize("state", ClockState)
def test_a_clock_that_runs_free_is_doubtful(state: ClockState) -> None:
    (found,) = machine.clock(lambda: state)
    assert (found.health is Health.WELL) == (state is ClockState.SYNCHRONISED)


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2027, 7, 1), Health.ILL), (date(2027, 6, 10), Health.DOUBTFUL), (date(2027, 1, 1), Health.WELL)],
)
def test_the_scales_certificate_is_watched(site: Path, today: date, expected: Health) -> None:
    (found,) = network.certificates(read_site(site), site.parent, today)
    assert found.health is expected
    assert "2027-06-30" in found.line_text("es")


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A TLS server that shows a certificate and hangs up."""
    import ssl
    import threading

    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            try:
                context.wrap_socket(line, server_side=True).close()
            except OSError:
                line.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname()[1], tmp_path / "ca.pem"
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(10)


@pytest.mark.parametrize("trusted", [True, False])
def test_the_brokers_certificate_is_checked(
    site: Path, tmp_path: Path, listening: tuple[int, Path], trusted: bool
) -> None:
    port, authority = listening
    if not trusted:
        trustme.CA().cert_pem.write_to_path(authority)
    text = site.read_text().replace("host: 127.0.0.1\n  port: 1883", f"host: localhost\n  port: {port}")
    site.write_text(text.replace("lanes:", "  tls: {ca: ca.pem}\nlanes:", 1))
    found = list(network.broker(read_site(site), tmp_path))
    assert [each.health for each in found] == [Health.WELL if trusted else Health.ILL]


def test_the_bundle_holds_what_support_needs_and_no_secret(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SigningKey.read_or_create(tmp_path / "gate.pem")
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / FILE).write_text('[{"device": "scale", "raw": "0230"}]')
    run(capsys, site, "--bundle", tmp_path / "support.tar.gz")
    with tarfile.open(tmp_path / "support.tar.gz") as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    parts = {path.name: path.read_text() for path in (tmp_path / "unpacked" / "iie-gateway").iterdir()}
    assert set(parts) == {
        *("doctor.txt", "devices.json", "last_heard.json"),
        *("site.yaml", "versions.txt", "log.txt"),
    }
    everything = "".join(parts.values())
    assert "secret of the broker" not in everything
    assert (tmp_path / "gate.pem").read_text().splitlines()[1] not in everything
    assert "missing" in parts["devices.json"]
    kept = json.loads(parts["last_heard.json"])
    assert kept["devices"] == [{"device": "scale", "raw": "0230"}]
    assert datetime.fromisoformat(kept["at"]) <= datetime.now(UTC)
    assert re.search(r"pydantic==", parts["versions.txt"])
    assert (tmp_path / "support.tar.gz").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("rtsp://10.0.0.1/user=ana&password=cla/ve&channel=1", "rtsp://10.0.0.1/user=…&password=…&channel=1"),
        ("rtsp://10.0.0.1/user=ana_password=clave_channel=1", "rtsp://10.0.0.1/user=…"),
        ("http://10.0.0.1/snap?usr=ana&pwd=clave", "http://10.0.0.1/snap?usr=…&pwd=…"),
        ("http://10.0.0.1/x?PASSWORD=clave", "http://10.0.0.1/x?PASSWORD=…"),
        ("http://10.0.0.1/x?access_token=clave&size=1", "http://10.0.0.1/x?access_token=…&size=1"),
        ("rtsp://ana:cla/ve@10.0.0.1/1", "rtsp://…@10.0.0.1/1"),
        ("password: la clave", "password: …"),
        ('{url: "http://x", password: "la clave"}', '{url: "http://x", password: …}'),
        ("Authorization: Basic YW5hOmNsYXZl", "Authorization: …"),
        ("password_file: /etc/iie/clave.txt", "password_file: /etc/iie/clave.txt"),
        ("http://10.0.0.1/x?monkey=3", "http://10.0.0.1/x?monkey=3"),
    ],
)
def test_no_secret_passes_wherever_it_is_written(written: str, kept: str) -> None:
    assert without_secrets(written) == kept
    assert masked(f"{written}\ny más") == f"{kept}\ny más"


def test_a_bundle_follows_no_link_and_leaves_no_half(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SigningKey.read_or_create(tmp_path / "gate.pem")
    (tmp_path / "victim").write_text("of somebody else")
    target = tmp_path / "out" / "support.tar.gz"
    target.parent.mkdir()
    target.symlink_to(tmp_path / "victim")
    run(capsys, site, "--bundle", target)
    assert (tmp_path / "victim").read_text() == "of somebody else"
    assert not target.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in target.parent.iterdir()] == ["support.tar.gz"]


def test_of_a_scanner_the_bundle_keeps_the_shape_of_a_frame_and_nobodys_name(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    SigningKey.read_or_create(tmp_path / "gate.pem")
    lane = read_site(site).lanes[0]
    scanner = lane.scanners[0].name
    said = {"lane": lane.name, "state": "streaming", "error": None}
    heard = [
        said | {"device": scanner, "raw": "\x021710034065 MERO ANÁ\r".encode().hex(), "last": "1710034065"},
        said | {"device": "balanza", "raw": b"029680000000\r".hex(), "last": "29680 kg"},
    ]

    class Heard:
        def __init__(self, told: dict[str, object]) -> None:
            self.told = told

        def as_json(self) -> dict[str, object]:
            return self.told

    monkeypatch.setattr("gateway.commands.live.listened", lambda *_: [Heard(each) for each in heard])
    run(capsys, site, "--bundle", tmp_path / "support.tar.gz")
    with tarfile.open(tmp_path / "support.tar.gz") as archive:
        held = archive.extractfile("iie-gateway/devices.json")
        assert held
        papers, scale = json.loads(held.read())
    assert bytes.fromhex(papers["raw"]) == b"\x020000000000 AAAA AAAA\r"
    assert papers["last"] is None
    assert bytes.fromhex(scale["raw"]) == b"029680000000\r"


def test_logs_are_masked() -> None:
    assert masked("cédula 1710034065 en rtsp://ana:clave@10.0.0.1/1") == "cédula …4065 en rtsp://…@10.0.0.1/1"
    assert without_secrets("url: http://10.0.0.1/x") == "url: http://10.0.0.1/x"
