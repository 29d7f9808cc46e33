"""``iie-gateway person``: who may use the page, from before the first start on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli import main
from gateway.site.sketch import Answers, sketch
from record.proof import SigningKey


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """As `iie-gateway init` leaves it: the gate has never been started."""
    key = str(SigningKey.generate().public)
    known = (
        "guayaquil",
        "028",
        "01904056",
        "17",
        "garita-1",
        "carril-1",
        "mettler-ind231",
        "/dev/ttyS9",
        "localhost",
    )
    file = tmp_path / "site.yaml"
    file.write_text(sketch(Answers(*known, registry_key=key, data=str(tmp_path / "data")), is_model=True))
    (tmp_path / "pin").write_text("482913\n")
    return file


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["person", *map(str, arguments)])
    return int(ended.value.code or 0)


def test_people_are_added_before_the_first_start(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = ("--secret-file", site.parent / "pin")
    assert run("add", site, "Luis Vera", "--role", "technician", *secret) == 0
    assert run("add", site, "Ana Mero", *secret) == 0
    assert run("disable", site, "Ana Mero") == 0
    assert run("list", site) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Ana Mero  garita  PIN  —",
        "Luis Vera  técnico  PIN",
    ]


def test_a_link_is_for_somebody_who_is_known(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("add", site, "Ana Mero", "--link") == 0
    assert "http://127.0.0.1:8090/enter?token=" in capsys.readouterr().out
    assert run("link", site, "Nadie") == 1
    assert "Nadie" in capsys.readouterr().err


def test_a_secret_that_everybody_guesses_is_refused(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site.parent / "pin").write_text("1234")
    assert run("add", site, "Ana Mero", "--secret-file", site.parent / "pin") == 1
    assert run("add", site, "Ana Mero", "--secret-file", site.parent / "none") == 1
    assert "none" in capsys.readouterr().err


def test_a_folder_that_cannot_be_used_is_named(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site.parent / "data").write_text("a file, no folder")
    assert run("list", site) == 1
    assert str(site.parent / "data") in capsys.readouterr().err
