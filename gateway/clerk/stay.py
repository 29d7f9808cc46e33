"""A stay: one truck's time in the depot, from the visit that brings it in to the visit that takes it out.

Where a site weighs in and out, a stay stays open until the truck leaves; the weighing on its way out is the
second one of the visit that brought it in. A truck is found again by its ticket, its plate or its container, and
never against a plate that speaks for another one: a paper can be in the wrong hands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import RLock

from gateway.clerk.boxes import boxes
from gateway.clerk.plates import are_of_different_trucks, plates
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
    """A truck that is in the depot: the visit that brought it in, and its drafts.

    ``carried`` are the containers that it came with, None where whoever kept it did not say. ``taken_by`` is the
    visit that ends it, while it does.
    """

    visit: Visit
    drafts: tuple[OpenDraft, ...] = ()
    carried: tuple[str, ...] | None = None
    taken_by: str | None = None

    @property
    def id(self) -> str:
        """The stay's identity."""
        return self.visit.stay

    @property
    def containers(self) -> frozenset[str]:
        """What the truck came with."""
        return containers(self.visit) if self.carried is None else frozenset(self.carried)


@dataclass(frozen=True, slots=True)
class Match:
    """An open stay, and what it was found by. ``doubtful``: a plate says that it is another truck's."""

    stay: OpenStay
    by: str
    doubtful: bool = False


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
        self._orphans = {stay.taken_by for stay in self._open.values()} - {None}
        self._on_change = on_change

    def __iter__(self) -> Iterator[OpenStay]:
        with self._lock:
            return iter(tuple(self._open.values()))

    def open(self, stay: OpenStay) -> None:
        """A truck has come, or more is known of it; no visit holds it."""
        with self._lock:
            self._keep(replace(stay, taken_by=None))

    def take(self, identity: str, visit: str) -> bool:
        """Hold a stay for a visit that ends it: no other visit finds it. False where it is another's, or over."""
        with self._lock:
            stay = self._open.get(identity)
            if stay is None or stay.taken_by not in (None, visit):
                return False
            if stay.taken_by is None:
                self._keep(replace(stay, taken_by=visit))
            return True

    def give_back(self, identity: str, visit: str) -> None:
        """A visit does not end the stay after all."""
        with self._lock:
            stay = self._open.get(identity)
            if stay is not None and stay.taken_by == visit:
                self._keep(replace(stay, taken_by=None))

    def close(self, identity: str) -> None:
        """A truck has left."""
        with self._lock:
            stay = self._open.pop(identity, None)
            if stay is not None:
                self._on_change(stay, False)

    def resumed(self, visits: Iterable[str]) -> None:
        """These visits go on after a restart, and so does what they held."""
        with self._lock:
            self._orphans -= set(visits)

    def free_orphans(self) -> None:
        """Every lane goes on: what was held by a visit that none of them knows is anybody's again."""
        with self._lock:
            for stay in [each for each in self._open.values() if each.taken_by in self._orphans]:
                self._keep(replace(stay, taken_by=None))
            self._orphans.clear()

    def match(self, visit: Visit, hours: int) -> Match | None:
        """The open stay of a visit's truck: by ticket, else plate, else container; the latest of several.

        It is doubtful where ticket or container and a plate speak of different trucks. A stay that began more than
        ``hours`` ago is another truck's by now. That a stay is open tells that it began before: a wall clock that
        was set back says nothing.
        """
        oldest = visit.arrived_at - timedelta(hours=hours)
        with self._lock:
            known = list(self._open.values())
        others = [stay for stay in known if stay.id != visit.stay and stay.taken_by in (None, visit.id)]
        recent = [stay for stay in others if stay.visit.arrived_at >= oldest]
        ticketed = [stay for stay in recent if tickets(visit) & tickets(stay.visit)]
        plated = [stay for stay in recent if plates(visit) & plates(stay.visit)]
        boxed = [stay for stay in recent if containers(visit) & stay.containers]
        for by, found in (("ticket", ticketed), ("plate", plated), ("container", boxed)):
            own = [stay for stay in found if not are_of_different_trucks(visit, stay.visit)]
            if own and by == "ticket" and plated:
                both = [stay for stay in own if stay in plated]
                return Match(_latest(both or own), by, doubtful=not both)
            if own:
                return Match(_latest(own), by)
        strange = ticketed or boxed
        by = "ticket" if ticketed else "container"
        return Match(_latest(strange), by, doubtful=True) if strange else None

    def _keep(self, stay: OpenStay) -> None:
        self._open[stay.id] = stay
        self._on_change(stay, True)


def _latest(stays: Iterable[OpenStay]) -> OpenStay:
    return max(stays, key=lambda stay: stay.visit.arrived_at)


def tickets(visit: Visit) -> frozenset[str]:
    """Gate tickets that were scanned."""
    return _scanned(visit, Kind.TICKET)


def containers(visit: Visit) -> frozenset[str]:
    """Containers that the cameras are sure of, and those that were scanned."""
    seen = frozenset(box.number for box in boxes(visit.sightings).known)
    return seen | _scanned(visit, Kind.CONTAINER)


def _scanned(visit: Visit, kind: Kind) -> frozenset[str]:
    return frozenset(scan.identifier.normal for scan in visit.scans if scan.identifier.kind is kind)
