"""A trial: every device of a site is opened for a while, and what each of them says is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from drivers.camera.ondemand import OnDemand
from drivers.device import Backoff, Device, DeviceState, DeviceStatus, Supervisor
from drivers.readings import Stamped
from gateway import devices
from gateway.site.site import LanePart, Site

POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Tried:
    """One device: where it is, how it fares, and its last reading."""

    lane: str
    name: str
    status: DeviceStatus | None = None
    last: Stamped | None = None

    @property
    def well(self) -> bool:
        """Whether it is open and has said what it is there for."""
        return self.status is not None and self.status.state is DeviceState.STREAMING


class Trial:
    """The devices of a site at work without a gate. Use it once."""

    def __init__(self, site: Site, folder: Path, config_dir: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._tried: dict[tuple[str, str], Tried] = {}
        self._supervisors = [
            self._attend(lane.name, device, stale_after)
            for lane in site.lanes
            for device, stale_after in of_lane(lane, folder, config_dir)
        ]

    def run(self, seconds: float) -> list[Tried]:
        """Listen until every device has said something good, or the time is over."""
        for supervisor in self._supervisors:
            supervisor.start()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not all(each.well for each in self._now()):
            time.sleep(POLL_S)
        found = self._now()
        for supervisor in self._supervisors:
            supervisor.stop()
        return found

    def _now(self) -> list[Tried]:
        with self._lock:
            return list(self._tried.values())

    def _attend(self, lane: str, device: Device, stale_after: float | None) -> Supervisor:
        place = (lane, device.name)
        self._tried[place] = Tried(lane, device.name)
        if isinstance(device, OnDemand):
            device.hold()

        def status(found: DeviceStatus) -> None:
            with self._lock:
                self._tried[place] = replace(self._tried[place], status=found)

        def heard(reading: Stamped) -> None:
            with self._lock:
                self._tried[place] = replace(self._tried[place], last=reading)

        return Supervisor(device, heard, status, stale_after=stale_after, backoff=Backoff(longest=2.0))


def of_lane(part: LanePart, folder: Path, config_dir: Path | None) -> Iterator[tuple[Device, float | None]]:
    """Every device of a lane, each with the seconds after which its silence is a fault."""
    yield devices.scale(part.scale, config_dir), part.scale.stale_after_s
    for camera in part.cameras:
        yield devices.camera(camera, folder), devices.camera_stale_after(camera)
    for scanner in part.scanners:
        yield devices.scanner(scanner, config_dir), None
    for board in part.signals:
        yield devices.signals(board, part.lights), None
