"""How many looks at one truck a visit keeps: one that stands on the scale for hours is seen thousands of times.

Looks of one camera that show the same are alike. Where there are too many, one of the kind of which there are most
is let go: never the first ones, which saw the truck drive on, nor the surest. The tape has them all, and the visit
counts what it let go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from ocr.sighting import Sighting

MOST_LOOKS = 120
"""Looks that a visit keeps; some minutes of four cameras."""

ALWAYS = 4
"""Looks of each kind, the earliest, that are kept as long as another kind has more."""


class Look(Protocol):
    """What one camera saw in one picture."""

    @property
    def camera(self) -> str:
        """The camera's name."""

    @property
    def sighting(self) -> Sighting:
        """What was read."""


Kind = tuple[str, tuple[str, ...], str | None, str | None, str | None]


def superfluous(looks: Sequence[Look]) -> int | None:
    """The place of the look to let go, None where there is room for all."""
    if len(looks) <= MOST_LOOKS:
        return None
    kinds = [_kind(look) for look in looks]
    counts = Counter(kinds)
    nothing = {kind for kind in counts if _is_nothing(kind) and counts[kind] > ALWAYS}
    crowd = max(nothing or counts, key=lambda kind: (counts[kind], _is_nothing(kind), repr(kind)))
    places = [place for place, kind in enumerate(kinds) if kind == crowd]
    surest = min(places, key=lambda place: (_cost(looks[place]), place))
    spare = [place for place in places[ALWAYS:-1] if place != surest]
    return spare[-1] if spare else places[-1]


def _kind(look: Look) -> Kind:
    sighting = look.sighting
    best = sighting.candidates[0].number if sighting.candidates else None
    return look.camera, sighting.numbers, best, sighting.type_code, sighting.seen


def _is_nothing(kind: Kind) -> bool:
    return not any(kind[1:])


def _cost(look: Look) -> float:
    return look.sighting.cost if look.sighting.cost is not None else float("inf")
