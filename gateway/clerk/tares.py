"""Which stored tare is the truck's: the one of its plate, and none where two plates could be its own.

The site's file comes before what the gate has learnt itself.

A plate that was scanned is the truck's before one that a camera saw; of cameras, the one that looks at the tractor
comes first. In a picture there may be a neighbour's plate too, so of several seen plates none lends its tare unless
all have the same one; of scanned ones, tractor and trailer, the one that has a tare does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gateway.clerk.learnt_tare import LearntTare
from gateway.clerk.plates import TRACTOR, TRAILER, scanned_plates, seen_plates
from gateway.clerk.visit import Visit
from gateway.site.site import VehicleTare

CAMERA_ORDER = (TRACTOR, None, TRAILER)
"""What a camera looks at, the surest witness of a truck's own plate first; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The stored tare of a plate: kilograms, and the day of the weighing behind them.

    ``learnt`` is the gate's own weighing of it, None for a tare of the site's file.
    """

    plate: str
    kg: Decimal
    day: date
    learnt: LearntTare | None = None

    @classmethod
    def of(cls, learnt: LearntTare) -> Stored:
        """A tare that the gate has learnt."""
        return cls(", ".join(learnt.plates), learnt.kg, learnt.day, learnt)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Plates of which it is not certain whose tare is the truck's."""

    plates: tuple[str, ...]


def stored_tare(visit: Visit, known: Mapping[str, VehicleTare]) -> Stored | Doubt | None:
    """The stored tare of a visit's truck; None where no plate has one."""
    scanned = scanned_plates(visit)
    if scanned:
        return _of_scanned(scanned, tuple(sorted(seen_plates(visit, TRACTOR))), known)
    seen = next((found for part in CAMERA_ORDER if (found := tuple(sorted(seen_plates(visit, part))))), ())
    tares = [_stored(plate, known) for plate in seen]
    if not any(tares):
        return None
    return _agreed([each for each in tares if each]) if all(tares) else Doubt(seen)


def _of_scanned(
    scanned: tuple[str, ...], tractor: tuple[str, ...], known: Mapping[str, VehicleTare]
) -> Stored | Doubt | None:
    """Of the papers' plates; a tractor that a camera saw and nobody scanned puts them in doubt."""
    tares = [found for plate in scanned if (found := _stored(plate, known))]
    if tares:
        return _agreed(tares)
    others = tuple(plate for plate in tractor if plate in known)
    is_another = bool(others) and not set(tractor) & set(scanned)
    return Doubt((*scanned, *others)) if is_another else None


def _agreed(tares: list[Stored]) -> Stored | Doubt:
    """One tare, where all are the same."""
    same = len({each.kg for each in tares}) == 1
    return max(tares, key=lambda each: each.day) if same else Doubt(tuple(each.plate for each in tares))


def _stored(plate: str, known: Mapping[str, VehicleTare]) -> Stored | None:
    found = known.get(plate)
    return Stored(plate, found.kg, found.day) if found else None
