"""The bench: what the devices of each lane said lately, as they said it, for the person who commissions them.

weights    two minutes of each scale, at most ten points a second, each with the least and the most that it stands for
pictures   the newest of each camera, while somebody watches
scans      the last few of each scanner, while somebody watches

Bounded in every direction, and nothing of it is written anywhere.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from drivers.readings import Picture, Scan, Stability, Stamped, Weight

PLOT_S = 120.0
APART_S = 0.1
"""Weights closer together than this are one point."""

POINTS = int(PLOT_S / APART_S) + 1
SCANS = 8
WATCHED_S = 30.0
"""How long after the last look somebody is taken to be still there."""


@dataclass(frozen=True, slots=True)
class Point:
    """The weights of a tenth of a second: the newest, and between what they lay; kilograms."""

    monotonic: float
    at: datetime
    kg: Decimal
    low: Decimal
    high: Decimal
    moving: bool
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Heard:
    """One scan with its time."""

    at: datetime
    scan: Scan


@dataclass(slots=True)
class _Lane:
    weights: deque[Point] = field(default_factory=lambda: deque(maxlen=POINTS))
    pictures: dict[str, Picture] = field(default_factory=dict)
    scans: dict[str, deque[Heard]] = field(default_factory=dict)
    watched_at: float | None = None

    def is_watched(self, now: float) -> bool:
        return self.watched_at is not None and 0 <= now - self.watched_at <= WATCHED_S


class Bench:
    """What was heard. Every method may be called from any thread; times are the lane's own, that never jump."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lanes: dict[str, _Lane] = {}

    def watch(self, lane: str, now: float) -> None:
        """Somebody looks at a lane: pictures and scans are kept for a while, streams are held open."""
        with self._lock:
            self._lanes.setdefault(lane, _Lane()).watched_at = now

    def is_watched(self, lane: str, now: float) -> bool:
        """Whether somebody looks; what was kept for one who is gone is forgotten."""
        with self._lock:
            found = self._lanes.get(lane)
            if found is None or found.watched_at is None:
                return False
            if not found.is_watched(now):
                found.watched_at = None
                found.pictures.clear()
                found.scans.clear()
                return False
            return True

    def heard(self, lane: str, stamped: Stamped) -> None:
        """A device of a lane has said something."""
        with self._lock:
            found = self._lanes.setdefault(lane, _Lane())
            match stamped.reading:
                case Weight() as weight:
                    _weigh(found.weights, stamped, weight)
                case Picture() as picture if found.is_watched(stamped.monotonic):
                    found.pictures[stamped.device] = picture
                case Scan() as scan if found.is_watched(stamped.monotonic):
                    kept = found.scans.setdefault(stamped.device, deque(maxlen=SCANS))
                    kept.append(Heard(stamped.at, scan))

    def weights(self, lane: str, now: float) -> tuple[Point, ...]:
        """The points of the last two minutes, the oldest first."""
        with self._lock:
            found = self._lanes.get(lane)
            return tuple(p for p in found.weights if now - p.monotonic <= PLOT_S) if found else ()

    def picture(self, lane: str, camera: str) -> Picture | None:
        """The newest picture of a camera."""
        with self._lock:
            found = self._lanes.get(lane)
            return found.pictures.get(camera) if found else None

    def scans(self, lane: str, scanner: str) -> tuple[Heard, ...]:
        """The last scans of a scanner, the newest first."""
        with self._lock:
            found = self._lanes.get(lane)
            return tuple(reversed(found.scans.get(scanner, ()))) if found else ()

    def keep_only(self, lanes: Collection[str]) -> None:
        """Forget the lanes that are gone."""
        with self._lock:
            self._lanes = {name: lane for name, lane in self._lanes.items() if name in lanes}


def _weigh(points: deque[Point], stamped: Stamped, weight: Weight) -> None:
    kg, moving, last = weight.kg, weight.stability is Stability.MOVING, points[-1] if points else None
    if last is not None and 0 <= stamped.monotonic - last.monotonic < APART_S:
        points[-1] = replace(
            last,
            at=stamped.at,
            kg=kg,
            low=min(last.low, kg),
            high=max(last.high, kg),
            moving=last.moving or moving,
            raw=weight.raw,
        )
    else:
        points.append(Point(stamped.monotonic, stamped.at, kg, kg, kg, moving, weight.raw))
