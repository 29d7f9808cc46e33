"""A camera whose stream OpenCV reads, in a process of its own: RTSP, USB, or a video file.

A capture may hang in a library, open under a lock that all captures of a process share, or never recover; so
each camera has its own process, is judged by the age of its last picture, and is ended when that is too old.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from drivers.camera.encoded import picture
from drivers.camera.grabber import ENDED, FAILED, NEXT, OPENED
from drivers.camera.source import Source
from drivers.camera.web import Timeouts
from drivers.errors import CannotOpen, OperationFailed, TimedOut
from drivers.readings import Picture, Skipped

BEAT = 0.25
_STARTING = 10.0
"""Seconds that a process may take to load its libraries on a busy machine."""
_PROGRAM = "from drivers.camera.grabber import main; main()"
_QUIET = {"OPENCV_LOG_LEVEL": "OFF", "OPENCV_FFMPEG_LOGLEVEL": "-8", "OMP_NUM_THREADS": "1"}


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
        with self._process() as line:
            yield from self._opened(line, stop)
            while not stop.is_set():
                asked = time.monotonic()
                yield from self._next(line, stop)
                while (left := asked + self._interval - time.monotonic()) > 0 and not stop.wait(
                    min(left, BEAT)
                ):
                    if left > BEAT:
                        yield None

    @contextmanager
    def _process(self) -> Iterator[Connection]:
        """The camera's process with a line to it; ended with the block, by force."""
        opening = self._source.opening()
        ours, theirs = Pipe()
        command = [sys.executable, "-P", "-c", _PROGRAM, str(theirs.fileno())]
        with ours, theirs:
            process = subprocess.Popen(
                command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, env={**os.environ, **_QUIET}
            )
            theirs.close()
            try:
                ours.send(sys.path)
                ours.send((opening, self._timeouts.open, self._timeouts.read))
                yield ours
            finally:
                process.kill()
                process.wait()

    def _opened(self, line: Connection, stop: threading.Event) -> Iterator[None]:
        """Wait for the stream to open, without a heartbeat: it is not open yet."""
        deadline = time.monotonic() + _STARTING + self._timeouts.open
        while not stop.is_set():
            said = self._heard(line)
            if said == OPENED:
                yield None
                return
            if said is not None:
                reason = said.removeprefix(FAILED).decode("utf-8", "replace")
                raise CannotOpen(f"{self._source}: {reason}", advice=self._source.advice)
            if time.monotonic() > deadline:
                raise TimedOut(f"{self._source}: not open within {self._timeouts.open:g} s")

    def _next(self, line: Connection, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """Ask for one picture and wait for it."""
        self._ask(line)
        deadline = time.monotonic() + self._timeouts.read
        while not stop.is_set():
            said = self._heard(line)
            if said == ENDED:
                raise OperationFailed(f"{self._source}: the stream ended")
            if said is not None:
                yield picture(said)
                return
            if time.monotonic() > deadline:
                raise TimedOut(f"{self._source}: no picture for {self._timeouts.read:g} s")
            yield None

    def _ask(self, line: Connection) -> None:
        try:
            line.send_bytes(NEXT)
        except OSError as error:
            raise OperationFailed(f"{self._source}: its process ended") from error

    def _heard(self, line: Connection) -> bytes | None:
        """What the process says, None when it says nothing for one beat."""
        try:
            return line.recv_bytes() if line.poll(BEAT) else None
        except (EOFError, OSError) as error:
            raise OperationFailed(f"{self._source}: its process ended") from error
