"""The lookout of a lane: which pictures are read for what, and what follows from what was read.

    picture ──▶ containers, plates   while a truck is there, until they are known
            ──▶ barcodes             always: papers may lie on the table before their truck comes
            ──▶ measuring            now and then, while no truck hides the view

A person who asks for it has some fresh pictures of each camera read, whatever is known already.

Everything but the answers of the reading worker comes from the lane's one thread; an answer goes back through
the lane's inbox. So nothing here needs a lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from drivers.device import Clock
from drivers.readings import Picture, Scan, Stamped
from gateway.camera_watch import CameraWatch, Tell, repeats
from gateway.clerk.boxes import Certainty, boxes
from gateway.clerk.clerk import Heard
from gateway.clerk.visit import PlateSeen, Seen, Taken, Visit
from gateway.freshness import Freshness
from gateway.papers import Papers
from gateway.preadvice.book import Announcements
from gateway.reading import BARCODES, LOOK, PLATES
from gateway.site.camera import Camera, Sees
from ocr.barcodes import Barcode
from ocr.sighting import Sighting, Status
from ocr.view import View
from ocr.worker import CONTAINER
from record.proof import sha256

ENOUGH = 3
"""Accepted pictures of one truck after which no more are read."""
CALM_S = 1.0
"""Seconds between two looks for papers while no truck is there."""


class Worker(Protocol):
    """What a lane needs of the reading worker."""

    def submit(
        self,
        key: str,
        data: bytes,
        expected: frozenset[str],
        done: Callable[[Any], None],
        *,
        view: View | None = None,
        reader: str = CONTAINER,
    ) -> None:
        """Queue the newest picture of a camera."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader made of a picture, on its way from the worker's thread to the lane's."""

    reader: str
    camera: str
    visit: str
    picture: bytes
    seen: Any


class Lookout:
    """The cameras of one lane.

    ``keep`` stores a file of evidence and gives its hash, None where that failed; ``put`` brings an answer into
    the lane's inbox, from any thread; ``tell`` gets a camera's name and what its pictures are worth, when that
    changes.
    """

    def __init__(
        self,
        lane: str,
        cameras: tuple[Camera, ...],
        worker: Worker,
        announcements: Announcements,
        *,
        keep: Callable[[bytes], str | None],
        put: Callable[[Read], None],
        tell: Tell,
        clock: Clock,
        simulated: bool = False,
        took: Callable[[str, float], None] = lambda reader, seconds: None,
    ) -> None:
        """``took`` is told how many seconds each answer of a reader took, also when it is of no use."""
        self._lane, self._worker, self._announcements = lane, worker, announcements
        self._keep, self._put, self._clock = keep, put, clock
        self._tell, self._simulated, self._took = tell, simulated, took
        self._parts: dict[str, Camera] = {}
        self._views: dict[str, View] = {}
        self._watches: dict[str, CameraWatch] = {}
        self._fresh: dict[str, Freshness] = {}
        self._papers: dict[str, Papers] = {}
        self._last: dict[tuple[str, str], str] = {}
        self._searched: dict[str, float] = {}
        self._again: dict[tuple[str, str, Sees], int] = {}
        self.change(cameras)

    def change(self, cameras: Iterable[Camera]) -> None:
        """The cameras of the lane from now on; what is known of those that stay as they are is kept."""
        before, self._parts = self._parts, {part.name: part for part in cameras}
        for name, part in self._parts.items():
            if before.get(name) == part:
                continue
            self._views[name] = view(part)
            self._watches[name] = CameraWatch(part, self._tell, simulated=self._simulated)
            self._fresh[name] = Freshness(repeats=self._simulated or repeats(part))
            self._papers[name] = Papers()

    def picture(self, stamped: Stamped, picture: Picture, visit: Visit | None, *, near: bool) -> list[Taken]:
        """Let a picture be read for all that is looked for; ``near`` says that a truck is about.

        No camera makes the same picture twice: one that was there before the truck is not of it, one that
        repeats the last that was read tells nothing, and a frozen camera's pictures are not read at all.
        """
        camera, now = stamped.device, stamped.monotonic
        part = self._parts.get(camera)
        if part is None:  # of a camera that was taken away while it spoke
            return []
        digest = sha256(picture.data)
        self._watches[camera].saw(digest, now)
        first = self._fresh[camera].saw(digest, now - picture.age_s)
        if self._watches[camera].is_frozen:
            return []
        if not near and self._watches[camera].wants(now):
            self._submit(LOOK, camera, "", picture, whole=True)
        taken: list[Taken] = []
        for sees in part.looked_for:
            reader = READERS[sees]
            if not self._is_wanted(sees, part, visit, now) or self._last.get((camera, reader)) == digest:
                continue
            if visit is not None and sees is not Sees.BARCODES and first < visit.arrived_monotonic:
                continue
            self._last[camera, reader] = digest
            self._count_again(visit, camera, sees)
            if visit is not None and sees is not Sees.BARCODES:
                taken.append(Taken(visit.id, camera, digest, plates=sees is Sees.PLATES))
            self._submit(reader, camera, visit.id if visit else "", picture)
        return taken

    def again(self, visit: Visit) -> None:
        """A person wants the truck looked at anew: `ENOUGH` more pictures of each camera are read for what it sees."""
        wanted = [(part, sees) for part in self._parts.values() for sees in part.looked_for]
        self._again = {
            (visit.id, part.name, sees): ENOUGH for part, sees in wanted if sees is not Sees.BARCODES
        }
        for part, sees in wanted:
            self._last.pop((part.name, READERS[sees]), None)

    def heard(self, read: Read, visit: Visit | None) -> Iterator[Heard]:
        """What a clerk hears of an answer; ``visit`` is the truck that is there now."""
        if read.camera not in self._parts:
            return
        if read.reader == CONTAINER:
            yield self._sighting(read, read.seen)
        elif read.reader == PLATES:
            yield self._plates(read)
        elif read.reader == BARCODES:
            yield from self._scans(read.camera, read.seen or (), visit)
        else:
            self._watches[read.camera].measured(read.seen, self._clock.monotonic())

    def _is_wanted(self, sees: Sees, part: Camera, visit: Visit | None, now: float) -> bool:
        if sees is Sees.BARCODES:
            return visit is not None or self._is_due(part.name, now)
        if visit is None:
            return False
        if self._again.get((visit.id, part.name, sees)):
            return True
        return not (_is_read(visit) if sees is Sees.CONTAINERS else _has_plates(visit, part))

    def _count_again(self, visit: Visit | None, camera: str, sees: Sees) -> None:
        asked = (visit.id, camera, sees) if visit else None
        if asked in self._again:
            self._again[asked] -= 1

    def _is_due(self, camera: str, now: float) -> bool:
        """Whether the table is to be looked at, where no truck is there."""
        if now - self._searched.get(camera, -CALM_S) < CALM_S:
            return False
        self._searched[camera] = now
        return True

    def _submit(self, reader: str, camera: str, visit: str, picture: Picture, *, whole: bool = False) -> None:
        asked = self._clock.monotonic()

        def done(seen: Any) -> None:
            self._took(reader, self._clock.monotonic() - asked)
            self._put(Read(reader, camera, visit, picture.data, seen))

        key = f"{self._lane}/{camera}/{visit}"
        seen_as = None if whole else self._views[camera]
        self._worker.submit(key, picture.data, self._expected(reader), done, view=seen_as, reader=reader)

    def _expected(self, reader: str) -> frozenset[str]:
        if reader == CONTAINER:
            return self._announcements.containers()
        return self._announcements.plates() if reader == PLATES else frozenset()

    def _sighting(self, read: Read, sighting: Sighting) -> Seen:
        """What the reader saw becomes a fact; the picture and the best line are kept."""
        crop = None
        if sighting.status is not Status.UNREADABLE:
            self._keep(read.picture)
            crop = self._keep(sighting.crop) if sighting.crop else None
        return Seen(
            self._clock.now(),
            self._clock.monotonic(),
            read.visit,
            read.camera,
            self._parts[read.camera].face.value,
            sha256(read.picture),
            sighting,
            crop,
        )

    def _plates(self, read: Read) -> PlateSeen:
        """The plates that the reader is sure of; a picture that could not be read has none."""
        part, seen = self._parts[read.camera].part, read.seen
        plates = tuple(seen.plates) if seen else ()
        if plates:
            self._keep(read.picture)
        return PlateSeen(
            self._clock.now(),
            self._clock.monotonic(),
            read.visit,
            read.camera,
            part.value if part else None,
            sha256(read.picture),
            plates,
            seen.cost if plates else None,
        )

    def _scans(self, camera: str, codes: tuple[Barcode, ...], visit: Visit | None) -> Iterator[Stamped]:
        """A code in a picture is a scan by the camera."""
        now = self._clock.monotonic()
        for code in self._papers[camera].fresh(codes, visit.id if visit else None, now):
            scan = Scan(code.text, code.aim or None, (code.aim + code.text).encode())
            yield Stamped(camera, self._clock.now(), now, scan)


READERS = {Sees.CONTAINERS: CONTAINER, Sees.PLATES: PLATES, Sees.BARCODES: BARCODES}
"""The reader of each thing that a camera may see."""


def view(part: Camera) -> View:
    """How a camera's pictures are to be seen. Raises `ValueError` for an empty region, which no checked file has."""
    left, top, right, bottom = part.region
    return View((left, top, right, bottom), part.turn, part.mirror)


def _is_read(visit: Visit) -> bool:
    """Whether more pictures would tell nothing new of its containers."""
    accepted = [seen for seen in visit.sightings if seen.sighting.number]
    if len(accepted) < ENOUGH:
        return False
    found = boxes(visit.sightings)
    return found.certainty is Certainty.KNOWN and all(box.type_code for box in found.known)


def _has_plates(visit: Visit, part: Camera) -> bool:
    """Whether a camera has seen what it can: the plate of its part, or those of tractor and trailer."""
    seen = {plate for each in visit.plates if each.camera == part.name for plate in each.plates}
    return len(seen) >= (1 if part.part else 2)
