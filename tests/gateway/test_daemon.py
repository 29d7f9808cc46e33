"""The daemon of a gate: put together from its file, at work whatever is missing around it, taken down again."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from drivers.device import DeviceState
from drivers.readings import Kind, Stability, Unit, Weight
from drivers.simulator.scale import ScaleSimulator
from drivers.simulator.scanner import ScannerSimulator
from gateway.clock import ClockState
from gateway.daemon import DATABASE, Daemon
from gateway.folder import BadFolder, FolderInUse
from gateway.logs import FORMAT
from gateway.rehearsal.broker import Broker, free_port
from gateway.site.checks import read_site
from gateway.site.site import Site
from gateway.tape.tape import read_tape
from record.event import EventType
from record.proof import BadKey, SigningKey, unwire
from record.topics import Gate

DAE = "02820264000000001"
Until = Callable[..., None]


@pytest.fixture(autouse=True)
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No reader is prepared: none of these tests reads a picture."""
    monkeypatch.setenv("IIE_CACHE", str(tmp_path / "no-models"))


def site(folder: Path, gate: Gate, **changes: Any) -> Site:
    """A site's file with one lane, read as every other."""
    (folder / "gate.pass").touch()
    content = {
        "depot": {
            "name": gate.depot,
            "profile": "temporal",
            "district": "028",
            "oce": "99999999",
            "operator_type": "14",
        },
        "gate": gate.gate,
        "data": "data",
        "keys": {"signing": "keys/gate.pem", "registry": str(SigningKey.generate().public)},
        "broker": {
            "host": "127.0.0.1",
            "port": free_port(),
            "user": f"{gate.depot}/{gate.gate}",
            "password_file": "gate.pass",
        },
        "tares": {"tractor_kg": 7800, "chassis_kg": 5600},
        "rules": {"linger_s": 0.3, "pending_s": 1.0},
        "lanes": [
            {
                "name": "carril-1",
                "scale": {
                    "name": "balanza",
                    "protocol": "mt_continuous",
                    "port": str(folder / "scale"),
                    "settle_s": 0.3,
                },
                "cameras": [{"name": "lateral", "kind": "folder", "folder": "fotos", "interval_s": 0.1}],
                "scanners": [{"name": "lector", "port": str(folder / "scanner")}],
            }
        ],
        **changes,
    }
    (folder / "site.yaml").write_text(json.dumps(content), encoding="utf-8")
    return read_site(folder / "site.yaml")


def state(daemon: Daemon, device: str) -> DeviceState | None:
    known = daemon.board.view.lanes["carril-1"].devices.get(device)
    return known.state if known else None


def weight(kg: int) -> Weight:
    return Weight(Decimal(kg), Unit.KG, Stability.STABLE, Kind.GROSS)


def drafts(daemon: Daemon) -> list[dict[str, Any]]:
    found = [each for each in reversed(daemon.outbox.find()) if each.type == EventType.DRAFT]
    return [unwire(each.body)["data"] for each in found]


def pass_truck(daemon: Daemon, folder: Path, until: Until, dae: str = DAE) -> dict[str, Any]:
    """A truck with one document comes, is weighed and leaves; the last revision of its draft."""
    with (
        ScaleSimulator(folder / "scale", "mt_continuous", seven_bit=True) as scale,
        ScannerSimulator(folder / "scanner") as scanner,
    ):
        until(lambda: scale.end.listening and scanner.end.listening)
        scale.set(weight(29680))
        until(lambda: (visit := daemon.board.view.lanes["carril-1"].visit) and visit.weighing)
        scanner.send(dae)
        until(
            lambda: any(dae == draft["payload"].get("document", {}).get("number") for draft in drafts(daemon))
        )
        before = len(closed(daemon))
        scale.set(weight(0))
        until(lambda: len(closed(daemon)) > before)
    return drafts(daemon)[-1]


def closed(daemon: Daemon) -> list[dict[str, Any]]:
    found = [each for each in reversed(daemon.outbox.find()) if each.type == EventType.VISIT_CLOSED]
    return [unwire(each.body)["data"] for each in found]


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]


def test_it_makes_what_it_needs_beside_its_file(tmp_path: Path, gate: Gate) -> None:
    with Daemon(site(tmp_path, gate), tmp_path):
        pass
    assert (tmp_path / "data" / DATABASE).is_file()
    assert (tmp_path / "keys" / "gate.pem").stat().st_mode & 0o077 == 0


def test_paths_of_the_file_begin_in_its_folder(
    tmp_path: Path, gate: Gate, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fotos").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with Daemon(site(tmp_path, gate), tmp_path) as daemon:
        until(lambda: state(daemon, "lateral") is DeviceState.STREAMING)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_devices_that_are_not_there_are_told_by_name_and_come_later(
    tmp_path: Path, gate: Gate, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), Daemon(site(tmp_path, gate), tmp_path) as daemon:
        for device in ("balanza", "lateral", "lector"):
            until(lambda device=device: state(daemon, device) is DeviceState.MISSING)
        assert drafts(daemon) == []
        (tmp_path / "fotos").mkdir()
        draft = pass_truck(daemon, tmp_path, until)
        until(lambda: state(daemon, "lateral") is DeviceState.STREAMING)
    assert draft["payload"]["document"]["number"] == DAE
    told = [each.getMessage() for each in caplog.records if each.name == "drivers.device"]
    for place in ("scale", "scanner", "fotos"):
        assert any(str(tmp_path / place) in line for line in told), told


def test_without_a_broker_trucks_become_drafts_that_wait_and_leave_when_it_comes(
    tmp_path: Path, gate: Gate, until: Until
) -> None:
    broker = Broker(tmp_path / "broker", [gate])
    broker.port = free_port()
    made = site(tmp_path, gate)
    made = made.model_copy(update={"broker": made.broker.model_copy(update={"port": broker.port})})
    (tmp_path / "gate.pass").write_text(broker.credentials(gate)[1])
    with Daemon(made, tmp_path) as daemon:
        until(lambda: daemon.board.view.link.error)
        assert not daemon.board.view.link.connected
        assert daemon.board.view.link.advice
        draft = pass_truck(daemon, tmp_path, until)
        waiting = [each for each in daemon.outbox.find() if each.state.waiting]
        assert {each.subject for each in waiting} >= {draft["draft"], draft["visit"]}
        with broker:
            until(lambda: daemon.board.view.link.connected and daemon.board.view.link.error is None, 40)


def test_a_wrong_password_is_told_as_such_and_the_lane_goes_on(
    tmp_path: Path, gate: Gate, until: Until, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    made = site(tmp_path, gate)
    made = made.model_copy(update={"broker": made.broker.model_copy(update={"port": broker.port})})
    (tmp_path / "gate.pass").write_text("guess")
    with caplog.at_level(logging.WARNING), Daemon(made, tmp_path) as daemon:
        until(lambda: daemon.board.view.link.advice == "link.broker_refuses")
        assert "guess" not in (daemon.board.view.link.error or "")
        assert pass_truck(daemon, tmp_path, until)["payload"]["document"]["number"] == DAE
        (tmp_path / "gate.pass").write_text(broker.credentials(gate)[1])
        until(lambda: daemon.board.view.link.connected, 60)
    assert "guess" not in caplog.text


def test_missing_models_are_told_once_with_the_remedy_and_the_gate_works(
    tmp_path: Path, gate: Gate, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), Daemon(site(tmp_path, gate), tmp_path) as daemon:
        draft = pass_truck(daemon, tmp_path, until)
    assert "container" not in draft["payload"]["items"][0]
    (told,) = [line for line in errors(caplog) if "picture" in line]
    assert "iie-gateway models prepare" in told


def test_where_no_tape_can_be_written_nothing_of_a_truck_is_lost_and_it_is_told_once(
    tmp_path: Path, gate: Gate, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tapes").write_text("a file in the way of the folder")
    with caplog.at_level(logging.ERROR), Daemon(site(tmp_path, gate), tmp_path) as daemon:
        draft = pass_truck(daemon, tmp_path, until)
        assert draft["payload"]["document"]["number"] == DAE
        assert closed(daemon)[-1]["drafts"] == [draft["draft"]]
    (told,) = [line for line in errors(caplog) if "the tape" in line]
    assert str(tmp_path / "data" / "tapes") in told


def test_two_trucks_after_one_another_are_two_visits(tmp_path: Path, gate: Gate, until: Until) -> None:
    with Daemon(site(tmp_path, gate), tmp_path) as daemon:
        first = pass_truck(daemon, tmp_path, until)
        second = pass_truck(daemon, tmp_path, until, dae="02820264000000002")
    assert first["visit"] != second["visit"]
    assert [first["revision"], second["revision"]] == [first["revision"], 1]


def test_what_was_told_survives_a_new_start_in_the_same_chain(
    tmp_path: Path, gate: Gate, until: Until
) -> None:
    made = site(tmp_path, gate)
    with Daemon(made, tmp_path) as daemon:
        pass_truck(daemon, tmp_path, until)
        before = [each.body for each in reversed(daemon.outbox.find())]
    with Daemon(made, tmp_path) as daemon:
        pass_truck(daemon, tmp_path, until, dae="02820264000000002")
        after = [each.body for each in reversed(daemon.outbox.find())]
    assert after[: len(before)] == before
    sequences = [unwire(body)["sequence"] for body in after]
    assert sequences == list(range(1, len(after) + 1))
    assert len({unwire(body)["source"] for body in after}) == 1


def test_a_data_folder_that_is_none_is_named(tmp_path: Path, gate: Gate) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(BadFolder, match=str(tmp_path / "data")):
        Daemon(site(tmp_path, gate), tmp_path).start()


def test_a_key_file_that_is_none_is_named(tmp_path: Path, gate: Gate) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "gate.pem").write_text("no key")
    with pytest.raises(BadKey, match=r"gate\.pem"):
        Daemon(site(tmp_path, gate), tmp_path).start()


def test_a_second_gate_on_the_same_data_is_refused_and_leaves_the_first_at_work(
    tmp_path: Path, gate: Gate, until: Until
) -> None:
    made = site(tmp_path, gate)
    with Daemon(made, tmp_path) as daemon:
        with pytest.raises(FolderInUse, match=str(tmp_path / "data")):
            Daemon(made, tmp_path).start()
        command = [sys.executable, "-m", "gateway", "run", str(tmp_path / "site.yaml")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert str(tmp_path / "data") in done.stderr
        assert pass_truck(daemon, tmp_path, until)["payload"]["document"]["number"] == DAE


def test_a_clock_that_follows_no_other_is_told_with_the_draft_and_kept_on_the_tape(
    tmp_path: Path, gate: Gate, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.lanes.clock_state", lambda: ClockState.UNSYNCHRONISED)
    with Daemon(site(tmp_path, gate), tmp_path) as daemon:
        draft = pass_truck(daemon, tmp_path, until)
    assert draft["evidence"]["clock"] == "unsynchronised"
    found = {finding["code"]: finding["severity"] for finding in draft["findings"]}
    assert found["clock_unsynchronised"] == "warning"
    (tape,) = (tmp_path / "data" / "tapes" / "carril-1").glob("*.jsonl")
    assert read_tape(tape).header.clock == "unsynchronised"


def test_a_lane_that_hangs_is_named(
    tmp_path: Path, gate: Gate, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a disk never answers: the thread is there and does not come round."""
    free = threading.Event()
    with Daemon(site(tmp_path, gate), tmp_path) as daemon:
        assert daemon.hanging() == ()
        monkeypatch.setattr("gateway.lane.STUCK_S", 0.5)
        monkeypatch.setattr("gateway.lane.Lane._once", lambda lane: free.wait(60))
        until(lambda: daemon.hanging() == ("lane carril-1",))
        free.set()


def test_taking_it_down_takes_seconds_and_twice_does_no_harm(tmp_path: Path, gate: Gate) -> None:
    daemon = Daemon(site(tmp_path, gate), tmp_path)
    daemon.start()
    began = time.monotonic()
    daemon.stop()
    daemon.stop()
    assert time.monotonic() - began < 20


def test_a_line_of_the_log_says_when_how_grave_who_and_what() -> None:
    record = logging.LogRecord("gateway.lane", logging.ERROR, "", 0, "lane %s", ("carril-1",), None)
    assert logging.Formatter(FORMAT).format(record).endswith(" ERROR gateway.lane: lane carril-1")
