"""The stage: files by the same loaders as every other gate's, real devices, and nothing left running."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from gateway.rehearsal.broker import BrokerError, program
from gateway.rehearsal.stage import GATE, Program, Stage, picture
from gateway.rehearsal.trucks import trucks
from gateway.site.checks import read_site
from record.announcing.yaml_file import read_preadvice
from record.shipped import find

CAST = trucks(3, 1, 2026)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A stage as it was left, and what its processes were."""
    try:
        program()
    except BrokerError as error:
        pytest.skip(str(error))
    stage = Stage(tmp_path_factory.mktemp("stage"), CAST)
    with stage:
        stage.pids = (stage.registry_pid, stage.broker.pid)  # type: ignore[attr-defined]
    return stage


def test_its_site_passes_the_same_check_as_every_site(stage: Stage) -> None:
    site = read_site(stage.site_file)
    assert (site.depot.name, site.gate, site.simulated) == (GATE.depot, GATE.gate, True)
    assert [camera.kind for camera in site.lanes[0].cameras] == ["mjpeg", "folder"]


def test_announced_trucks_are_in_its_preadvice_and_the_others_are_not(stage: Stage) -> None:
    told = {
        each.keys.document.number
        for each in read_preadvice(stage.folder / "preadvice.yaml")
        if each.keys.document
    }
    assert told == {truck.dae for truck in CAST if truck.announced}


def test_passwords_and_keys_are_its_owners_alone(stage: Stage) -> None:
    for name in ("gate.pass", "registry.pass", "keys/gate.pem", "keys/registry.pem"):
        assert stat.S_IMODE((stage.folder / name).stat().st_mode) & 0o077 == 0


def test_nothing_is_left_running(stage: Stage) -> None:
    for pid in stage.pids:  # type: ignore[attr-defined]
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not (stage.folder / "dev" / "scale").exists()


def test_no_password_is_in_a_log_or_a_settings_file(stage: Stage) -> None:
    secrets = [(stage.folder / name).read_text() for name in ("gate.pass", "registry.pass")]
    for path in stage.folder.glob("*.*"):
        if path.suffix in (".log", ".yaml"):
            assert not any(secret in path.read_text(encoding="utf-8") for secret in secrets)


def test_every_picture_of_a_truck_is_another_one() -> None:
    assert picture(CAST[0], 1) == picture(CAST[0], 1)
    assert len({picture(CAST[0], 1), picture(CAST[0], 2), picture(CAST[2], 1)}) == 3


def test_a_program_that_does_not_run_has_no_id(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        _ = Program(tmp_path / "registry.log", "registry", "run", tmp_path / "registry.yaml").pid


def test_a_program_is_ended_also_where_it_has_ended_itself(tmp_path: Path) -> None:
    with Program(tmp_path / "registry.log", "registry", "check", find("registry.example.yaml")) as program:
        deadline = time.monotonic() + 60
        while Path(f"/proc/{program.pid}/stat").read_text().split(")")[1].split()[0] != "Z":
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert (tmp_path / "registry.log").read_text()
