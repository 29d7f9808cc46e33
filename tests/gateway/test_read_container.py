import json
from pathlib import Path

import pytest

from gateway.cli import main
from ocr import models
from ocr.render import Layout, render_door

NUMBER = "MSKU4135329"
KEYS = {"file", "number", "numbers", "type_code", "cost", "margin", "candidates", "status", "cpu_ms"}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("networks")
    models.prepare(folder)
    return folder


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A door, a web page named as a picture, a file that is not there."""
    door = tmp_path / "door.jpg"
    door.write_bytes(render_door(NUMBER, "45G1", seed=4, layout=Layout.TWO_LINES, width=800, height=600))
    page = tmp_path / "page.jpg"
    page.write_bytes(b"<html>401</html>")
    return [page, door, tmp_path / "absent.jpg"]


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def test_every_file_is_one_json_object_in_order(
    cache: Path, files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("read-container", "--json", "--cache", cache, *files) == 0
    out, err = capsys.readouterr()
    objects = [json.loads(line) for line in out.splitlines()]
    assert [each["file"] for each in objects] == [str(file) for file in files]
    assert [each["status"] for each in objects] == ["unreadable", "accepted", "unreadable"]
    assert all(set(each) >= KEYS for each in objects)
    assert [each["number"] for each in objects] == [None, NUMBER, None]
    assert objects[1]["numbers"] == [NUMBER]
    assert objects[1]["type_code"] == "45G1"
    assert objects[1]["candidates"][0] == {"number": NUMBER, "cost": objects[1]["cost"]}
    assert objects[0]["candidates"] == objects[2]["candidates"] == []
    assert "absent.jpg" in err


def test_people_read_it_in_their_language(
    cache: Path, files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run("read-container", "--cache", cache, *files[:2])
    spanish = capsys.readouterr().out
    assert NUMBER in spanish and "leído" in spanish
    assert "no es una imagen legible: ni JPEG ni PNG" in spanish
    run("read-container", "--lang", "en", "--cache", cache, files[0])
    assert "not a readable picture" in capsys.readouterr().out


def test_annotated_pictures_are_written(cache: Path, files: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "seen"
    run("read-container", "--annotate", folder, "--cache", cache, *files)
    assert [path.name for path in folder.iterdir()] == ["door.jpg"]
    drawn = (folder / "door.jpg").read_bytes()
    assert drawn.startswith(b"\xff\xd8") and drawn != files[1].read_bytes()


def test_without_networks_the_remedy_is_named(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("read-container", "--cache", tmp_path / "empty", *files) == 78
    assert "iie-gateway models prepare" in capsys.readouterr().err


def test_networks_are_prepared_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "cache"
    assert run("models", "check", "--cache", folder) == 78
    assert run("models", "prepare", "--cache", folder) == 0
    capsys.readouterr()
    assert run("models", "check", "--cache", folder) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert models.find(folder)


def test_an_unknown_engine_is_refused(files: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("read-container", "--engine", "crystal-ball", *files) == 2
    assert "crystal-ball" in capsys.readouterr().err
