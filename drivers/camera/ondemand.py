"""A camera that is held only while it is needed: a stream costs processor and memory also without a truck.

not held   ── every ``look_every`` seconds: open, one picture, close ──   enough to know that it works
held       ── open, picture after picture ──                              until released

A camera that needs a process keeps it between two looks: loading its libraries costs more than the look.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, runtime_checkable

from drivers.readings import Picture, Skipped

BEAT = 0.25


class Camera(Protocol):
    """What every camera of this package is."""

    @property
    def name(self) -> str:
        """The name that the site gave it."""

    def read(self, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """Open and yield until ``stop`` is set."""


@runtime_checkable
class Keeping(Protocol):
    """A camera that can keep at hand what many short readings need."""

    def kept(self) -> AbstractContextManager[Camera]:
        """The camera for many readings; what it kept is let go of at the end of the block."""


class OnDemand:
    """A camera behind a switch, itself a device. It begins released; any thread may hold or release it."""

    def __init__(self, camera: Camera, *, look_every: float = 10.0) -> None:
        self._camera = camera
        self._look_every = look_every
        self._held = threading.Event()

    @property
    def name(self) -> str:
        """The camera's name."""
        return self._camera.name

    @property
    def held(self) -> bool:
        """Whether pictures are wanted now."""
        return self._held.is_set()

    def hold(self) -> None:
        """Pictures are wanted from now on."""
        self._held.set()

    def release(self) -> None:
        """No more pictures are wanted than a look now and then."""
        self._held.clear()

    def read(self, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """What the camera yields while it is held, a single picture now and then while it is not.

        Raises what the camera raises, also at a look.
        """
        with self._kept() as camera:
            while not stop.is_set():
                due = time.monotonic() + self._look_every
                yield from self._opened(camera, stop)
                while not self.held and not stop.is_set() and (left := due - time.monotonic()) > 0:
                    self._held.wait(min(left, BEAT))
                    yield None

    def _kept(self) -> AbstractContextManager[Camera]:
        return self._camera.kept() if isinstance(self._camera, Keeping) else nullcontext(self._camera)

    def _opened(self, camera: Camera, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """One life of the camera's stream: until it is neither held nor has given a picture yet."""
        stream = camera.read(stop)
        try:
            for heard in stream:
                yield heard
                if isinstance(heard, Picture) and not self.held:
                    return
        finally:
            if isinstance(stream, Generator):
                stream.close()
