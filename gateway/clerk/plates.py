"""Whose plate is which: the plates of a visit with the part of the truck that each is on.

What a camera looks at is known from where it hangs. Of papers alone it is their order: a gate hands the tractor's
over first.
"""

from __future__ import annotations

from gateway.clerk.visit import Visit
from record.identifiers.identifier import Kind

TRACTOR, TRAILER, UNKNOWN = "tractor", "trailer", "unknown"
MOST_OF_A_TRUCK = 2
"""Plates that one truck has: the tractor's and the trailer's."""


def part_by_order(place: int) -> str:
    """The part that the plate of the first, second … scanned paper is on; ``place`` counts from 1."""
    return {1: TRACTOR, 2: TRAILER}.get(place, UNKNOWN)


def scanned_plates(visit: Visit) -> tuple[str, ...]:
    """Plates of scanned papers, in their order, once each."""
    found = (scan.identifier for scan in visit.scans)
    return tuple(dict.fromkeys(each.normal for each in found if each.kind is Kind.PLATE))


def seen_plates(visit: Visit, part: str | None) -> frozenset[str]:
    """Plates that the cameras of one part are sure of; None for cameras of which it is not known."""
    return frozenset(plate for each in visit.plates if each.part == part for plate in each.plates)


def plates(visit: Visit) -> frozenset[str]:
    """Plates that were scanned, and those that the cameras are sure of."""
    seen = frozenset(plate for each in visit.plates for plate in each.plates)
    return seen | frozenset(scanned_plates(visit))


def parts(visit: Visit) -> dict[str, str]:
    """Every plate of a visit with its part."""
    found = {plate: part_by_order(place) for place, plate in enumerate(scanned_plates(visit), 1)}
    found |= {plate: UNKNOWN for plate in seen_plates(visit, None) if plate not in found}
    return found | {plate: part for part in (TRAILER, TRACTOR) for plate in seen_plates(visit, part)}


def rig(visit: Visit) -> tuple[str, ...]:
    """The plates of tractor and trailer, in alphabetical order, where they are certain; none where they are not.

    Papers come before cameras. A camera of which it is not known what it looks at may see a neighbour, so it
    tells nothing; one that sees two plates, or another than the papers', makes it uncertain.
    """
    scanned = scanned_plates(visit)
    seen = [seen_plates(visit, part) for part in (TRACTOR, TRAILER)]
    if len(scanned) > MOST_OF_A_TRUCK or any(len(each) > 1 for each in seen):
        return ()
    of_cameras = frozenset().union(*seen)
    if not scanned:
        return tuple(sorted(of_cameras)) if seen[0] else ()
    if len(scanned) == MOST_OF_A_TRUCK and not of_cameras <= frozenset(scanned):
        return ()
    if seen[0] and not seen[0] <= frozenset(scanned):
        return ()
    return tuple(sorted(of_cameras | frozenset(scanned)))


def are_of_different_trucks(one: Visit, other: Visit) -> bool:
    """Whether the plates of two visits cannot be one truck's. A tractor's and a trailer's plate say nothing."""
    mine, theirs = parts(one), parts(other)
    if mine.keys() & theirs.keys():
        tractors = seen_plates(one, TRACTOR), seen_plates(other, TRACTOR)
        return all(tractors) and not tractors[0] & tractors[1]
    return any(a == b or UNKNOWN in (a, b) for a in mine.values() for b in theirs.values())
