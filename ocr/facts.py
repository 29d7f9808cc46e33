"""What the pictures of one visit say together: facts with their proof, and contradictions."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ocr.sighting import Candidate, Sighting


@dataclass(frozen=True, slots=True)
class Seen:
    """One sighting with its camera, its time (seconds of a clock that never jumps), its picture's SHA-256."""

    camera: str
    at_monotonic: float
    sighting: Sighting
    sha256: str


class Conflict(StrEnum):
    """How pictures of one visit can contradict each other."""

    RIVAL_NUMBERS = "rival_numbers"
    """Two similar numbers for what must be one box."""
    TOO_MANY = "too_many"
    """More containers than a truck carries."""
    SIZES = "sizes"
    """A 40-foot box beside another one."""
    TYPE_CODES = "type_codes"
    """One number with several size-type codes."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A disagreement that a person should hear of. ``chosen`` is what was taken all the same, if anything."""

    conflict: Conflict
    values: tuple[str, ...]
    chosen: str | None = None


@dataclass(frozen=True, slots=True)
class Face:
    """The sharpest picture in which one camera shows one number; ``crop`` is a JPEG of its line."""

    camera: str
    sha256: str
    cost: float
    margin: float
    accepted: bool
    crop: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class TypeRead:
    """A size-type code that was read beside a number: by how many cameras, in how many pictures."""

    code: str
    cameras: int
    pictures: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A container that is on the truck.

    ``points`` are its looks as `ocr.consensus` counts them, ``frames`` the pictures that support it,
    ``types`` the size-types that were read beside it, most cameras first, ``faces`` one picture per camera, the
    clearest first. ``cost`` and ``margin`` are the best ones that
    were read.
    """

    number: str
    type_code: str | None
    announced: bool
    points: float
    frames: int
    cost: float
    margin: float
    faces: tuple[Face, ...]
    types: tuple[TypeRead, ...] = ()


@dataclass(frozen=True, slots=True)
class Consensus:
    """What is known after all pictures so far. Everything is in an order that does not depend on theirs.

    ``candidates`` are numbers that are no facts, the likeliest first: buttons for a person. ``invalid`` are
    texts that were read clearly and whose check digit does not hold, most frequent first.
    """

    facts: tuple[Fact, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    invalid: tuple[str, ...] = ()
