"""`iie-gateway asyncapi`: prints what is committed, and the official parser takes it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest
import yaml

from gateway.commands.asyncapi import asyncapi
from record.asyncapi import document

HOUSE = Path(__file__).resolve().parents[3]
PARSER = HOUSE / "tests" / "contract"
PUBLISHED = HOUSE / "docs" / "asyncapi.yaml"


def test_it_prints_the_document_that_is_committed(capsys: pytest.CaptureFixture[str]) -> None:
    asyncapi()
    printed = capsys.readouterr().out
    assert printed == PUBLISHED.read_text(encoding="utf-8")
    assert yaml.safe_load(printed) == document()


def references(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_every_reference_leads_somewhere() -> None:
    whole = yaml.safe_load(PUBLISHED.read_text(encoding="utf-8"))
    for reference in references(whole):
        place = whole
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
        assert place


@pytest.mark.long
def test_the_official_parser_takes_it_and_refuses_a_broken_one(tmp_path: Path) -> None:
    if which("node") is None or which("npm") is None:
        pytest.skip("node and npm are not installed: the official parser did not look")
    for name in ("package.json", "package-lock.json", "validate.mjs"):
        (tmp_path / name).write_bytes((PARSER / name).read_bytes())
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=tmp_path, check=True)
    broken = tmp_path / "broken.yaml"
    broken.write_text(PUBLISHED.read_text(encoding="utf-8").replace("action: send", "action: shout", 1))
    assert validate(tmp_path, PUBLISHED).returncode == 0
    assert validate(tmp_path, broken).returncode == 1


def validate(folder: Path, path: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["node", "validate.mjs", str(path)], cwd=folder, capture_output=True, timeout=60)
