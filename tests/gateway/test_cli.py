"""The command line: what a person types, what is answered, and with which exit code a service ends."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from gateway import cli
from record.proof import SigningKey
from record.shipped import find

SITE = """
depot: {name: deposito, profile: temporal, district: "028", oce: "99999999", operator_type: "14"}
gate: garita-1
data: data
keys: {signing: keys/gate.pem, registry: "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
broker: {host: 127.0.0.1, port: 1883, user: deposito/garita-1, password_file: gate.pass}
lanes:
  - name: carril-1
    scale:
      protocol: mt_continuous
      port: dev/scale
"""

HEAVY = {"cv2", "onnxruntime", "zxingcpp", "pytesseract", "onnx"}


def iie(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run ``iie-gateway`` in this process, as its program does."""
    words, out, err = [str(each) for each in arguments], io.StringIO(), io.StringIO()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    code: Any = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            cli.main(words)
    except SystemExit as ended:
        code = ended.code
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def process(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``iie-gateway`` as a process of its own."""
    command = [sys.executable, "-m", "gateway", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    return path


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_of_the_list_can_be_called(name: str) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(arguments)
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in cli.COMMANDS)


def test_the_version_is_the_installed_one(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["--version"])
    assert capsys.readouterr().out.strip() == cli.installed_version()


def test_a_mistyped_command_is_wrong_use_and_the_meant_one_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["chek"])
    assert ended.value.code == 2
    assert "'chek'; did you mean 'check'?" in capsys.readouterr().err


class TestCheck:
    def test_a_right_site_ends_with_0_and_its_warnings_are_shown(self, site: Path) -> None:
        done = iie("check", site)
        assert done.returncode == 0, done.stdout
        assert "carril-1 no tiene cámara" in done.stdout
        assert "1 carril" in done.stdout

    def test_a_mistyped_key_ends_with_78_and_is_shown_at_its_place(self, site: Path) -> None:
        site.write_text(SITE.replace("port: dev/scale", "puerto: dev/scale"))
        done = iie("check", site, "--lang", "en")
        assert done.returncode == 78
        assert f"{site}:11:7: lanes[0].scale.puerto: " in done.stdout

    def test_a_file_that_cannot_be_read_ends_with_1(self, tmp_path: Path) -> None:
        done = iie("check", tmp_path / "absent.yaml")
        assert done.returncode == 1
        assert "absent.yaml" in done.stdout

    def test_for_machines_there_is_one_json_object(self, site: Path) -> None:
        site.write_text(SITE.replace("mt_continuous", "mt_continous"))
        done = iie("check", site, "--json")
        shown = json.loads(done.stdout)
        wrong = [problem for problem in shown["problems"] if problem["severity"] == "error"]
        assert (shown["valid"], [problem["code"] for problem in wrong]) == (
            False,
            ["site.unknown_protocol_meant"],
        )
        assert wrong[0]["line"] == 10
        assert {"es", "en", "path", "column"} <= wrong[0].keys()

    def test_the_shipped_example_is_right(self) -> None:
        assert iie("check", find("site.example.yaml")).returncode == 0


class TestKey:
    def test_the_key_is_made_once_beside_the_site_file(self, site: Path, tmp_path: Path) -> None:
        shown = [process("key", site, cwd=tmp_path.parent).stdout.strip() for _ in range(2)]
        made = SigningKey.read(tmp_path / "keys" / "gate.pem")
        assert shown == [str(made.public)] * 2

    def test_a_place_where_no_key_can_be_made_is_told_in_one_line_with_advice(
        self, site: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "keys").write_text("a file in the way")
        done = iie("key", site)
        assert done.returncode == 1
        assert str(tmp_path / "keys" / "gate.pem") in done.stderr
        assert len(done.stderr.strip().splitlines()) == 2
        assert "Traceback" not in done.stderr


class TestRun:
    def test_a_wrong_file_ends_with_78_so_that_systemd_does_not_try_again(self, site: Path) -> None:
        site.write_text(SITE.replace("gate: garita-1", "gaet: garita-1"))
        done = process("run", site)
        assert done.returncode == 78
        assert "site.yaml:3:1: gaet" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_registry_key_that_is_none_is_shown_at_its_place(self, site: Path) -> None:
        site.write_text(SITE.replace("11qYAY", "11qYA!"))
        done = iie("run", site)
        assert done.returncode == 78
        assert "site.yaml:5:" in done.stderr
        assert "keys.registry" in done.stderr

    def test_a_wrong_preadvice_file_ends_with_78_too(self, site: Path, tmp_path: Path) -> None:
        site.write_text(SITE + "preadvice: {file: avisos.yaml}\n")
        (tmp_path / "avisos.yaml").write_text(
            "preadvice:\n  - id: a\n    keys: {}\n    cargo: {paquetes: 5}\n"
        )
        (tmp_path / "gate.pass").write_text("x")
        done = iie("run", site)
        assert "avisos.yaml:" in done.stderr
        assert (done.returncode, "Traceback" in done.stderr) == (78, False)

    def test_a_data_folder_that_cannot_be_used_is_told_with_advice(self, site: Path, tmp_path: Path) -> None:
        (tmp_path / "data").write_text("a file where the folder should be")
        (tmp_path / "gate.pass").write_text("x")
        done = iie("run", site)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert str(tmp_path / "data") in done.stderr

    def test_a_certificate_that_cannot_be_used_is_told_with_its_file(
        self, site: Path, tmp_path: Path
    ) -> None:
        site.write_text(SITE.replace("port: 1883", "port: 8883, tls: {ca: ca.pem}"))
        (tmp_path / "gate.pass").write_text("x")
        done = iie("run", site)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert str(tmp_path / "ca.pem") in done.stderr


@pytest.mark.parametrize("module", ["gateway.commands.check", "gateway.commands.run", "gateway.daemon"])
def test_a_gate_starts_without_a_library_for_pictures(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not HEAVY & set(loaded.split())


def test_the_registry_starts_where_the_libraries_for_pictures_are_not_even_installed(tmp_path: Path) -> None:
    for name in sorted(HEAVY | {"numpy", "serial", "evdev", "pymodbus"}):
        (tmp_path / f"{name}.py").write_text("raise ImportError('not installed here')\n")
    own = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "registry", "check", str(find("registry.example.yaml"))]
    done = subprocess.run(command, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    code = "import registry.service, registry.verify, registry.listing"
    done = subprocess.run([sys.executable, "-c", code], env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
