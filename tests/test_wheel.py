"""The wheel as a stranger gets it: built, installed where no checkout is, used from another folder."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
PACKAGES = ("record", "drivers", "ocr", "gateway", "registry")


def run(*command: str | Path, cwd: Path) -> str:
    """Output of a program that has to succeed."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, by the build backend itself where it is installed, else by uv, which fetches it."""
    out = tmp_path_factory.mktemp("dist")
    if importlib.util.find_spec("hatchling"):
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=HOUSE)
    else:
        run(Path(sys.executable).with_name("uv"), "build", "--wheel", "--out-dir", out, cwd=HOUSE)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def place(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel alone; its libraries are borrowed from the environment of this test."""
    place = tmp_path_factory.mktemp("place")
    run(sys.executable, "-m", "venv", "--without-pip", place / "venv", cwd=place)
    python = place / "venv" / "bin" / "python"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        wheel,
        cwd=place,
    )
    (borrowed,) = (place / "venv" / "lib").glob("python*/site-packages")
    (borrowed / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return place


def test_the_wheel_holds_packages_data_and_licence_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {str(path.relative_to(HOUSE)) for path in (HOUSE / "config").rglob("*") if path.is_file()}
    assert {f"record/{name}" for name in data} <= names
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    assert {Path(name).name for name in names if "/licenses/" in name} == {"LICENSE", "NOTICE"}
    assert {name.split("/")[0].split("-")[0] for name in names} == {*PACKAGES, "iie_gateway"}


def test_its_programs_and_data_are_its_own(place: Path) -> None:
    program = "import record, record.shipped as s; print(record.__file__, s.find('mosquitto/acl'), sep='\\n')"
    for line in run(place / "venv" / "bin" / "python", "-c", program, cwd=place).splitlines():
        assert line.startswith(str(place / "venv")), line


@pytest.mark.parametrize(
    ("program", "example"), [("iie-gateway", "site.example.yaml"), ("iie-registry", "registry.example.yaml")]
)
def test_it_checks_its_own_example_from_another_folder(place: Path, program: str, example: str) -> None:
    where = f"from record.shipped import find; print(find({example!r}))"
    shipped = Path(run(place / "venv" / "bin" / "python", "-c", where, cwd=place).strip())
    assert shipped.is_relative_to(place / "venv")
    (place / example).write_bytes(shipped.read_bytes())
    assert example in run(place / "venv" / "bin" / program, "check", example, cwd=place)
