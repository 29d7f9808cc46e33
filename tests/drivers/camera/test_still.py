import threading
from collections.abc import Iterator

import pytest

from drivers.camera.login import Login
from drivers.camera.still import StillCamera
from drivers.camera.web import Timeouts
from drivers.errors import CannotOpen, OperationFailed, TimedOut
from drivers.readings import Picture, Skip, Skipped
from drivers.simulator.camera import CameraSimulator, Fault

JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 20 + b"\xff\xd9"


@pytest.fixture
def simulator() -> Iterator[CameraSimulator]:
    with CameraSimulator() as simulator:
        simulator.show(JPEG)
        yield simulator


def readings(camera: StillCamera) -> Iterator[Picture | Skipped]:
    return (reading for reading in camera.read(threading.Event()) if reading is not None)


def test_stills_come_again_and_again(simulator: CameraSimulator) -> None:
    stills = readings(StillCamera("rear", simulator.still_url, interval=0.01))
    assert next(stills) == Picture(JPEG)
    simulator.show(JPEG[:-2] + b"new\xff\xd9")
    assert next(stills) == Picture(JPEG[:-2] + b"new\xff\xd9")


def test_no_picture_yet_is_an_error_that_retrying_helps() -> None:
    with CameraSimulator() as simulator, pytest.raises(CannotOpen, match="503") as raised:
        next(readings(StillCamera("rear", simulator.still_url)))
    assert raised.value.retry


def test_a_web_page_is_skipped(simulator: CameraSimulator) -> None:
    simulator.misbehave(Fault.HTML)
    skipped = next(readings(StillCamera("rear", simulator.still_url)))
    assert isinstance(skipped, Skipped)
    assert skipped.skip is Skip.NOT_MINE


def test_a_stalled_camera_times_out(simulator: CameraSimulator) -> None:
    simulator.misbehave(Fault.STALLED)
    camera = StillCamera("rear", simulator.still_url, timeouts=Timeouts(open=0.1, read=0.1))
    with pytest.raises(TimedOut):
        next(readings(camera))


def test_a_picture_beyond_the_limit_is_refused(simulator: CameraSimulator) -> None:
    with pytest.raises(OperationFailed, match="more than 50 bytes"):
        next(readings(StillCamera("rear", simulator.still_url, largest=50)))


@pytest.mark.parametrize("digest", [True, False], ids=["digest", "basic"])
def test_it_logs_in_and_stays_logged_in(digest: bool) -> None:
    with CameraSimulator(login=("gate", "hunter2"), digest=digest) as simulator:
        simulator.show(JPEG)
        login = Login("gate", lambda: "hunter2")
        stills = readings(StillCamera("rear", simulator.still_url, interval=0.01, login=login))
        assert [next(stills), next(stills)] == [Picture(JPEG)] * 2
        simulator.nonce = "another"
        assert next(stills) == Picture(JPEG)


def test_heartbeats_come_between_stills(simulator: CameraSimulator) -> None:
    looks = StillCamera("rear", simulator.still_url, interval=60.0).read(threading.Event())
    assert next(looks) == Picture(JPEG)
    assert next(looks) is None
