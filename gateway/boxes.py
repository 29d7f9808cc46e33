"""The containers of one visit, from everything that its cameras saw.

A number is a fact when a reader accepted it and nothing seen speaks against it. Two different accepted
numbers are either two boxes in one picture or a contradiction, which a person has to solve, never a toss.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.visit import Seen


class Certainty(StrEnum):
    """How a visit's containers are known."""

    KNOWN = "known"
    UNSURE = "unsure"
    CONTRADICTION = "contradiction"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Box:
    """One container, its size-type where it was read, and the pictures that say so."""

    number: str
    type_code: str | None
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Boxes:
    """What is known of the containers; ``candidates`` are for a person where they are not certain."""

    certainty: Certainty
    known: tuple[Box, ...] = ()
    candidates: tuple[str, ...] = ()


def boxes(sightings: Iterable[Seen]) -> Boxes:
    """The containers that the sightings of one visit agree on."""
    seen = tuple(sightings)
    accepted = {number: None for each in seen for number in each.sighting.numbers}
    if not accepted:
        guesses = {each.number: None for one in seen for each in one.sighting.candidates}
        certainty = Certainty.UNSURE if guesses else Certainty.NOTHING
        return Boxes(certainty, candidates=tuple(guesses)[:6])
    together = any(set(accepted) == set(each.sighting.numbers) for each in seen)
    if len(accepted) > 1 and not together:
        return Boxes(Certainty.CONTRADICTION, candidates=tuple(accepted))
    return Boxes(Certainty.KNOWN, tuple(_box(number, seen) for number in accepted))


def _box(number: str, seen: tuple[Seen, ...]) -> Box:
    """The box with the size-type that most of its own pictures show; pictures of two boxes tell none."""
    own = [each for each in seen if number in each.sighting.numbers]
    codes = [
        each.sighting.type_code for each in own if each.sighting.type_code and len(each.sighting.numbers) == 1
    ]
    most = max(set(codes), key=lambda code: (codes.count(code), -codes.index(code)), default=None)
    return Box(number, most, tuple(each.picture for each in own))
