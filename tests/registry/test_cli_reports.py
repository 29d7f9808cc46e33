"""One report on the terminal, and documents as files."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from registry.reports.state import What

KINDS = ("sqlite",)


@pytest.fixture
def depot(depot_of):
    return depot_of()


def test_a_report_is_shown_with_who_said_what(command, engine, depot, settings_file):
    draft = depot.send(item={"description": "BANANO\x1b[2J"})
    depot.do(draft, What.REVIEWED)
    number = depot.row(draft).delivery_number
    code, told = command("show", number, settings_file)
    assert code == 0, told
    assert told.startswith(f"{number}  IIE  Revisado  depot")
    assert "Número de contenedor         CSQU3054383" in told
    assert "Documento base               DAE 028-2026-40-00123456" in told
    assert "2026-11-24 12:00:00" in told, "as the clocks in Ecuador say it"
    assert "\x1b" not in told
    assert "Ana" not in told
    assert "Ana" in command("show", number, settings_file, "--personal")[1]
    whole = json.loads(command("show", number, settings_file, "--json")[1])
    assert whole["delivery_number"] == number
    assert [each["what"] for each in whole["history"]] == ["received", "reviewed"]


def test_a_number_that_nobody_has_ends_with_1(command, engine, settings_file):
    code, told = command("show", "01234567202600000099S", settings_file)
    assert code == 1
    assert "01234567202600000099S" in told


def test_documents_are_written_as_they_were_issued(command, engine, depot, settings_file, tmp_path):
    issued, waiting = depot.send(), depot.send()
    depot.do(issued, What.REVIEWED)
    depot.do(issued, What.EXPORTED)
    number = depot.row(issued).delivery_number
    code, told = command("export", tmp_path / "out", settings_file)
    assert (code, told) == (0, f"1 documentos en {tmp_path / 'out'}\n")
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == f"IIE-{number}.xml"
    assert etree.parse(path).findtext(".//{*}Declaration/{*}ID") == number
    assert depot.row(waiting).state == "draft"


def test_days_limit_what_is_written_and_a_wrong_one_is_told(command, engine, depot, settings_file, tmp_path):
    draft = depot.send()
    depot.do(draft, What.REVIEWED)
    depot.do(draft, What.EXPORTED)
    assert command("export", tmp_path / "none", settings_file, "--from", "2030-01-01")[1].startswith("0 ")
    assert not (tmp_path / "none").exists()
    code, told = command("export", tmp_path / "none", settings_file, "--to", "24/11/2026")
    assert code == 1
    assert "24/11/2026" in told
    assert command("export", tmp_path / "none", settings_file, "--depot", "nowhere")[0] == 1
    days = ("--from", "2026-11-25", "--to", "2026-11-24")
    assert command("export", tmp_path / "none", settings_file, *days)[0] == 1
