"""The containers of one visit, from everything that its cameras saw and what was announced of it.

What the pictures say together is `ocr.consensus`'s to decide; here its answer becomes what a draft can say.
Two numbers that cannot both be true are a contradiction, which a person has to solve, never a toss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.clerk.visit import Seen
from ocr import facts
from ocr.consensus import consensus


class Certainty(StrEnum):
    """How a visit's containers are known."""

    KNOWN = "known"
    UNSURE = "unsure"
    CONTRADICTION = "contradiction"
    INVALID = "invalid"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Box:
    """One container, its size-type where it is known, the pictures that say so, and every size-type read."""

    number: str
    type_code: str | None
    pictures: tuple[str, ...]
    types: tuple[facts.TypeRead, ...] = ()


@dataclass(frozen=True, slots=True)
class Boxes:
    """What is known of the containers.

    ``candidates`` are for a person where they are not certain; ``outvoted`` are numbers that a picture showed
    and others overruled; ``aside`` are containers in the pictures that are not this truck's.
    """

    certainty: Certainty
    known: tuple[Box, ...] = ()
    candidates: tuple[str, ...] = ()
    outvoted: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()


def boxes(sightings: Sequence[Seen], expected: frozenset[str] = frozenset()) -> Boxes:
    """What all sightings of one visit say together; ``expected`` are the numbers announced for it."""
    frames = [facts.Seen(each.camera, each.monotonic, each.sighting, each.picture) for each in sightings]
    said = consensus(frames, expected)
    unsolved = [conflict for conflict in said.contradictions if _is_unsolved(conflict)]
    if unsolved:
        rivals = {number: None for conflict in unsolved for number in conflict.values}
        return Boxes(Certainty.CONTRADICTION, candidates=tuple(rivals))
    if said.facts:
        known = tuple(_box(fact) for fact in said.facts)
        numbers = {box.number for box in known}
        rivalries = [each for each in said.contradictions if each.conflict is facts.Conflict.RIVAL_NUMBERS]
        outvoted = tuple(value for each in rivalries for value in each.values if value not in numbers)
        return Boxes(Certainty.KNOWN, known, outvoted=outvoted)
    if said.candidates:
        return Boxes(Certainty.UNSURE, candidates=tuple(each.number for each in said.candidates))
    if said.invalid:
        return Boxes(Certainty.INVALID, candidates=said.invalid)
    return Boxes(Certainty.NOTHING)


def carried(found: Boxes, announced: frozenset[str]) -> Boxes:
    """The containers of a truck on a lane where none are looked for: those that were announced, and no other.

    What else the pictures show there stands beside the truck, on the next lane or in the yard.
    """
    if found.certainty is not Certainty.KNOWN:
        return found
    own = tuple(box for box in found.known if box.number in announced)
    aside = tuple(box.number for box in found.known if box.number not in announced)
    return replace(found, certainty=Certainty.KNOWN if own else Certainty.NOTHING, known=own, aside=aside)


def _is_unsolved(conflict: facts.Contradiction) -> bool:
    """Whether a person has to look: only a size-type in doubt leaves the number itself certain."""
    return conflict.conflict is not facts.Conflict.TYPE_CODES and conflict.chosen is None


def _box(fact: facts.Fact) -> Box:
    return Box(fact.number, fact.type_code, tuple(face.sha256 for face in fact.faces), fact.types)
