"""The demo as people start it: what it prints, how it ends, and that it says no when something is wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.rehearsal.broker import BrokerError, program
from gateway.rehearsal.trucks import trucks

KEYS = [
    "script",
    "drafts",
    "received",
    "receipts",
    "seconds_from_last_fact_to_receipt",
    "gateway.db",
    "registry.db",
]
LATER = "from gateway.rehearsal import demo, trucks; {change}; demo.main()"
"""The demo with something changed in it beforehand."""

WRONG_BOX = """
real = trucks.Truck.expected
trucks.Truck.expected = lambda self: {**real(self), "weight_kg": self.cargo_kg + 1}
"""


@pytest.fixture(autouse=True)
def broker_at_hand() -> None:
    try:
        program()
    except BrokerError as error:
        pytest.skip(str(error))


def demo(*options: object, code: str | None = None, **own: str) -> subprocess.CompletedProcess[str]:
    how = ["-m", "gateway.rehearsal.demo"] if code is None else ["-c", code]
    command = [sys.executable, *how, *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **own}, timeout=240)


def result(done: subprocess.CompletedProcess[str], trucks_: int) -> dict[str, Any]:
    """The last line, with exactly the promised keys and types."""
    last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert list(last) == KEYS
    assert len(last["script"]) == trucks_
    for truck in last["script"]:
        assert list(truck) == ["dae", "container", "weight_kg"]
        assert re.fullmatch(r"[0-9]{17}", truck["dae"])
        assert re.fullmatch(r"[A-Z]{4}[0-9]{7}", truck["container"])
        assert truck["weight_kg"] is None or type(truck["weight_kg"]) is int
    assert all(type(last[name]) is int for name in ("drafts", "received", "receipts"))
    delays = last["seconds_from_last_fact_to_receipt"]
    assert list(delays) == ["p50", "max"]
    assert delays["p50"] is None or 0 <= delays["p50"] <= delays["max"]
    return last


def test_one_truck_is_received_as_scripted(tmp_path: Path) -> None:
    """Without ``--photos`` the container is drawn, so the same truck passes on every machine."""
    done = demo(
        "--trucks", 1, "--seed", 4, "--exit", "--json", "--data", tmp_path, "--photos", tmp_path / "none"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    last = result(done, 1)
    assert (last["drafts"], last["received"], last["receipts"]) == (1, 1, 1)
    assert (last["gateway.db"], last["registry.db"]) == (
        str(tmp_path / "gateway.db"),
        str(tmp_path / "registry.db"),
    )
    command = [sys.executable, "-m", "registry", "list", "--json", "--db", last["registry.db"]]
    (held,) = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert {name: held[name] for name in last["script"][0]} == last["script"][0]
    log = (tmp_path / "gateway.log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert " ERROR " not in log


@pytest.mark.long
def test_a_draft_that_is_not_as_scripted_ends_with_1(tmp_path: Path) -> None:
    """One kilogram more in the script than was loaded: the truck passes, and the demo says no."""
    code = LATER.format(change=f"exec({WRONG_BOX!r})")
    done = demo("--trucks", 1, "--seed", 4, "--exit", "--json", "--data", tmp_path, code=code)
    assert done.returncode == 1, done.stdout + done.stderr
    last = result(done, 1)
    assert (last["received"], last["receipts"]) == (1, 1)


def test_without_mosquitto_it_says_what_to_install(tmp_path: Path) -> None:
    code = LATER.format(change="import shutil; shutil.which = lambda *_, **__: None")
    done = demo("--trucks", 1, "--exit", "--json", "--data", tmp_path, code=code)
    assert done.returncode == 1
    assert "mosquitto" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    done = demo("--trucks", 1, "--exit", "--data", tmp_path / "data")
    assert done.returncode == 1
    assert str(tmp_path / "data") in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("restart", [False, True], ids=["steady", "broker killed"])
def test_three_trucks_are_received_once_each(tmp_path: Path, restart: bool) -> None:
    options = ["--trucks", 3, "--seed", 11, "--exit", "--json", "--data", tmp_path]
    done = demo(*options, *(["--broker-restart"] if restart else []))
    assert done.returncode == 0, done.stdout + done.stderr
    last = result(done, 3)
    assert (last["drafts"], last["received"], last["receipts"]) == (3, 3, 3)
    command = [sys.executable, "-m", "registry", "list", "--json", "--db", last["registry.db"]]
    held = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    said = [{name: each[name] for name in ("dae", "container", "weight_kg")} for each in held]
    assert said == last["script"]
    assert [each["status"] for each in held] == ["complete", "complete", "incomplete"]
    assert len({each["delivery_number"] for each in held}) == 3
    verify = [sys.executable, "-m", "registry", "verify", "--db", last["registry.db"]]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
    if restart:
        log = (tmp_path / "gateway.log").read_text(encoding="utf-8")
        assert log.count("link: connected") == 2


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_second_run_in_the_same_folder_counts_its_own_trucks_only(tmp_path: Path) -> None:
    first, second = (
        result(demo("--trucks", 1, "--seed", seed, "--exit", "--json", "--data", tmp_path), 1)
        for seed in (1, 2)
    )
    assert first["script"] != second["script"]
    assert (second["drafts"], second["received"], second["receipts"]) == (1, 1, 1)


def test_the_script_is_made_of_the_seed_alone() -> None:
    assert [truck.dae for truck in trucks(3, 11, 2026)] == [truck.dae for truck in trucks(3, 11, 2026)]
    assert not {truck.dae for truck in trucks(3, 11, 2026)} & {truck.dae for truck in trucks(3, 12, 2026)}


@pytest.mark.parametrize("end", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.long)])
def test_a_killed_demo_leaves_no_broker_and_no_registry_behind(
    tmp_path: Path, end: signal.Signals, until: Callable[..., None]
):
    command = [sys.executable, "-m", "gateway.rehearsal.demo", "--trucks", "9", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("La página")
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        assert len(children) >= 2
        running.send_signal(end)
        assert running.wait(60) == 128 + end
    until(lambda: not [child for child in children if Path(f"/proc/{child}").exists()])
