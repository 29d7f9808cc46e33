"""The data folder is closed to everybody else on the machine, whoever makes what in it and under which umask."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from gateway.daemon import Daemon
from gateway.evidence import EvidenceStore
from gateway.folder import FolderInUse, owned
from gateway.site.checks import read_site
from record.proof import SigningKey

BOOK = Path(__file__).parent / "stories"


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    content = yaml.safe_load((BOOK / "site.yaml").read_text(encoding="utf-8"))
    content |= {
        "data": "data",
        "keys": {"signing": "keys/gate.pem", "registry": str(SigningKey.generate().public)},
        "preadvice": {},
    }
    path = tmp_path / "site.yaml"
    path.write_text(yaml.safe_dump(content, default_flow_style=False), encoding="utf-8")
    return path


@pytest.fixture
def generous() -> Iterator[None]:
    """A process that lets everybody read what it makes, unless it says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.stat().st_mode & 0o077]


def run(*words: object) -> None:
    command = [sys.executable, "-m", "gateway", *map(str, words)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


@pytest.mark.usefixtures("generous")
def test_what_a_gate_makes_is_its_owners_alone(
    site_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IIE_CACHE", str(tmp_path / "no-models"))
    with Daemon(read_site(site_file), tmp_path):
        EvidenceStore(tmp_path / "data" / "evidence").keep(b"picture")
        made = {path.name for path in (tmp_path / "data").iterdir()}
        assert {"gateway.db", "evidence", "gate.lock"} <= made
        assert open_to_others(tmp_path / "data") == []
        assert open_to_others(tmp_path / "keys") == []


@pytest.mark.usefixtures("generous")
def test_what_commands_make_before_the_first_start_and_beside_it_is_closed_too(
    site_file: Path, tmp_path: Path
) -> None:
    run("preadvice", "import", BOOK / "preadvice.yaml", "--site", site_file)
    assert open_to_others(tmp_path / "data") == []
    run("key", "rotate", site_file)
    (tmp_path / "copies").mkdir()
    run("backup", site_file, tmp_path / "copies" / "gateway.db")
    run("restore", site_file, tmp_path / "copies" / "gateway.db")
    assert [*open_to_others(tmp_path / "data"), *open_to_others(tmp_path / "keys")] == []
    assert (tmp_path / "copies" / "gateway.db").stat().st_mode & 0o077 == 0


def test_what_an_older_version_left_open_is_closed_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence").chmod(0o755)
    for name in ("gateway.db", "site.yaml"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    with owned(tmp_path):
        assert (tmp_path / "evidence").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "gateway.db").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "site.yaml").stat().st_mode & 0o777 == 0o644, "not ours to close"


def test_a_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    with owned(tmp_path), pytest.raises(FolderInUse), owned(tmp_path):
        pass
    with owned(tmp_path):
        assert tmp_path.is_dir()
