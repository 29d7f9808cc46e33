import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from drivers.camera.mjpeg import MjpegCamera
from drivers.camera.ondemand import OnDemand
from drivers.errors import DeviceError, NotAvailable
from drivers.readings import Picture, Skipped
from drivers.simulator.camera import CameraSimulator

JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 20 + b"\xff\xd9"


class Counted:
    """A camera that counts how often it is opened and closed."""

    def __init__(self) -> None:
        self.name = "gate"
        self.opened = 0
        self.closed = 0

    def read(self, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        self.opened += 1
        try:
            while not stop.is_set():
                yield None
                yield Picture(JPEG)
        finally:
            self.closed += 1


def pictures(heard: Iterator[Picture | Skipped | None], looks: int) -> int:
    return sum(isinstance(next(heard), Picture) for _ in range(looks))


def test_a_released_camera_gives_one_picture_and_is_closed() -> None:
    camera = Counted()
    heard = OnDemand(camera, look_every=60.0).read(threading.Event())
    assert pictures(heard, 4) == 1
    assert (camera.opened, camera.closed) == (1, 1)


def test_a_released_camera_is_looked_at_now_and_then() -> None:
    camera = Counted()
    heard = OnDemand(camera, look_every=0.0).read(threading.Event())
    assert pictures(heard, 6) == 3
    assert camera.opened == 3


def test_a_held_camera_stays_open_until_it_is_released() -> None:
    camera = Counted()
    gate = OnDemand(camera, look_every=60.0)
    heard = gate.read(threading.Event())
    gate.hold()
    assert pictures(heard, 20) == 10
    assert (camera.opened, camera.closed) == (1, 0)
    gate.release()
    assert pictures(heard, 4) <= 1
    assert camera.closed == 1


def test_holding_ends_the_wait_at_once() -> None:
    gate = OnDemand(Counted(), look_every=3600.0)
    heard = gate.read(threading.Event())
    assert pictures(heard, 3) == 1
    gate.hold()
    assert pictures(heard, 4) >= 1


def test_the_stop_event_ends_it_in_either_state() -> None:
    stop = threading.Event()
    heard = OnDemand(Counted()).read(stop)
    next(heard)
    stop.set()
    assert sum(1 for _ in heard) <= 2


def test_a_real_camera_has_no_viewer_while_it_is_released() -> None:
    with CameraSimulator(rate_hz=50) as simulator:
        simulator.show(JPEG)
        heard = OnDemand(MjpegCamera("gate", simulator.stream_url)).read(threading.Event())
        while next(heard) is None:
            pass
        assert next(heard) is None
        while simulator.viewers:
            simulator.show(JPEG)


def test_a_camera_that_is_missing_is_noticed_at_a_look() -> None:
    class Missing(Counted):
        def read(self, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
            raise NotAvailable("gone")

    with pytest.raises(DeviceError):
        next(OnDemand(Missing()).read(threading.Event()))


def test_what_a_camera_keeps_for_its_looks_is_let_go_at_the_end() -> None:
    class Kept(Counted):
        keeping = 0

        @contextmanager
        def kept(self) -> Iterator[Counted]:
            self.keeping += 1
            yield self
            self.keeping -= 1

    camera, stop = Kept(), threading.Event()
    heard = OnDemand(camera, look_every=0.0).read(stop)
    assert pictures(heard, 6) == 3
    assert camera.keeping == 1
    stop.set()
    list(heard)
    assert camera.keeping == 0
