import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from drivers.simulator.camera import CameraSimulator
from gateway.aiming import Advice
from gateway.commands import aim as module
from gateway.commands.aim import aim
from ocr.sighting import Candidate, Sighting, Status
from record.messages import known

NUMBER = "MSKU6011672"
BOX = ((100.0, 100.0), (500.0, 100.0), (500.0, 160.0), (100.0, 160.0))
SEEN = Sighting(
    NUMBER, (NUMBER,), None, Status.ACCEPTED, 0.1, 7.0, (Candidate(NUMBER, 0.1),), (BOX,), None, 1.0
)


class Reader:
    def read(self, data: bytes, expected: frozenset[str] = frozenset()) -> Sighting:
        return SEEN


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.reading.container_reader", Reader)


@pytest.fixture(scope="module")
def jpeg() -> bytes:
    picture = np.full((360, 640, 3), 90, np.uint8)
    cv2.putText(picture, NUMBER, (100, 150), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (255, 255, 255), 3)
    return cv2.imencode(".jpg", picture)[1].tobytes()


@pytest.fixture
def simulator(jpeg: bytes) -> Iterator[CameraSimulator]:
    with CameraSimulator(rate_hz=50) as simulator:
        simulator.show(jpeg)
        yield simulator


def run(*arguments: str) -> Result:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(aim)
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("path", ["stream", "still.jpg"])
def test_a_web_camera_is_looked_at_whatever_it_sends(simulator: CameraSimulator, path: str) -> None:
    result = run(f"{simulator.url}/{path}", "--pictures", "1", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (found["number"], found["width"], found["height"]) == (NUMBER, 640, 360)
    assert found["lines"][0]["letters"] == pytest.approx(40.8)
    assert found["advice"] == []


def test_it_speaks_spanish_first_and_english_on_demand(tmp_path: Path, jpeg: bytes) -> None:
    (tmp_path / "gate.jpg").write_bytes(jpeg)
    spanish = run(str(tmp_path / "gate.jpg"), "--pictures", "1").stdout
    english = run(str(tmp_path / "gate.jpg"), "--pictures", "1", "--lang", "en").stdout
    assert f"{NUMBER} (aceptado)" in spanish
    assert "letras de 41 píxeles" in spanish
    assert "letters of 41 pixels" in english


def test_pictures_are_saved_with_their_boxes(tmp_path: Path, jpeg: bytes) -> None:
    (tmp_path / "gate.jpg").write_bytes(jpeg)
    run(str(tmp_path / "gate.jpg"), "--pictures", "1", "--save", str(tmp_path / "out"))
    drawn = cv2.imread(str(tmp_path / "out" / "aim-1.jpg"))
    assert drawn is not None
    blue, green, red = (int(level) for level in drawn[100, 300])
    assert green > 150 > max(blue, red)


def test_a_camera_of_a_site_is_seen_as_the_site_says(tmp_path: Path, jpeg: bytes) -> None:
    writer = cv2.VideoWriter(str(tmp_path / "film.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 50, (640, 360))
    for _ in range(20):
        writer.write(np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)))
    writer.release()
    right = (Path(__file__).parents[1] / "broken_sites" / "right.yaml").read_text(encoding="utf-8")
    old = "{name: rear, kind: folder, folder: /var/lib/iie/rear}"
    new = "{name: rear, kind: video, file: film.avi, interval_s: 0.05, region: [0, 0, 0.5, 1], turn: 90}"
    assert old in right
    (tmp_path / "site.yaml").write_text(right.replace(old, new), encoding="utf-8")
    result = run("rear", "--site", str(tmp_path / "site.yaml"), "--pictures", "2", "--json")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(one["width"], one["height"]) for one in found] == [(360, 320)] * 2


def test_what_is_no_camera_is_wrong_use(tmp_path: Path) -> None:
    result = run(str(tmp_path / "nothing"))
    assert result.exit_code == module.WRONG_USE
    assert "nothing" in result.stderr


def test_a_camera_that_sends_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENT", 2)
    with CameraSimulator() as simulator:
        result = run(f"{simulator.url}/stream")
    assert result.exit_code == module.NO_PICTURE
    assert "ninguna imagen" in result.stderr


def test_a_camera_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert run(str(tmp_path / "gone.jpg")).exit_code == module.NO_PICTURE


@pytest.mark.parametrize(
    "code", [*(f"aim.advice.{one}" for one in Advice), *(f"aim.status.{one}" for one in Status)]
)
def test_every_word_is_in_the_catalogue(code: str) -> None:
    assert known(code)
