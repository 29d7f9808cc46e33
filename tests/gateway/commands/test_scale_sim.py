"""The simulated scale at a technician's table."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from drivers.port import Line
from drivers.readings import Stability, Weight
from drivers.scale.device import Scale


def run(*arguments: str, stdin: str = "") -> Result:
    import typer

    from gateway.commands import scale_sim as module

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(module.scale_sim)
    return CliRunner().invoke(app, [*arguments, "--lang", "en"], input=stdin)


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Any]:
    """Runs the command in a thread and gives the weights that a scale of ours reads from it."""
    stop = threading.Event()
    results: list[Result] = []

    def play(*arguments: str, protocol: str, count: int) -> list[Weight]:
        port = tmp_path / "scale"
        player = threading.Thread(
            target=lambda: results.append(run(*arguments, "--port", str(port), "--seconds", "1"))
        )
        player.start()
        while not port.exists():
            stop.wait(0.01)
        weights = []
        for heard in Scale("scale", Line(str(port)), protocol).read(stop):
            if isinstance(heard, Weight):
                weights.append(heard)
            if len(weights) == count:
                break
        player.join()
        return weights

    yield play
    assert [result.exit_code for result in results] == [0]


def test_a_weight_is_played_on_a_pty(played: Any) -> None:
    (weight,) = played("st_gs", "--weight", "12340m", protocol="st_gs", count=1)
    assert (weight.value, weight.stability) == (12340, Stability.MOVING)


def test_weights_are_played_at_their_seconds(played: Any) -> None:
    weights = played(
        "st_gs", "--rate", "50", "--play", "0.2=100", "--play", "0.4=200", protocol="st_gs", count=30
    )
    assert list(dict.fromkeys(int(weight.value) for weight in weights)) == [0, 100, 200]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["st_gz", "--port", "{}/s"], "st_gs"),
        (["st_gs", "--port", "{}/s", "--weight", "heavy"], "heavy"),
        (["st_gs", "--port", "{}/s", "--weight", "nan"], "nan"),
        (["mt_continuous", "--port", "{}/s", "--weight", "12345678.5"], "six digits"),
        (["st_gs", "--port", "udp://127.0.0.1:1"], "udp"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = run(*(argument.format(tmp_path) for argument in arguments))
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_what_is_typed_and_is_no_weight_is_said(tmp_path: Path) -> None:
    result = run("st_gs", "--port", str(tmp_path / "s"), "--seconds", "0.3", stdin="12340\nheavy\n")
    assert "not a weight: heavy" in result.stdout


def test_over_tcp_it_says_which_number_it_was_given() -> None:
    result = run("st_gs", "--port", "tcp://127.0.0.1:0", "--seconds", "0.1")
    address = result.stdout.split(" on ")[1].split(";")[0]
    assert int(address.rpartition(":")[2]) > 0
