"""`iie-gateway schema`, and the files that people's editors and other systems read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from jsonschema import Draft202012Validator

from gateway.commands.schema import schema
from record.contract import MESSAGES

HOUSE = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", MESSAGES)
def test_it_prints_the_schema_that_is_committed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    schema(name)
    assert capsys.readouterr().out == (HOUSE / f"docs/schemas/{name}.schema.json").read_text(encoding="utf-8")


def test_without_a_name_it_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    schema(None)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(MESSAGES)


def test_a_wrong_name_is_told_with_what_is_meant(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        schema("reciept")
    assert ended.value.exit_code == 2
    assert "'receipt'" in capsys.readouterr().err


def test_nothing_generated_is_out_of_date() -> None:
    checked = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=HOUSE, capture_output=True, text=True, timeout=60
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", ["site", "registry", "preadvice"])
def test_an_example_file_fits_the_schema_that_it_names(name: str) -> None:
    written = (HOUSE / f"config/{name}.example.yaml").read_text(encoding="utf-8")
    assert written.startswith(f"# yaml-language-server: $schema={name}.schema.json\n")
    of = Draft202012Validator(json.loads((HOUSE / f"config/{name}.schema.json").read_text(encoding="utf-8")))
    value = json.loads(json.dumps(yaml.safe_load(written), default=str))
    assert [error.json_path for error in of.iter_errors(value)] == []
    assert list(of.iter_errors({"unknown": 1}))
