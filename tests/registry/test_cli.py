"""The commands: what they print, and how they end."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from record.proof import PublicKey, SigningKey
from registry.cli import COMMANDS, main

KINDS = ("sqlite",)
"""``--db`` and a relative path name an SQLite file."""


@pytest.fixture
def run():
    def command(*arguments):
        return CliRunner().invoke(main, [str(argument) for argument in arguments], terminal_width=200)

    return command


@pytest.fixture
def file(kit, chain, tmp_path):
    """A right REGISTRY.yaml, its database beside it."""
    file = tmp_path / "registry.yaml"
    file.write_text(kit.registry_file(chain).model_dump_json(exclude_none=True))
    return file


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_says_what_it_is_for_as_the_list_of_them_does(run, name):
    """The list knows them without importing any."""
    first, *more = COMMANDS[name][1].split("\n\n")
    assert first in " ".join(run("--help").stdout.replace("│", "").split())
    told = " ".join(run(name, "--help").stdout.replace("│", "").split())
    assert all(" ".join(each.split()) in told for each in (first, *more))
    assert "completion" not in told


def test_help_loads_no_library_that_it_does_not_need():
    light = {"registry.cli", *(module for module, _ in COMMANDS.values())}
    heavy = "{'sqlalchemy', 'pydantic', 'yaml', 'alembic', 'cryptography'} & set(sys.modules)"
    code = f"import sys, {', '.join(sorted(light))}; print({heavy} or 'none')"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "none"


def test_a_command_that_is_none_is_told_with_the_nearest(run):
    result = run("shwo")
    assert result.exit_code == 2 and "'show'" in result.stderr


def test_a_right_file_is_said_to_be_right(run, file):
    result = run("check", file)
    assert result.exit_code == 0
    assert "1 depósitos, 1 garitas, 1 claves" in result.stdout


def test_a_wrong_file_ends_with_78_and_its_places(run, tmp_path):
    file = tmp_path / "registry.yaml"
    file.write_text("languaje: es\ndepots: {}\n")
    for command in ("check", "run", "key", "list"):
        result = run(command, file)
        assert result.exit_code == 78
        assert "registry.yaml:1:1: languaje" in result.stderr


def test_a_file_that_is_not_there_ends_with_1(run, tmp_path):
    assert run("check", tmp_path / "nothing.yaml").exit_code == 1


def test_the_key_is_made_once_and_printed(run, file, tmp_path):
    first, second = run("key", file), run("key", file)
    assert first.exit_code == 0
    assert first.stdout == second.stdout
    assert PublicKey.parse(first.stdout.strip()) == SigningKey.read(tmp_path / "registry-key.pem").public
    assert (tmp_path / "registry-key.pem").stat().st_mode & 0o777 == 0o600


def test_a_broken_key_file_is_named_with_advice(run, file, tmp_path):
    (tmp_path / "registry-key.pem").write_text("no key")
    result = run("key", file)
    assert result.exit_code == 1
    assert "registry-key.pem" in result.stderr


def test_the_list_is_json_for_machines(run, file, kit, chain, receiver, tmp_path):
    assert json.loads(run("list", "--json", file).stdout) == []
    receiver().receive([chain.draft(), chain.draft()])
    by_config = json.loads(run("list", "--json", file).stdout)
    by_file = json.loads(run("list", "--json", "--db", tmp_path / "registry.db").stdout)
    assert by_config == by_file
    assert [row["delivery_number"][-9:] for row in by_config] == ["00000001S", "00000002S"]


def test_the_list_is_a_spanish_table_for_people(run, file, chain, receiver, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    receiver().receive([chain.draft(), chain.draft(description="\x1b[31m[red]", weight_kg=None)])
    shown = run("list", file).stdout
    for expected in (
        "Número de entrega",
        "01234567202600000001S",
        "DAE 02820264000123456",
        "CSQU3054383",
        "21350 kg",
        "2026-11-24 12:00",
        "completo",
        "depot/g1/l1",
    ):
        assert expected in shown
    assert "\x1b[31m" not in shown


def test_the_list_is_whole_on_a_terminal_of_80_characters(run, file, kit, chain, receiver, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    data = kit.draft_data(kit.uuid7(), weight_kg="121350") | {"status": "incomplete"}
    record = chain.record(kit.EventType.DRAFT, data, subject=data["draft"])
    receiver().receive([chain.arrival("l1/ingress", record)])
    shown = run("list", file).stdout
    assert "CSQU3054383 121350 kg incompleto" in shown and "…" not in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_without_any_name_the_list_says_what_to_name(run, monkeypatch, tmp_path):
    monkeypatch.setattr("registry.cli_drafts.DEFAULT", tmp_path / "registry.yaml")
    result = run("list")
    assert result.exit_code == 1
    assert str(tmp_path / "registry.yaml") in result.stderr


def test_a_command_that_looks_makes_no_database(run, file, tmp_path):
    for command in ("list", "verify"):
        result = run(command, file)
        assert result.exit_code == 1
        assert "registry.db: no such database file" in result.stderr
    assert not (tmp_path / "registry.db").exists()


def test_the_default_file_is_read_when_it_is_there(run, file, engine, monkeypatch):
    monkeypatch.setattr("registry.cli_drafts.DEFAULT", file)
    assert json.loads(run("list", "--json").stdout) == []


def test_verify_needs_no_settings_and_says_so_in_spanish(run, file, chain, receiver, tmp_path, registry_key):
    receiver().receive([chain.draft()])
    result = run("verify", "--db", tmp_path / "registry.db")
    assert result.exit_code == 0
    assert f"{chain.source}: comprobada hasta 1 de 1" in result.stdout


def test_verify_with_settings_believes_their_key_only(run, file, chain, receiver, tmp_path):
    receiver().receive([chain.draft()])
    SigningKey.read_or_create(tmp_path / "registry-key.pem")
    result = run("verify", file)
    assert result.exit_code == 1
    assert "su acuse no vale" in result.stdout


def test_verify_with_a_key_file_that_is_none_says_so(run, file, chain, receiver, tmp_path):
    receiver().receive([chain.draft()])
    (tmp_path / "registry-key.pem").write_text("no key")
    result = run("verify", file)
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "registry-key.pem" in result.stderr


def test_a_registry_that_cannot_open_its_database_says_what_to_do(run, file, tmp_path):
    (tmp_path / "registry.db").write_text("no database" * 100)
    result = run("run", file)
    assert result.exit_code == 1
    assert "registry.db" in result.stderr
    assert "restaure" in result.stderr


FOREIGN = ("cv2", "onnxruntime", "serial", "numpy", "rapidocr", "gateway", "drivers", "ocr")


def test_the_registry_loads_nothing_of_the_gates():
    rooms = ("service", "verify", "listing", "migrations.versions.v0001_intake")
    commands = {module for module, _ in COMMANDS.values()}
    loading = "".join(f"import {each}\n" for each in (*commands, *(f"registry.{room}" for room in rooms)))
    code = f"{loading}import sys\nprint([name for name in {FOREIGN} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
