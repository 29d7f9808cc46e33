"""The catalogue as a technician asks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from gateway.commands import catalogue as module
from gateway.commands.catalogue import BROKEN, WRONG_USE, Model, models
from gateway.site.site import ScalePart, ScannerPart


def run(*arguments: str) -> Result:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(module.catalogue)
    return CliRunner().invoke(app, [*arguments])


def test_everything_is_listed_a_model_a_line() -> None:
    lines = run().stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(models())
    assert len(lines) >= 60 + 15


def test_words_choose_by_name_maker_model_and_protocol() -> None:
    assert {line.split()[0] for line in run("rinstrum").stdout.splitlines()} >= {
        "rinstrum-r320",
        "rinstrum-r420",
    }
    assert {line.split()[0] for line in run("CARDINAL", "sma").stdout.splitlines()} >= {"cardinal-190"}
    assert "mettler-ind231" not in run("cas22").stdout


@pytest.mark.parametrize(("lang", "menu"), [("es", "En su menú: F31 = 1"), ("en", "In its menu: F31 = 1")])
def test_one_model_says_its_line_its_menu_and_from_where_it_is_known(lang: str, menu: str) -> None:
    shown = run("cas-ci-400", "--lang", lang).stdout
    assert menu in shown
    assert "9600 8N1" in shown
    assert "page 103" in shown


@pytest.fixture(scope="module")
def known() -> Mapping[str, Model]:
    """The catalogue, read once."""
    return models()


@pytest.mark.parametrize("name", sorted(models()))
def test_what_is_to_be_pasted_is_what_a_site_takes(
    name: str, known: Mapping[str, Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "models", lambda _: known)
    shown = run(name, "--lang", "en").stdout
    pasted = yaml.safe_load(shown[shown.rindex("\nsc") :])
    if "scale" in pasted:
        assert ScalePart(**pasted["scale"]).model == name
    else:
        assert ScannerPart(**pasted["scanners"][0]).model == name


def test_as_objects() -> None:
    (found,) = json.loads(run("mettler-ind231", "--json").stdout)
    assert (found["speaks"], found["line"], found["basis"]) == ("mt_continuous", "9600 7E1", "family")
    assert found["notes"]["es"] and found["notes"]["en"]


def test_a_name_that_nothing_has_is_answered_with_the_nearest() -> None:
    result = run("mettler", "ind23")
    assert result.exit_code == 0 and "mettler-ind231" in result.stdout
    result = run("metler-ind231")
    assert result.exit_code == WRONG_USE
    assert "did you mean mettler-ind231" in result.stderr


def test_a_file_of_the_operator_that_is_wrong_is_named(tmp_path: Path) -> None:
    (tmp_path / "scales").mkdir()
    (tmp_path / "scales" / "ours.yaml").write_text(
        "brand: Ours\nmodel: One\nprotocol: nothing\nbasis: code\n"
    )
    result = run("--config-dir", str(tmp_path))
    assert result.exit_code == BROKEN
    assert "ours.yaml:3: protocol" in result.stderr
