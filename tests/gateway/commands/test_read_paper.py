import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from gateway.cli import main

needs_tesseract = pytest.mark.skipif(
    not shutil.which("tesseract"), reason="NO TESSERACT: reading of papers is NOT tested"
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    import cv2

    sheet = np.full((320, 1000, 3), 248, np.uint8)
    for k, line in enumerate(("Nro. DAE: 028-2026-40-00123456", "GUIA DE REMISION 001-002-000123456")):
        cv2.putText(sheet, line, (50, 110 + 100 * k), cv2.FONT_HERSHEY_DUPLEX, 1.1, (20, 20, 20), 2)
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), sheet)
    return path


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


@needs_tesseract
def test_pages_are_read_in_order(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("read-paper", "--json", tmp_path / "absent.jpg", page) == 0
    out, err = capsys.readouterr()
    absent, read = [json.loads(line) for line in out.splitlines()]
    assert absent["found"] == absent["guides"] == [] and "absent.jpg" in err
    assert [each["normal"] for each in read["found"] if each["kind"] == "dae"] == ["02820264000123456"]
    assert read["guides"] == ["001-002-000123456"]
    assert read["doubtful"] == []


@needs_tesseract
def test_people_read_it_in_their_language(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page.with_name("none.png").write_bytes(b"<html>")
    run("read-paper", page, page.with_name("none.png"))
    out = capsys.readouterr().out
    assert "02820264000123456" in out and "guía 001-002-000123456" in out
    assert "none.png: no es una imagen legible" in out


def test_a_missing_program_is_said(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert run("read-paper", page) == 78
    assert "tesseract" in capsys.readouterr().err.lower()


@needs_tesseract
def test_missing_networks_are_said(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IIE_CACHE", str(tmp_path / "none"))
    assert run("read-paper", page) == 78
    assert "iie-gateway models prepare" in capsys.readouterr().err
