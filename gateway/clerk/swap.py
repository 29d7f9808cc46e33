"""A swap: the next truck drove on as the first one drove off, and stands there at the same weight.

The scale alone cannot tell that from one truck that was moved about. What names a truck can: another tractor's plate
or another of the gate's tickets than before the dip. Then one visit becomes two: what was learnt before the dip is
the first truck's, what was learnt since the weight was back is the next one's. A picture that was being read then
may show either truck, and counts for none. A second document may as well be the
same truck's, so it parts nothing and is a finding (`returned_as_another`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from gateway.clerk.act import Deed
from gateway.clerk.plates import TRACTOR
from gateway.clerk.visit import PlateSeen, Seen, Visit
from record.identifiers.identifier import Kind

Named = list[tuple[float, str]]
"""What names a truck, each with the second at which it was learnt."""


def tickets(visit: Visit) -> Named:
    """The gate's own tickets that were scanned."""
    return [(s.monotonic, s.identifier.normal) for s in visit.scans if s.identifier.kind is Kind.TICKET]


def tractors(visit: Visit) -> Named:
    """Plates that a camera saw on the tractor."""
    seen = (each for each in visit.plates if each.part == TRACTOR)
    return [(each.monotonic, plate) for each in seen for plate in each.plates]


def is_swap(visit: Visit) -> bool:
    """Whether another truck stands there since the weight was back. Where a person has acted since, it is theirs."""
    since = visit.returned
    if since is None or visit.dip is None or visit.again is None:
        return False
    if any(act.monotonic >= since and act.deed is not Deed.REREAD for act in visit.acts):
        return False
    return any(_are_others(marks, since) for marks in (tickets(visit), tractors(visit)))


def parted(visit: Visit, new_id: Callable[[], str]) -> tuple[Visit, Visit]:
    """The visit of the truck that left at the dip, and that of the one which stands there now."""
    since, dip, again = visit.returned, visit.dip, visit.again
    if since is None or dip is None or again is None:
        raise ValueError("nothing has returned")

    def is_later(each: Seen | PlateSeen) -> bool:
        return each.monotonic >= since and each.picture not in visit.pending

    looks = [(number, seen) for number, seen in visit.looks if seen.monotonic < since]
    first = replace(
        visit,
        departed_at=dip.at,
        departed_monotonic=dip.monotonic,
        weighing=max((p for p in visit.plateaus if p.monotonic < since), key=lambda p: p.kg, default=None),
        plateaus=tuple(each for each in visit.plateaus if each.monotonic < since),
        scans=tuple(each for each in visit.scans if each.monotonic < since),
        sightings=tuple(seen for _, seen in looks),
        numbers=tuple(number for number, _ in looks),
        plates=tuple(each for each in visit.plates if each.monotonic < since),
        reading=(),
        going=False,
        returned=None,
        again=None,
    )
    later = tuple(each for each in visit.plateaus if each.monotonic >= since)
    identity = new_id()
    second = Visit(
        id=identity,
        stay=new_id(),
        lane=visit.lane,
        arrived_at=dip.at,
        arrived_monotonic=dip.monotonic,
        weighing=max((again, *later), key=lambda plateau: plateau.kg),
        plateaus=(again, *later),
        scans=tuple(each for each in visit.scans if each.monotonic >= since),
        sightings=tuple(each for each in visit.sightings if is_later(each)),
        plates=tuple(each for each in visit.plates if is_later(each)),
        masked=visit.masked,
        going=visit.going,
        salt=new_id(),
        reading=tuple(
            replace(each, visit=identity) for each in visit.reading if each.picture not in visit.pending
        ),
    )
    return first, second


def named_otherwise(marks: Named, since: float) -> tuple[list[str], list[str]]:
    """What names a truck before a second, and what else does since then."""
    before = list(dict.fromkeys(mark for moment, mark in marks if moment < since))
    return before, list(_others(marks, since, before))


def _others(marks: Named, since: float, before: list[str]) -> Iterator[str]:
    yield from dict.fromkeys(mark for moment, mark in marks if moment >= since and mark not in before)


def _are_others(marks: Named, since: float) -> bool:
    before, after = named_otherwise(marks, since)
    return bool(before and after)
