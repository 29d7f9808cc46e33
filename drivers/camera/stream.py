"""A camera whose stream OpenCV reads, in a process of its own: RTSP, USB, or a video file.

A capture may hang in a library, open under a lock that all captures of a process share, or never recover; so
each camera has its own process, is judged by the age of its last picture, and is ended when that is too old.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from drivers.camera.encoded import picture
from drivers.camera.grabber import ENDED, FAILED, LOADED, OPENED
from drivers.camera.process import BEAT, GrabberProcess
from drivers.camera.source import Source
from drivers.camera.web import Timeouts
from drivers.errors import CannotOpen, DeviceError, OperationFailed, TimedOut
from drivers.readings import Picture, Skipped

LIVES = 360
"""Openings after which a process that is kept is renewed: looked at once in ten seconds, once an hour."""
_STARTING = 60.0
"""Seconds that a process may take to load its libraries on a busy machine; 13 were met where eight started at once."""
_MARGIN = 5.0
"""Seconds that it has to say by itself, and with the reason, that the stream did not open in time."""


class StreamCamera:
    """One stream as a device. ``interval`` is the time in seconds from one picture to the next.

    The stream is held while `read` runs: end it when no truck is near.
    """

    def __init__(
        self, name: str, source: Source, *, interval: float = 0.5, timeouts: Timeouts | None = None
    ) -> None:
        self.name = name
        self._source = source
        self._interval = interval
        self._timeouts = timeouts or Timeouts()

    def __repr__(self) -> str:
        return f"StreamCamera({self.name!r}, {self._source})"

    def read(self, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """The newest picture every interval, None in between.

        Raises `CannotOpen` when the stream does not open, `TimedOut` when no picture came within the read
        time-out, `OperationFailed` when it ended.
        """
        with self.kept() as kept:
            yield from kept.read(stop)

    @contextmanager
    def kept(self) -> Iterator[KeptCamera]:
        """The camera with a process that outlives each reading, for many short ones; it ends with the block."""
        kept = KeptCamera(self)
        try:
            yield kept
        finally:
            kept.end()

    def pictures(self, process: GrabberProcess, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """As `read`, by a process that is there."""
        process.open(self._source.opening(), self._timeouts)
        yield from self._opened(process, stop)
        while not stop.is_set():
            asked = time.monotonic()
            yield from self._next(process, stop)
            while (left := asked + self._interval - time.monotonic()) > 0 and not stop.wait(min(left, BEAT)):
                if left > BEAT:
                    yield None

    def _opened(self, process: GrabberProcess, stop: threading.Event) -> Iterator[None]:
        """Wait for the stream to open, without a heartbeat: it is not open yet."""
        deadline = time.monotonic() + _STARTING
        while not stop.is_set():
            said = process.heard()
            if said == LOADED:
                deadline = time.monotonic() + self._timeouts.open + _MARGIN
            elif said == OPENED:
                yield None
                return
            elif said is not None:
                reason = said.removeprefix(FAILED).decode("utf-8", "replace")
                raise CannotOpen(f"{self._source}: {reason}", advice=self._source.advice)
            if time.monotonic() > deadline:
                raise TimedOut(f"{self._source}: not open within {self._timeouts.open:g} s")

    def _next(self, process: GrabberProcess, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """Ask for one picture and wait for it."""
        process.ask()
        deadline = time.monotonic() + self._timeouts.read
        while not stop.is_set():
            said = process.heard()
            if said == ENDED:
                raise OperationFailed(f"{self._source}: the stream ended")
            if said is not None:
                yield picture(said)
                return
            if time.monotonic() > deadline:
                raise TimedOut(f"{self._source}: no picture for {self._timeouts.read:g} s")
            yield None

    def __str__(self) -> str:
        return str(self._source)


class KeptCamera:
    """A stream camera with its process, which waits without work between two readings.

    A process that hung, died or did anything unforeseen is ended, and the next reading starts another; one that
    only said that the stream cannot be opened or has ended is kept.
    """

    def __init__(self, camera: StreamCamera) -> None:
        self.name = camera.name
        self._camera = camera
        self._process: GrabberProcess | None = None

    def read(self, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """As `StreamCamera.read`."""
        process = self._process = self._process or GrabberProcess(str(self._camera))
        sound = False
        try:
            yield from self._camera.pictures(process, stop)
            sound = True
        except GeneratorExit:
            sound = True
            raise
        except TimedOut:
            raise
        except DeviceError:
            sound = not process.is_lost
            raise
        finally:
            if sound and process.lives < LIVES:
                self._rest(process)
            else:
                self.end()

    def end(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def _rest(self, process: GrabberProcess) -> None:
        try:
            process.close()
        except OperationFailed:
            self.end()
