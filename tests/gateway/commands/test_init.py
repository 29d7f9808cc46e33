"""``iie-gateway init``: a first site file that the check finds right, whatever was answered."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml import safe_load

from gateway.cli import main
from gateway.site.checks import read_site
from gateway.site.sketch import Answers, sketch
from record.proof import SigningKey

KEY = str(SigningKey.generate().public)
OPTIONS = {
    "--depot": "guayaquil",
    "--district": "028",
    "--oce": "01904056",
    "--operator-type": "17",
    "--gate": "garita-1",
    "--lane": "carril-1",
    "--scale": "mettler-ind231",
    "--port": "/dev/serial/by-id/usb-scale",
    "--broker": "broker.example.ec",
    "--registry-key": KEY,
}


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["init", *arguments])
    return int(ended.value.code or 0)


def flat(options: dict[str, str]) -> list[str]:
    return [part for option in options.items() for part in option]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"--scale": "mt_continuous", "--broker": "localhost"},
        {"--camera": "rtsp://192.0.2.10:554/1", "--scanner": "/dev/input/by-id/usb-scanner-event-kbd"},
        {"--camera": "http://192.0.2.10/mjpg/video.cgi", "--scanner": "socket://192.0.2.11:4001"},
        {"--camera": "http://192.0.2.10/snap.jpg", "--registry-url": "https://registro.example.ec"},
        {"--camera": "fotos", "--lang": "en"},
    ],
)
def test_what_it_writes_is_right(tmp_path: Path, more: dict[str, str]) -> None:
    site = tmp_path / "new" / "site.yaml"
    assert run(str(site), *flat(OPTIONS | more)) == 0
    found = read_site(site)
    assert (found.depot.oce, found.lanes[0].name) == ("01904056", "carril-1")
    assert found.page is not None
    assert site.stat().st_mode & 0o007 == 0


@pytest.mark.parametrize(
    ("language", "said"), [("es", "con línea y columna"), ("en", "with line and column")]
)
def test_its_comments_are_in_the_technicians_language(tmp_path: Path, language: str, said: str) -> None:
    site = tmp_path / "site.yaml"
    assert run(str(site), *flat(OPTIONS | {"--lang": language})) == 0
    modeline, comment = site.read_text().splitlines()[:2]
    assert said in comment
    assert Path(modeline.partition("$schema=")[2]).is_file()


def test_a_file_that_is_there_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("mine")
    assert run(str(site), *flat(OPTIONS)) == 1
    assert site.read_text() == "mine"
    assert str(site) in capsys.readouterr().err


def test_without_a_terminal_every_missing_option_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        assert run(str(tmp_path / "site.yaml"), "--depot", "guayaquil") == 1
    said = capsys.readouterr().err
    assert "--operator-type" in said
    assert "--depot" not in said


def test_a_wrong_answer_is_named_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "site.yaml"
    assert run(str(site), *flat(OPTIONS | {"--scale": "mettler-ind23"})) == 78
    assert "mettler-ind2" in capsys.readouterr().err


def test_a_person_at_a_terminal_is_asked(tmp_path: Path) -> None:
    """A real terminal: two answers are given, the rest by options."""
    left = {name: value for name, value in OPTIONS.items() if name not in ("--oce", "--gate")}
    own, theirs = pty.openpty()
    asked = subprocess.Popen(
        [sys.executable, "-m", "gateway", "init", str(tmp_path / "site.yaml"), *flat(left)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.write(own, b"01904056\n\n")
    said, _ = asked.communicate(timeout=60)
    os.close(own)
    os.close(theirs)
    assert asked.returncode == 0, said
    assert "OCE" in said
    assert read_site(tmp_path / "site.yaml").gate == "garita-1"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(port=TEXT, camera=TEXT, url=st.none() | TEXT)
def test_any_text_comes_back_from_the_file_as_it_was(port: str, camera: str, url: str | None) -> None:
    known = ("d", "028", "01904056", "17", "g", "l", "mt_continuous", port, "localhost", KEY)
    found = safe_load(sketch(Answers(*known, cameras=(camera,), registry_url=url), is_model=False))
    lane = found["lanes"][0]
    assert lane["scale"]["port"] == port
    assert camera in (lane["cameras"][0].get("url"), lane["cameras"][0].get("folder"))
    assert (found.get("registry") or {}).get("url") == url
