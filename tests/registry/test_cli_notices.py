"""``iie-registry preadvice`` and ``release``: imported, listed, withdrawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from registry.cli import main

TABLE = "documento;bultos\n02820264000123456;5\nMAL;1\n"


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def config(kit: Any, chain: Any, tmp_path: Path) -> Path:
    file = tmp_path / "registry.yaml"
    file.write_text(kit.registry_file(chain).model_dump_json(exclude_none=True))
    return file


def test_import_list_and_withdraw(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(TABLE)
    first = run("preadvice", "import", file, config, "--json")
    assert first.exit_code == 1
    told = json.loads(first.stdout.splitlines()[0])
    assert (told["read"], told["new"], len(told["problems"])) == (1, 1, 1)
    (line,) = run("preadvice", "list", config, "--json").stdout.splitlines()
    known = json.loads(line)
    assert (known["state"], known["cargo"]["packages"]) == ("waiting", 5)
    assert run("preadvice", "withdraw", known["id"], config, "--reason", "x").exit_code == 0
    assert run("preadvice", "withdraw", known["id"], config, "--reason", "x").exit_code == 1
    assert "Retirado" in run("preadvice", "list", config).stdout
    assert "nowhere" in run("preadvice", "list", config, "--depot", "nowhere").output


def test_a_release_is_imported_by_its_own_command(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("documento;motivo\n02820264000123456;embarque\n")
    assert run("preadvice", "import", file, config).exit_code == 1
    assert run("release", "import", file, config).exit_code == 0
    assert run("release", "import", tmp_path / "none.csv", config).exit_code == 1


def test_of_several_depots_one_is_named(kit: Any, tmp_path: Path) -> None:
    from record.topics import Gate

    chains = [kit.Chain(Gate(name, "g1")) for name in ("north", "south")]
    config = tmp_path / "registry.yaml"
    config.write_text(kit.registry_file(*chains).model_dump_json(exclude_none=True))
    file = tmp_path / "a.csv"
    file.write_text(TABLE.replace("MAL;1\n", ""))
    told = run("preadvice", "import", file, config)
    assert told.exit_code == 1 and "north, south" in told.output
    assert run("preadvice", "import", file, config, "--depot", "south").exit_code == 0
    assert run("preadvice", "list", config, "--depot", "north").stdout == ""
