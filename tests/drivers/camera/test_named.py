from pathlib import Path

import pytest

from drivers.camera.folder import FolderCamera
from drivers.camera.login import Login
from drivers.camera.mjpeg import MjpegCamera
from drivers.camera.named import PictureFile, named
from drivers.camera.still import StillCamera
from drivers.camera.stream import StreamCamera
from drivers.errors import DeviceError
from drivers.simulator.camera import CameraSimulator

JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 20 + b"\xff\xd9"


def test_an_http_address_is_asked_what_it_sends() -> None:
    with CameraSimulator(login=("gate", "hunter2")) as simulator:
        simulator.show(JPEG)
        login = Login("gate", lambda: "hunter2")
        assert isinstance(named(simulator.still_url, login), StillCamera)
        assert isinstance(named(simulator.stream_url, login), MjpegCamera)
        with pytest.raises(DeviceError, match="asks for user and password"):
            named(simulator.still_url)


def test_paths_are_known_by_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "gate.mp4").write_bytes(b"video")
    assert isinstance(named(str(tmp_path)), FolderCamera)
    assert isinstance(named(str(tmp_path / "gate.JPG")), PictureFile)
    assert isinstance(named(str(tmp_path / "gate.mp4")), StreamCamera)
    assert isinstance(named("/dev/null"), StreamCamera)


def test_a_stream_is_named_by_its_scheme() -> None:
    assert isinstance(named("rtsp://camera/live"), StreamCamera)


@pytest.mark.parametrize("text", ["", "no-such-thing", "ftp://camera/x", "rtsp://gate:hunter2@camera/live"])
def test_what_is_no_camera_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        named(text)
    assert "hunter2" not in str(raised.value)
