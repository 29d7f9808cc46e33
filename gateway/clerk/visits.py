"""The visits of one lane: how each begins, grows, and ends.

    free ──Arrival──▶ present ──Departure──▶ leaving ──lingered, and pictures read or given up──▶ closed
      │                  ▲                      ▲
      └── a scan waits ──┘                      └── a scan comes late

Pure: what happened and when goes in, what follows comes out. Nothing here looks at a clock, waits, or writes.
Two trucks close behind one another are two visits: the first may still be *leaving* while the second is
*present*, and every picture is told with the visit that it was taken for. A scan belongs to the truck on the
scale; to one that is leaving while that has no base document; else to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.clerk.act import Act, Deed
from gateway.clerk.swap import is_swap, parted
from gateway.clerk.visit import PlateSeen, Scanned, Seen, Taken, Tick, Visit, has_room
from gateway.clerk.weighing import Arrival, Departure, Going, Masked, Resumed, Settled


@dataclass(frozen=True, slots=True)
class VisitRules:
    """Seconds that a scan waits for its truck, and a truck that has left for a late scan and its pictures.

    ``labels``: pieces have the same label each, so that the next one's is no repetition of the last one's.
    """

    scan_before_s: float = 120
    linger_s: float = 3
    pending_s: float = 60
    labels: bool = False


Happening = (
    Arrival | Settled | Departure | Going | Masked | Scanned | Taken | Seen | PlateSeen | Act | Resumed | Tick
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A visit has begun."""

    visit: Visit


@dataclass(frozen=True, slots=True)
class Learnt:
    """Something became known of a visit that a draft may say."""

    visit: Visit


@dataclass(frozen=True, slots=True)
class Closed:
    """A visit has ended; nothing more is learnt of it."""

    visit: Visit


Consequence = Opened | Learnt | Closed


MOST_PLATEAUS = 40
"""Settled weights of one truck that are kept: the first ones, and the last."""


class Visits:
    """All visits of one lane that have not ended, and the scans that wait for their truck.

    ``new_id`` makes identities (UUIDv7 in production); everything else depends on what is heard alone.
    """

    def __init__(self, lane: str, rules: VisitRules, new_id: Callable[[], str]) -> None:
        self._lane, self._rules, self._new_id = lane, rules, new_id
        self._open: dict[str, Visit] = {}
        self._present: str | None = None
        self._early: list[Scanned] = []

    @property
    def present(self) -> Visit | None:
        """The visit of the truck that stands on the scale."""
        return self._open[self._present] if self._present else None

    @property
    def open(self) -> tuple[Visit, ...]:
        """Every visit that has not ended, oldest first."""
        return tuple(self._open.values())

    @property
    def is_waiting(self) -> bool:
        """Whether a scan waits for its truck."""
        return bool(self._early)

    def addressee(self, act: Act) -> Visit | None:
        """The visit that a person's deed is meant for: the one it names, else the truck that is there."""
        if act.visit is not None:
            return self._open.get(act.visit)
        return self.present or self._just_left(act.monotonic)

    def hear(self, happening: Happening) -> list[Consequence]:
        """What follows from one thing that happened."""
        match happening:
            case Arrival():
                return self._arrive(happening)
            case Settled():
                return self._settle(happening)
            case Departure():
                return self._depart(happening)
            case Going():
                return self._go(happening)
            case Masked():
                return self._mask()
            case Scanned():
                return self._scan(happening)
            case Taken():
                self._take(happening)
                return []
            case Seen():
                return self._see(happening)
            case PlateSeen():
                return self._see_plates(happening)
            case Act():
                return self._act(happening)
            case Resumed():
                return self._resume()
            case Tick():
                return self._close_due(happening.monotonic)

    def _arrive(self, arrival: Arrival) -> list[Consequence]:
        oldest = arrival.monotonic - self._rules.scan_before_s
        scans = tuple(scan for scan in self._early if scan.monotonic >= oldest)
        self._early = []
        visit = Visit(
            id=self._new_id(),
            stay=self._new_id(),
            lane=self._lane,
            arrived_at=arrival.at,
            arrived_monotonic=arrival.monotonic,
            scans=scans,
            zero_kg=arrival.zero_kg,
            salt=self._new_id(),
        )
        self._present = visit.id
        self._open[visit.id] = visit
        return [Opened(visit), *([Learnt(visit)] if scans else [])]

    def _settle(self, settled: Settled) -> list[Consequence]:
        """A plateau: the highest counts, and all are kept, since one that differs may speak against it."""
        visit = self.present
        if visit is None:
            return []
        plateaus = (*visit.plateaus[: MOST_PLATEAUS - 1], settled)
        is_highest = visit.weighing is None or settled.kg > visit.weighing.kg
        weighing = settled if is_highest else visit.weighing
        return [Learnt(self._keep(replace(visit, weighing=weighing, plateaus=plateaus)))]

    def _go(self, going: Going) -> list[Consequence]:
        visit = self.present
        if visit is not None:
            self._keep(_returned(visit, going) if going.back else replace(visit, going=True, dip=going))
        return []

    def _mask(self) -> list[Consequence]:
        visit = self.present
        if visit is None or visit.masked:
            return []
        return [Learnt(self._keep(replace(visit, masked=True)))]

    def _depart(self, departure: Departure) -> list[Consequence]:
        visit = self.present
        if visit is None:
            return []
        self._present = None
        self._keep(replace(visit, departed_at=departure.at, departed_monotonic=departure.monotonic))
        return []

    def _scan(self, scanned: Scanned) -> list[Consequence]:
        visit = self._owner(scanned)
        if visit is None:
            others = [each for each in self._early if each.scan.text != scanned.scan.text]
            self._early = [*others, scanned] if has_room(others, scanned) else others
            return []
        if any(known.scan.text == scanned.scan.text for known in visit.scans):
            return []
        if not has_room(visit.scans, scanned):
            return []
        return self._learn(replace(visit, scans=(*visit.scans, scanned)))

    def _owner(self, scanned: Scanned) -> Visit | None:
        """The truck that a barcode belongs to, None for the next one."""
        visit = self.present or self._just_left(scanned.monotonic)
        if visit is None or not (visit.leaving or visit.going):
            return visit
        is_known = any(known.scan.text == scanned.scan.text for known in visit.scans)
        if is_known:
            return None if self._rules.labels else visit
        return None if visit.has_document else visit

    def _just_left(self, moment: float) -> Visit | None:
        """The truck that left last, while its visit lingers."""
        left = [visit for visit in self._open.values() if not self._has_lingered(visit, moment)]
        return left[-1] if left else None

    def _take(self, taken: Taken) -> None:
        visit = self._open.get(taken.visit)
        if visit is not None:
            place = (taken.camera, taken.plates)
            others = tuple(each for each in visit.reading if (each.camera, each.plates) != place)
            self._keep(replace(visit, reading=(*others, taken)))

    def _see(self, seen: Seen) -> list[Consequence]:
        visit = self._shown(seen)
        if visit is None:
            return []
        visit = self._was_read(visit, Taken(visit.id, seen.camera, seen.picture))
        return [*self._learn(visit.with_look(seen)), *self._close_due(seen.monotonic)]

    def _see_plates(self, seen: PlateSeen) -> list[Consequence]:
        """A picture without a plate is read, and tells nothing."""
        visit = self._shown(seen)
        if visit is None:
            return []
        visit = self._was_read(visit, Taken(visit.id, seen.camera, seen.picture, plates=True))
        known = {plate for each in visit.plates if each.part == seen.part for plate in each.plates}
        if known.issuperset(seen.plates):
            return self._close_due(seen.monotonic)
        learnt = self._learn(replace(visit, plates=(*visit.plates, seen)))
        return [*learnt, *self._close_due(seen.monotonic)]

    def _shown(self, seen: Seen | PlateSeen) -> Visit | None:
        """The visit of the truck in a picture: it may have been parted since the picture was taken."""
        own = self._open.get(seen.visit)
        if own is not None and _waits_for(own, seen):
            return own
        if own is not None and own.returned is None and seen.picture in own.pending:
            return None
        return next((each for each in self._open.values() if _waits_for(each, seen)), own)

    def _learn(self, visit: Visit) -> list[Consequence]:
        """Keep what is known of a visit now; where that shows another truck there, it is parted into two."""
        if visit.id != self._present or not is_swap(visit):
            return [Learnt(self._keep(visit))]
        first, second = parted(visit, self._new_id)
        early, self._early = self._early, []
        second = replace(second, scans=(*early, *second.scans))
        self._present = second.id
        return [Learnt(self._keep(first)), Opened(self._keep(second)), Learnt(second)]

    def _was_read(self, visit: Visit, taken: Taken) -> Visit:
        """The visit that no longer waits for a picture."""
        return self._keep(replace(visit, reading=tuple(each for each in visit.reading if each != taken)))

    def _act(self, act: Act) -> list[Consequence]:
        """A person's deed, in the visit that it names, or of the truck that is there."""
        visit = self.addressee(act)
        if visit is None:
            return []
        visit = replace(visit, acts=(*visit.acts, act))
        if act.deed is Deed.REWEIGH:
            visit = replace(visit, weighing=None, plateaus=(), going=False)
        return [Learnt(self._keep(visit))]

    def _resume(self) -> list[Consequence]:
        """The gate was away: what was being read is lost, and the truck's drafts will say so."""
        visits = [replace(visit, reading=(), resumed=True) for visit in self._open.values()]
        return [Learnt(self._keep(visit)) for visit in visits]

    def _close_due(self, moment: float) -> list[Consequence]:
        """End the visits whose truck has left and whose pictures are read, or were waited for long enough."""
        oldest = moment - self._rules.scan_before_s
        self._early = [scan for scan in self._early if scan.monotonic >= oldest]
        closed = [visit for visit in self._open.values() if self._is_over(visit, moment)]
        for visit in closed:
            del self._open[visit.id]
        return [Closed(visit) for visit in closed]

    def _is_over(self, visit: Visit, moment: float) -> bool:
        if visit.departed_monotonic is None or not self._has_lingered(visit, moment):
            return False
        return not visit.reading or moment - visit.departed_monotonic >= self._rules.pending_s

    def _has_lingered(self, visit: Visit, moment: float) -> bool:
        left = visit.departed_monotonic
        return left is not None and moment - left >= self._rules.linger_s

    def _keep(self, visit: Visit) -> Visit:
        self._open[visit.id] = visit
        return visit


def _returned(visit: Visit, going: Going) -> Visit:
    """The visit of which the weight stands there again."""
    pending = tuple(each.picture for each in visit.reading)
    return replace(visit, going=False, returned=going.monotonic, again=going.settled, pending=pending)


def _waits_for(visit: Visit, seen: Seen | PlateSeen) -> bool:
    return any((each.camera, each.picture) == (seen.camera, seen.picture) for each in visit.reading)
