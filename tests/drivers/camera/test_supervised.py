"""A camera under its supervisor: goes away, comes back, and its state says so."""

import queue

from drivers.camera.mjpeg import MjpegCamera
from drivers.camera.web import Timeouts
from drivers.device import Backoff, DeviceState, DeviceStatus, Supervisor
from drivers.readings import Picture, Stamped
from drivers.simulator.camera import CameraSimulator, Fault
from gateway.rehearsal.broker import free_port

JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 20 + b"\xff\xd9"


def test_a_camera_that_dies_is_missing_and_read_again_when_it_is_back() -> None:
    port = free_port()
    pictures: queue.Queue[Stamped] = queue.Queue()
    states: queue.Queue[DeviceStatus] = queue.Queue()
    camera = MjpegCamera("rear", f"http://127.0.0.1:{port}/stream", timeouts=Timeouts(open=2.0, read=0.3))
    supervisor = Supervisor(camera, pictures.put, states.put, backoff=Backoff(first=0.01, longest=0.02))

    def wait_for(state: DeviceState) -> DeviceStatus:
        while (status := states.get(timeout=20)).state is not state:
            pass
        return status

    supervisor.start()
    try:
        assert wait_for(DeviceState.MISSING).error
        with CameraSimulator(port=port, rate_hz=50) as simulator:
            simulator.show(JPEG)
            wait_for(DeviceState.STREAMING)
            assert pictures.get(timeout=20).reading == Picture(JPEG)
        wait_for(DeviceState.MISSING)
        with CameraSimulator(port=port, rate_hz=50) as simulator:
            simulator.show(JPEG)
            wait_for(DeviceState.STREAMING)
            simulator.misbehave(Fault.STALLED)
            assert "no picture" in (wait_for(DeviceState.MISSING).error or "")
            simulator.misbehave(Fault.NONE)
            wait_for(DeviceState.STREAMING)
    finally:
        assert supervisor.stop(timeout=20)
