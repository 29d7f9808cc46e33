"""A stay: one truck's time in the depot, from the visit that brings it in to the visit that takes it out.

Where a site weighs in and out, a stay stays open until the truck leaves; the weighing on its way out is the
second one of the visit that brought it in. A truck is found again by its ticket, its plate or its container.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import RLock

from gateway.clerk.boxes import boxes
from gateway.clerk.visit import Visit
from record.draft import BaseDocument
from record.identifiers.identifier import Kind


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft of the entry that the second weighing will revise."""

    document: BaseDocument | None
    draft: str
    revision: int


@dataclass(frozen=True, slots=True)
class OpenStay:
    """A truck that is in the depot: the visit that brought it in, and its drafts."""

    visit: Visit
    drafts: tuple[OpenDraft, ...] = ()

    @property
    def id(self) -> str:
        """The stay's identity."""
        return self.visit.stay


@dataclass(frozen=True, slots=True)
class Match:
    """An open stay, and what it was found by."""

    stay: OpenStay
    by: str


class Stays:
    """All open stays of a site: those of its entry lanes, for its exit lanes. Safe for several threads.

    ``on_change`` is told of every stay that opens or changes (True) or ends (False), to keep them.
    """

    def __init__(
        self,
        stays: Iterable[OpenStay] = (),
        on_change: Callable[[OpenStay, bool], None] = lambda stay, is_open: None,
    ) -> None:
        self._lock = RLock()
        self._open = {stay.id: stay for stay in stays}
        self._taken: dict[str, str] = {}
        self._on_change = on_change

    def __iter__(self) -> Iterator[OpenStay]:
        with self._lock:
            return iter(tuple(self._open.values()))

    def open(self, stay: OpenStay) -> None:
        """A truck has come, or more is known of it."""
        with self._lock:
            self._open[stay.id] = stay
            self._taken.pop(stay.id, None)
            self._on_change(stay, True)

    def take(self, identity: str, visit: str) -> None:
        """A visit revises the drafts of a stay: until it gives it back or ends it, no other visit finds it."""
        with self._lock:
            if identity in self._open:
                self._taken[identity] = visit

    def close(self, identity: str) -> None:
        """A truck has left."""
        with self._lock:
            stay = self._open.pop(identity, None)
            self._taken.pop(identity, None)
            if stay is not None:
                self._on_change(stay, False)

    def match(self, visit: Visit, hours: int) -> Match | None:
        """The open stay of a visit's truck: by ticket, else plate, else container; the latest of several.

        A stay that began more than ``hours`` ago is another truck's by now. That a stay is open tells that it
        began before: a wall clock that was set back says nothing.
        """
        oldest = visit.arrived_at - timedelta(hours=hours)
        with self._lock:
            others = [
                stay
                for stay in self._open.values()
                if stay.id != visit.stay and self._taken.get(stay.id, visit.id) == visit.id
            ]
        recent = [stay for stay in others if stay.visit.arrived_at >= oldest]
        for by, keys in (("ticket", tickets), ("plate", plates), ("container", containers)):
            own = keys(visit)
            found = [stay for stay in recent if own & keys(stay.visit)]
            if found:
                return Match(max(found, key=lambda stay: stay.visit.arrived_at), by)
        return None


def tickets(visit: Visit) -> frozenset[str]:
    """Gate tickets that were scanned."""
    return _scanned(visit, Kind.TICKET)


def plates(visit: Visit) -> frozenset[str]:
    """Plates that were scanned, and those that the cameras are sure of."""
    seen = frozenset(plate for each in visit.plates for plate in each.plates)
    return seen | _scanned(visit, Kind.PLATE)


def containers(visit: Visit) -> frozenset[str]:
    """Containers that the cameras are sure of, and those that were scanned."""
    seen = frozenset(box.number for box in boxes(visit.sightings).known)
    return seen | _scanned(visit, Kind.CONTAINER)


def _scanned(visit: Visit, kind: Kind) -> frozenset[str]:
    return frozenset(scan.identifier.normal for scan in visit.scans if scan.identifier.kind is kind)
