"""The systemd units: understood by systemd, closed to an exposure of at most 2.0, fed by the loops that work."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
SYSTEMD = HOUSE / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
RIGHT_SITE = HOUSE / "tests" / "gateway" / "broken_sites" / "right.yaml"


def told(*command: str, **options: object) -> str:
    if shutil.which(command[0]) is None:
        if os.environ.get("CI"):
            pytest.fail(f"{command[0]} is not installed; ./dev setup installs it")
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload]
    return str(done.stdout + done.stderr)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_exposes_at_most_two(unit: Path) -> None:
    report = told("systemd-analyze", "security", "--offline=true", "--no-pager", str(unit))
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", report)
    assert found, report
    assert float(found[1]) <= 2.0, report


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_understands_every_line(unit: Path, tmp_path: Path) -> None:
    """What a unit starts is put where it will be: the rest of the report must be empty."""
    text = unit.read_text()
    program = re.search(r"^ExecStart=(\S+)", text, re.MULTILINE)
    assert program
    (tmp_path / unit.name).write_text(text.replace(program[1], "/bin/true"))
    report = told("systemd-analyze", "verify", "--man=no", str(tmp_path / unit.name))
    complaints = [line for line in report.splitlines() if str(unit.name) in line]
    assert complaints == []


def test_a_gate_may_use_its_devices_and_no_other() -> None:
    lines = (SYSTEMD / "iie-gateway.service").read_text().splitlines()
    allowed = {line.split("=")[1].split()[0] for line in lines if line.startswith("DeviceAllow=")}
    assert {
        "char-ttyUSB",
        "char-ttyACM",
        "char-ttyS",
        "char-video4linux",
        "char-input",
        "char-gpiochip",
    } <= allowed
    assert "DevicePolicy=closed" in lines
    assert not any(line.startswith("PrivateDevices=") for line in lines)
    assert any("AF_NETLINK" in line for line in lines if line.startswith("RestrictAddressFamilies="))


def test_a_reload_tells_the_gate_first_and_then_fails_for_a_wrong_file() -> None:
    """The gate says on its page what is wrong only where it was told; the person at the shell sees it by the check."""
    lines = (SYSTEMD / "iie-gateway.service").read_text().splitlines()
    first, second = (line.partition("=")[2] for line in lines if line.startswith("ExecReload="))
    started = next(line.partition("=")[2] for line in lines if line.startswith("ExecStart="))
    assert first == "kill -HUP $MAINPID"
    assert second == started.replace(" run ", " check ")


def test_users_and_folders_are_made(tmp_path: Path) -> None:
    """systemd-sysusers and systemd-tmpfiles at work in an empty root."""
    if os.geteuid() != 0:
        pytest.skip("only root gives files to users")
    for folder in ("etc", "var/lib", "var/cache"):
        (tmp_path / folder).mkdir(parents=True)
    for service in ("iie-gateway", "iie-registry"):
        for program, *create in (("systemd-sysusers",), ("systemd-tmpfiles", "--create")):
            with (SYSTEMD / f"{service}.{program.removeprefix('systemd-')}.conf").open() as lines:
                told(program, f"--root={tmp_path}", *create, "-", stdin=lines)
    users = (tmp_path / "etc" / "passwd").read_text()
    groups = (tmp_path / "etc" / "group").read_text()
    assert "iie-gateway:" in users
    assert "iie-registry:" in users
    for group in ("dialout", "video", "input"):
        assert re.search(rf"^{group}:.*iie-gateway", groups, re.MULTILINE), groups
    for name in ("iie-gateway", "iie-registry"):
        assert (tmp_path / "var" / "lib" / name).stat().st_mode & 0o777 == 0o700


def test_the_watchdog_is_fed_by_a_gate_at_work_and_its_end_is_said(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    lines = RIGHT_SITE.read_text().splitlines()
    site.write_text(
        "\n".join(line for line in lines if not line.startswith("#")).replace("/var/lib/iie", "data")
    )
    text = site.read_text().replace("/etc/iie/", "")
    site.write_text(text)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        gate = subprocess.Popen(
            [sys.executable, "-m", "gateway", "run", str(site)],
            env=os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify"), "IIE_CACHE": str(tmp_path / "none")},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert systemd.recv(100) == b"READY=1"
            assert systemd.recv(100) == b"WATCHDOG=1"
            gate.send_signal(signal.SIGTERM)
            while (said := systemd.recv(100)) == b"WATCHDOG=1":
                pass
            assert said == b"STOPPING=1"
            assert gate.wait(30) == 0
        finally:
            gate.kill()
            gate.communicate()
