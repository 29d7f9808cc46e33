"""The published contract, read by the tools that integrators use: AsyncAPI's parser and check-jsonschema."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs"
DOCUMENT = DOCS / "asyncapi.yaml"
EXAMPLES = sorted((DOCS / "examples").glob("*.json"))
SCHEMAS = sorted((DOCS / "schemas").glob("*.schema.json"))
MISTAKES = [("asyncapi: 3.0.0", "asyncapi: 9.0.0"), ("action: send", "action: shout")]

ALL = """
import sys
from check_jsonschema.cli import main
pairs = zip(sys.argv[1::2], sys.argv[2::2])
sys.exit(any([main(["--schemafile", *pair], standalone_mode=False) for pair in pairs]))
"""
"""check-jsonschema on many files in one program: it takes a second to start."""


def missing(what: str) -> None:
    """Skip, where a person may not have it; in CI everything has to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: CI has to have it")
    pytest.skip(f"NOT CHECKED: {what}")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, command)], cwd=HERE, capture_output=True, text=True, check=False)


def test_the_official_parser_finds_what_is_wrong_and_nothing_in_what_is_published(tmp_path):
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules" / "@asyncapi" / "parser").is_dir():
        missing("AsyncAPI's parser is not there; where node and npm are, ./dev test installs it")
    text = DOCUMENT.read_text(encoding="utf-8")
    broken = []
    for number, (right, wrong) in enumerate(MISTAKES):
        assert right in text
        broken.append(tmp_path / f"broken-{number}.yaml")
        broken[-1].write_text(text.replace(right, wrong, 1), encoding="utf-8")
    found = run(str(node), "validate.mjs", DOCUMENT, *broken)
    told = found.stderr.splitlines()
    assert [line for line in told if line.startswith(str(DOCUMENT))] == []
    for path in broken:
        assert any(line.startswith(str(path)) for line in told), found.stderr
    assert found.returncode == 1


@pytest.fixture(scope="module")
def checked() -> Callable[..., subprocess.CompletedProcess[str]]:
    checker = Path(sys.executable).with_name("check-jsonschema")
    if not checker.is_file():
        missing("check-jsonschema is not in the environment")
    return lambda *arguments: run(checker, *arguments)


@pytest.mark.timeout(300)
def test_every_schema_is_one_and_every_example_fits_its_own(checked):
    assert len(EXAMPLES) > 10
    found = checked("--check-metaschema", *SCHEMAS)
    assert found.returncode == 0, found.stdout
    schemas = [DOCS / "schemas" / f"{example.stem}.schema.json" for example in EXAMPLES]
    found = run(
        sys.executable, "-c", ALL, *(path for pair in zip(schemas, EXAMPLES, strict=True) for path in pair)
    )
    assert found.returncode == 0, found.stdout
    assert found.stdout.count("ok --") == len(EXAMPLES)


def test_an_example_that_does_not_fit_is_found(checked):
    found = checked(
        "--schemafile", DOCS / "schemas" / "receipt.schema.json", DOCS / "examples" / "draft.json"
    )
    assert found.returncode == 1
