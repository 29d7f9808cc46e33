"""How the cameras are aimed: the newest picture of each, read again as soon as the last one has been read.

The pictures go through the gate's one reading process, between those of trucks; so a camera is judged by the reader
that will use it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

from drivers.camera.condition import Look
from drivers.readings import Picture
from gateway.aiming import Advice, Line, advice, measured
from gateway.lookout import Worker, view
from gateway.reading import LOOK, PLATES
from gateway.site.camera import Camera, Sees
from ocr.sighting import Box, Sighting, Status
from ocr.worker import CONTAINER
from record.proof import sha256


@dataclass(frozen=True, slots=True)
class Aim:
    """One picture with what the reader made of it. ``number`` is the container or the plate that was read."""

    digest: str
    picture: Picture
    boxes: tuple[Box, ...] = ()
    number: str | None = None
    look: Look | None = None
    looked: bool = False
    read: bool = False

    @property
    def ready(self) -> bool:
        """Whether both answers are there."""
        return self.looked and self.read

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of text, the tallest letters first."""
        return tuple(sorted(map(measured, self.boxes), key=lambda line: -line.letters))

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What to do about the picture, nothing when all is well."""
        seen = replace(Sighting.empty(Status.NOTHING, 0.0), boxes=self.boxes)
        return advice(self.look, seen)


class Aims:
    """The aims of a gate's cameras: one picture at work and one answer each. Safe for several threads."""

    def __init__(self, worker: Worker) -> None:
        self._worker, self._lock = worker, threading.Lock()
        self._working: dict[tuple[str, str], Aim] = {}
        self._known: dict[tuple[str, str], Aim] = {}

    def look(self, lane: str, camera: Camera, picture: Picture | None) -> Aim | None:
        """The newest answer of a camera; its newest picture is given to the reader where that is free."""
        key = (lane, camera.name)
        if picture is None:
            return self.known(lane, camera.name)
        digest = sha256(picture.data)
        with self._lock:
            known = self._known.get(key)
            if key in self._working or (known is not None and known.digest == digest):
                return known
            self._working[key] = Aim(digest, picture)
        self._ask(key, camera, digest, picture)
        return known

    def known(self, lane: str, camera: str) -> Aim | None:
        """The newest answer of a camera."""
        with self._lock:
            return self._known.get((lane, camera))

    def forget(self, lane: str) -> None:
        """Nobody looks at a lane any more."""
        with self._lock:
            for aims in (self._known, self._working):
                for key in [key for key in aims if key[0] == lane]:
                    del aims[key]

    def _ask(self, key: tuple[str, str], camera: Camera, digest: str, picture: Picture) -> None:
        reader = PLATES if Sees.CONTAINERS not in camera.looked_for else CONTAINER
        name = f"aim/{key[0]}/{key[1]}/{digest[:12]}"
        seen_as, nothing = view(camera), frozenset[str]()

        def read(seen: Any) -> None:
            self._answered(key, digest, read=True, **_found(seen))

        def looked(seen: Any) -> None:
            self._answered(key, digest, looked=True, look=seen)

        self._worker.submit(name, picture.data, nothing, looked, view=seen_as, reader=LOOK)
        self._worker.submit(name, picture.data, nothing, read, view=seen_as, reader=reader)

    def _answered(self, key: tuple[str, str], digest: str, **found: Any) -> None:
        with self._lock:
            aim = self._working.get(key)
            if aim is None or aim.digest != digest:
                return
            aim = self._working[key] = replace(aim, **found)
            if aim.ready:
                self._known[key] = self._working.pop(key)


def _found(seen: Any) -> dict[str, Any]:
    """Boxes and number of what either reader answers; nothing of a picture that could not be read."""
    if seen is None:
        return {}
    if isinstance(seen, Sighting):
        guess = seen.candidates[0].number if seen.candidates else seen.seen
        return {"boxes": seen.boxes, "number": seen.number or guess}
    return {"boxes": seen.boxes, "number": seen.plate}
