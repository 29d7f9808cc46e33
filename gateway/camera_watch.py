"""How the cameras of a lane fare by what their pictures show, and when the next one is to be measured."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from drivers.camera.condition import Look, PictureState, PictureWatch
from gateway.site.camera import Camera, Face, FolderCameraPart, VideoCameraPart

MEASURE_S = 10.0
"""Seconds between two pictures of a camera that are measured."""

Tell = Callable[[str, PictureState], None]


class CameraWatch:
    """The pictures of one camera. ``tell`` gets the camera's name and its new state, once for each change.

    A folder's pictures come when something happens and a video repeats itself: neither can freeze. What lies
    under a document camera changes, and so does what others put into a folder: neither can have moved.
    ``simulated`` pictures repeat themselves as well.
    """

    def __init__(self, part: Camera, tell: Tell, *, simulated: bool = False) -> None:
        changes = simulated or isinstance(part, FolderCameraPart) or part.face is Face.DOCUMENT
        self._name, self._tell = part.name, tell
        self._watch = PictureWatch(
            frozen_after=None if simulated or repeats(part) else 60.0, moved_after=inf if changes else 900.0
        )
        self._state = PictureState.FINE
        self._due: float | None = None

    @property
    def is_frozen(self) -> bool:
        """Whether the camera shows the same picture for so long that it hangs."""
        return self._state is PictureState.FROZEN

    def saw(self, digest: str, now: float) -> None:
        """A picture came; ``digest`` is any hash of its bytes."""
        self._watch.saw(digest.encode(), now)
        self._judge()

    def wants(self, now: float) -> bool:
        """Whether the picture that has just come is to be measured; never the first ones, to let a camera
        settle its exposure."""
        if self._due is None:
            self._due = now + MEASURE_S
        if now < self._due:
            return False
        self._due = now + MEASURE_S
        return True

    def measured(self, look: Look | None, now: float) -> None:
        """A picture was measured; None for what is no picture."""
        if look is not None:
            self._watch.measured(look, now)
            self._judge()

    def _judge(self) -> None:
        state = self._watch.state()
        if state is not self._state:
            self._state = state
            self._tell(self._name, state)


def repeats(part: Camera) -> bool:
    """Whether the same picture may come again without anything being wrong."""
    return isinstance(part, FolderCameraPart | VideoCameraPart)
