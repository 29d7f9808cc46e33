"""The probe as a technician meets it: what it prints, what it returns, and that it works on a real line."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from drivers.probe.search import Search
from drivers.scale.protocol import Settings
from drivers.scale.protocols import PROTOCOLS
from drivers.simulator.bench import Bench, pushing
from drivers.simulator.scale import ScaleSimulator, shown
from drivers.simulator.uart import Wire
from gateway.cli import command
from gateway.commands.probe import GROUP, NAMED, NOT_OPEN, UNKNOWN
from gateway.site.site import ScalePart

Run = Callable[..., Result]


def run(*arguments: str) -> Result:
    import typer

    from gateway.commands import probe as module

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(module.probe)
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench = Bench()
    monkeypatch.setattr(
        "gateway.commands.probe.Search", partial(Search, opener=bench.open, clock=bench.clock)
    )
    return bench


def frame(name: str, value: str = "12340") -> bytes:
    spoken = PROTOCOLS[name]
    return spoken.encode(shown(spoken, Decimal(value)), Settings())


def test_a_named_protocol_with_what_to_paste(bench: Bench) -> None:
    bench.wire = Wire(4800, 7, "E")
    bench.says = pushing([frame("mt_continuous")])
    result = run("/dev/ttyUSB0", "--lang", "en")
    assert result.exit_code == NAMED
    assert "It speaks mt_continuous" in result.stdout
    assert "12340 kg  stable  gross" in result.stdout
    assert "mettler-ind231" in result.stdout
    start = result.stdout.index("scale:")
    pasted = yaml.safe_load(result.stdout[start : result.stdout.index("Models")])
    part = ScalePart(**pasted["scale"])
    assert (part.protocol, part.port, part.baud, part.bits, part.parity) == (
        "mt_continuous",
        "/dev/ttyUSB0",
        4800,
        7,
        "E",
    )


def test_findings_are_told_while_it_listens(bench: Bench) -> None:
    bench.wire = Wire(4800)
    bench.says = pushing([frame("st_gs")])
    lines = run("/dev/ttyUSB0", "--lang", "en").stderr.splitlines()
    assert lines[0] == "Listening on /dev/ttyUSB0, for 30 seconds at most"
    assert lines[1].strip() == "9600 8N1: nothing"
    assert lines[2].strip().startswith("4800 8N1: st_gs: ")


def test_a_group_says_what_would_decide(bench: Bench) -> None:
    bench.says = pushing([frame("ohaus_print")])
    result = run("/dev/ttyUSB0", "--lang", "es")
    assert result.exit_code == GROUP
    assert "ohaus_print, plain_number" in result.stdout
    assert "Ponga una carga o muévala" in result.stdout


def test_who_calls_every_weight_net_is_told_to_say_that_nobody_tares(bench: Bench) -> None:
    bench.says = pushing([frame("bilanciai_cb")])
    assert "untared: true" in run("/dev/ttyUSB0", "--lang", "en").stdout
    bench.says = pushing([frame("st_gs")])
    assert "untared" not in run("/dev/ttyUSB0", "--lang", "en").stdout


def test_the_verdict_as_one_object(bench: Bench) -> None:
    bench.says = pushing([frame("xk3190_tf0")])
    result = run("socket://10.0.0.5:4001", "--json")
    verdict = json.loads(result.stdout)
    assert (verdict["verdict"], verdict["decider"]) == ("named", None)
    (candidate,) = verdict["candidates"]
    assert candidate["frames"] == candidate["checked"] >= 4
    assert candidate["weight"] == {"value": "12340", "unit": "kg", "stability": "unknown", "kind": "unknown"}
    assert candidate["scale"] == {"protocol": "xk3190_tf0", "port": "socket://10.0.0.5:4001"}


def test_unknown_shows_what_was_heard(bench: Bench) -> None:
    bench.says = pushing([b"]C1MSKU1234565\r"], rate=2)
    result = run("/dev/ttyUSB0", "--lang", "en", "--seconds", "10")
    assert result.exit_code == UNKNOWN
    assert "MSKU1234565<CR>" in result.stdout
    assert "is it a scanner" in result.stdout
    assert json.loads(run("/dev/ttyUSB0", "--json").stdout)["verdict"] == "unknown"


def test_silence_says_to_ask_and_asking_is_announced(bench: Bench) -> None:
    assert "--ask" in run("/dev/ttyUSB0", "--lang", "en", "--seconds", "3").stdout
    assert bench.written == []
    asked = run("/dev/ttyUSB0", "--lang", "en", "--seconds", "12", "--ask")
    assert "will be sent" in asked.stderr
    assert bench.written


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    result = run(str(tmp_path / "nothing"), "--lang", "en")
    assert result.exit_code == NOT_OPEN
    assert "no such device" in result.stderr
    assert "plugged" in result.stderr


def test_on_a_real_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.probe.search.SLICE", 0.3)
    monkeypatch.setattr("drivers.probe.search.STAY", 0.5)
    with ScaleSimulator(tmp_path / "scale", "cas22", 40) as simulator:
        simulator.set(shown(simulator.protocol, Decimal(12340)))
        result = run(str(tmp_path / "scale"), "--json")
    verdict = json.loads(result.stdout)
    assert [each["protocol"] for each in verdict["candidates"]] == ["cas22"]


def test_it_is_a_command() -> None:
    assert callable(command("probe"))
