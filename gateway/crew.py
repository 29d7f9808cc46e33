"""The devices of one lane at work, one supervisor each; one can be exchanged while the others go on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from drivers.camera.ondemand import OnDemand
from drivers.device import Clock, Device, DeviceState, DeviceStatus, Supervisor
from drivers.readings import Stamped
from drivers.signal.device import Signals
from gateway import devices
from gateway.site.camera import Camera, Sees
from gateway.site.difference import Settings
from gateway.site.difference import devices as settings_of
from gateway.site.site import LanePart

log = logging.getLogger(__name__)

Deliver = Callable[[Stamped], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A device that is made and not yet open. ``stale_after`` as of `drivers.device.Watch`.

    ``on_demand``: a stream that is to be held only while a truck is near.
    """

    device: Device
    settings: Settings
    stale_after: float | None = None
    on_demand: bool = False


@dataclass(frozen=True, slots=True)
class _Post:
    """A device at work."""

    made: Made
    supervisor: Supervisor


def made(part: LanePart, folder: Path, config_dir: Path | None, names: Collection[str]) -> dict[str, Made]:
    """The devices of a lane that are called so, none of them open. Raises as `gateway.devices` does.

    To be called by one thread at a time: a scale that is read by Modbus loads pymodbus.
    """
    wanted = {name: settings for name, settings in settings_of(part).items() if name in names}
    return {name: _one(part, name, settings, folder, config_dir) for name, settings in wanted.items()}


def _one(part: LanePart, name: str, settings: Settings, folder: Path, config_dir: Path | None) -> Made:
    """One device; a scale, and a camera that pushes pictures, may not fall silent."""
    for camera in part.cameras:
        if camera.name == name:
            return _camera(camera, settings, folder)
    for scanner in part.scanners:
        if scanner.name == name:
            return Made(devices.scanner(scanner, config_dir), settings)
    for board in part.signals:
        if board.name == name:
            return Made(devices.signals(board, part.lights), settings)
    return Made(devices.scale(part.scale, config_dir), settings, part.scale.stale_after_s)


def _camera(part: Camera, settings: Settings, folder: Path) -> Made:
    """A camera; one that looks at the table for papers is held always."""
    device = devices.camera(part, folder)
    switched = isinstance(device, OnDemand) and Sees.BARCODES not in part.looked_for
    if isinstance(device, OnDemand) and not switched:
        device.hold()
    return Made(device, settings, devices.camera_stale_after(part), switched)


class Crew:
    """All devices of one lane. `start` and `stop` it once; `exchange` is called by one thread, the lane's.

    ``deliver`` receives what scales, cameras and scanners say, ``signalled`` what boards do, ``status`` how each
    fares; all three in the devices' own threads.
    """

    def __init__(
        self,
        lane: str,
        deliver: Deliver,
        signalled: Deliver,
        status: Callable[[DeviceStatus], None],
        clock: Clock,
    ) -> None:
        self._lane, self._clock = lane, clock
        self._deliver, self._signalled, self._status = deliver, signalled, status
        self._posts: dict[str, _Post] = {}

    @property
    def alive(self) -> bool:
        """Whether all threads run."""
        return all(post.supervisor.alive for post in self._posts.values())

    @property
    def switches(self) -> tuple[OnDemand, ...]:
        """The streams that are held only while a truck is near."""
        found = (post.made for post in self._posts.values() if post.made.on_demand)
        return tuple(each.device for each in found if isinstance(each.device, OnDemand))

    @property
    def boards(self) -> tuple[Signals, ...]:
        """The boards of inputs and outputs."""
        found = (post.made.device for post in self._posts.values())
        return tuple(device for device in found if isinstance(device, Signals))

    def is_at_work(self, name: str) -> bool:
        """Whether a device is open and says what it is there for."""
        post = self._posts.get(name)
        return post is not None and post.supervisor.status.state is DeviceState.STREAMING

    def differing(self, part: LanePart) -> frozenset[str]:
        """The devices that a lane by ``part`` needs and that are not at work just so."""
        return frozenset(name for name, wanted in settings_of(part).items() if self._settings(name) != wanted)

    def take(self, more: Mapping[str, Made]) -> None:
        """Put devices to their posts; they are opened by `start`."""
        posts = {name: _Post(each, self._supervisor(each)) for name, each in more.items()}
        self._posts = {**self._posts, **posts}

    def start(self) -> None:
        """Open all of them."""
        for post in self._posts.values():
            post.supervisor.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Close all of them, and wait for each at most so many seconds."""
        self._stop(self._posts, timeout)

    def dismiss(self, names: Collection[str], timeout: float = 5.0) -> None:
        """Close these, and forget them; what they had said is delivered when this returns."""
        going = {name: post for name, post in self._posts.items() if name in names}
        self._posts = {name: post for name, post in self._posts.items() if name not in names}
        self._stop(going, timeout)

    def engage(self, more: Mapping[str, Made]) -> None:
        """Open devices beside those that are at work."""
        self.take(more)
        for name in more:
            self._posts[name].supervisor.start()

    @property
    def names(self) -> frozenset[str]:
        """All devices of the lane now."""
        return frozenset(self._posts)

    def _settings(self, name: str) -> Settings | None:
        post = self._posts.get(name)
        return post.made.settings if post else None

    def _stop(self, posts: Mapping[str, _Post], timeout: float) -> None:
        for name, post in posts.items():
            if not post.supervisor.stop(timeout):
                log.warning("lane %s: %s does not let go of its line", self._lane, name)

    def _supervisor(self, each: Made) -> Supervisor:
        deliver = self._signalled if isinstance(each.device, Signals) else self._deliver
        return Supervisor(
            each.device,
            deliver,
            self._status,
            stale_after=each.stale_after,
            clock=self._clock,
            place=self._lane,
        )
