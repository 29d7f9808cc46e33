"""The monitor on real pseudo terminals: bytes, meaning, state."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from drivers.device import DeviceState, DeviceStatus
from drivers.errors import Advice
from drivers.port import Direction
from drivers.readings import Kind, Remark, Scan, Skip, Stability, Stamped, Weight
from drivers.scale.device import Scale
from drivers.simulator.scale import ScaleSimulator, shown
from drivers.simulator.scanner import ScannerSimulator
from gateway.bytes_shown import ascii_of, dumped, hex_of
from gateway.commands.monitor import WRONG_USE, Asked, Screen, of_site, reading_line, status_line
from gateway.site.site import Site
from gateway.weight_shown import weight_line
from record.yamlfile import EXIT_WRONG, load

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def run(*arguments: str) -> Result:
    import typer

    from gateway.commands import monitor as module

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(module.monitor)
    return CliRunner().invoke(app, [*arguments, "--lang", "en"])


@pytest.mark.parametrize("named", [["--protocol", "mt_continuous"], ["--model", "mettler-ind231"]])
def test_a_scale_is_shown_in_bytes_and_in_words(tmp_path: Path, named: list[str]) -> None:
    with ScaleSimulator(tmp_path / "scale", "mt_continuous", 40) as simulator:
        simulator.set(shown(simulator.protocol, Decimal(12340)))
        result = run(str(tmp_path / "scale"), *named, "--seconds", "0.4")
    assert result.exit_code == 0
    assert "9600 7E1" in result.stdout
    assert "< 02 2a 30 20" in result.stdout
    assert "<STX>*0 " in result.stdout
    assert "  12340 kg  stable  gross" in result.stdout
    assert "[streaming]" in result.stdout


def test_without_a_protocol_the_bytes_alone_are_shown(tmp_path: Path) -> None:
    with ScaleSimulator(tmp_path / "scale", "st_gs", 40) as simulator:
        simulator.set(shown(simulator.protocol, Decimal(12340)))
        result = run(str(tmp_path / "scale"), "--seconds", "0.3")
    assert "ST,GS" in result.stdout.replace("\n", "")
    assert "kg  stable" not in result.stdout


def test_a_request_is_shown_too(tmp_path: Path) -> None:
    with ScaleSimulator(tmp_path / "scale", "mt_sics") as simulator:
        simulator.set(shown(simulator.protocol, Decimal(12340)))
        result = run(str(tmp_path / "scale"), "--protocol", "mt_sics", "--seconds", "0.4")
    assert "> 53 49 0d 0a" in result.stdout
    assert "SI<CR><LF>" in result.stdout


def test_a_scanner(tmp_path: Path) -> None:
    with ScannerSimulator(tmp_path / "scanner") as simulator:
        sender = Thread(target=lambda: (wait_for(simulator), simulator.send("02820264000123456")))
        sender.start()
        result = run(str(tmp_path / "scanner"), "--model", "generic-serial", "--seconds", "0.6")
        sender.join()
    assert "  02820264000123456  ]C1  Code 128" in result.stdout


def wait_for(simulator: ScannerSimulator) -> None:
    while not simulator.end.listening:  # type: ignore[attr-defined]
        simulator._stop.wait(0.01)


def test_a_wrong_speed_counts_why_nothing_is_understood(tmp_path: Path) -> None:
    with ScaleSimulator(tmp_path / "scale", "mt_continuous", 60) as simulator:
        simulator.set(shown(simulator.protocol, Decimal(12340)))
        result = run(
            str(tmp_path / "scale"), "--protocol", "mt_continuous", "--baud", "2400", "--seconds", "1.5"
        )
    assert "[noise]" in result.stdout
    assert "skipped: " in result.stdout
    assert "kg  " not in result.stdout


def test_a_port_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    result = run(str(tmp_path / "nothing"), "--seconds", "0.2")
    assert result.exit_code == 0
    assert "[missing]" in result.stdout
    assert "plugged" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--protocol", "mt_continous"], "mt_continuous"),
        (["--model", "mettler-ind23"], "mettler-ind231"),
        (["--model", "zebra-ds2208"], "zebra-ds2208-cdc"),
        (["--protocol", "st_gs", "--model", "mettler-ind231"], "not both"),
        (["--parity", "X"], "parity"),
    ],
)
def test_wrong_use_is_answered_with_what_is_meant(arguments: list[str], said: str) -> None:
    result = run("/dev/nothing", *arguments, "--seconds", "0.1")
    assert result.exit_code == WRONG_USE
    assert said in result.stderr


def test_a_model_of_a_keyboard_scanner_is_read_from_its_input_device() -> None:
    asked = Asked("usb:0c2e:0b61", model="generic-keyboard-latam")
    watched = asked.watched(lambda *_: None)
    assert type(watched.device).__name__ == "HidScanner"
    assert watched.stale_after is None


def test_the_words_of_a_reading() -> None:
    weight = Weight(Decimal("-12.50"), stability=Stability.MOVING, kind=Kind.NET)
    assert reading_line(stamped(weight)) == "-12.50 kg  moving  net"
    assert reading_line(stamped(weight), "es") == "-12.50 kg  en movimiento  neto"
    assert reading_line(stamped(Scan("10A\x1d21B", "]C1"))) == "10A<GS>21B  ]C1  Code 128"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_everything_that_a_weight_can_say_has_a_word(lang: str) -> None:
    for stability in Stability:
        for kind in Kind:
            said = weight_line(
                Weight(Decimal(1), stability=stability, kind=kind, remarks=frozenset(Remark)), lang
            )
            assert len(said.split("  ")) == 3 + len(Remark)


def stamped(reading: Weight | Scan) -> Stamped:
    return Stamped("scale", NOW, 0.0, reading)


def test_the_words_of_a_state() -> None:
    status = DeviceStatus(
        "scale",
        DeviceState.NOISE,
        NOW,
        skips={Skip.CHECKSUM: 3},
        frames_per_second=1.5,
        advice=Advice.CHECK_SPEED,
    )
    line = status_line(status, "en")
    assert line.startswith("[noise] 1.5 frames/s; skipped: the checksum does not match 3; ")
    assert "parity" in line
    assert status_line(status, "es").startswith("[llega ruido] 1.5 tramas/s")


def test_what_to_check_comes_before_what_the_system_says() -> None:
    status = DeviceStatus(
        "scale", DeviceState.MISSING, NOW, error="/dev/x: no such device", advice=Advice.CHECK_CABLE
    )
    line = status_line(status, "es")
    assert line.index("Revise que el equipo") < line.index("(/dev/x: no such device)")


def test_who_closes_the_pipe_has_seen_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("builtins.print", closed)
    screen = Screen("en")
    screen.bytes(Direction.IN, b"x")
    screen.bytes(Direction.IN, b"x")
    assert screen.over.is_set()


@given(st.binary(max_size=100))
def test_bytes_are_shown_whole_and_printable(data: bytes) -> None:
    assert bytes.fromhex(hex_of(data)) == data
    assert ascii_of(data).isprintable()
    assert "".join(line[:47].replace(" ", "") for line in dumped(data)) == data.hex()


class TestOfSite:
    FILE = Path(__file__).resolve().parents[3] / "config" / "site.example.yaml"

    def test_a_device_of_a_site_is_watched_as_the_file_says(self) -> None:
        site = load(self.FILE, Site)
        lane = site.lanes[0]
        watched = of_site(site, f"{lane.name}/{lane.scale.name}", lambda *_: None)
        assert isinstance(watched.device, Scale)
        assert watched.device.protocol == lane.scale.protocol
        assert watched.line.port == lane.scale.port

    def test_a_name_that_the_site_does_not_have_is_answered_with_those_it_has(self) -> None:
        result = run("nothing", "--site", str(self.FILE), "--seconds", "0.1")
        assert result.exit_code == WRONG_USE
        lane = load(self.FILE, Site).lanes[0]
        assert f"{lane.name}/{lane.scale.name}" in " ".join(result.stderr.split())

    def test_a_site_that_is_wrong_is_answered_with_what_is_wrong(self, tmp_path: Path) -> None:
        (tmp_path / "site.yaml").write_text("depot: 1\n")
        result = run("scale", "--site", str(tmp_path / "site.yaml"))
        assert result.exit_code == EXIT_WRONG
        assert "site.yaml:1:" in result.stdout
