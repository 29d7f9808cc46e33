"""What the reader saw in one picture: a container number with its doubt, or the reason why there is none."""

from dataclasses import dataclass
from enum import StrEnum

Point = tuple[float, float]
Box = tuple[Point, ...]


class Status(StrEnum):
    """How a picture ended. Only `ACCEPTED` carries a number that may be used without a person's look."""

    ACCEPTED = "accepted"
    UNSURE = "unsure"
    """Valid candidates, none clear enough: a person chooses among them."""
    INVALID = "invalid"
    """A number was read clearly, but its check digit does not hold (painted wrong, or a digit misread)."""
    PARTIAL = "partial"
    """Part of a number: an owner code or a serial that is cut off or hidden."""
    NOTHING = "nothing"
    """A picture without anything that looks like a container number."""
    UNREADABLE = "unreadable"
    """Bytes that are no picture, or a picture too small to hold a number."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number whose check digit holds. `cost` is its negative log likelihood: 0 is certain, above 7 is a
    guess."""

    number: str
    cost: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """The outcome of one picture.

    `number` is the first accepted number, `numbers` all accepted ones (several containers in one picture),
    the nearest first: it has the largest letters. `type_code` is the ISO 6346 size-type painted on the same
    face. `cost` is the first number's, or the best candidate's, `margin` how much dearer the next different
    number would be. `boxes` are the corners of
    the accepted (or best) lines in pixels of the picture as it was given, clockwise from the text's top
    left. `crop` is a JPEG of the best line. `seen` is the text of an invalid or partial number as it was
    read. `cpu_ms` is processor time in milliseconds. `joined` counts the pictures of one camera and one truck that
    show the number together: 1 when this one shows it whole.
    """

    number: str | None
    numbers: tuple[str, ...]
    type_code: str | None
    status: Status
    cost: float | None
    margin: float | None
    candidates: tuple[Candidate, ...]
    boxes: tuple[Box, ...]
    crop: bytes | None
    cpu_ms: float
    seen: str | None = None
    joined: int = 1

    @classmethod
    def empty(cls, status: Status, cpu_ms: float) -> "Sighting":
        """A sighting without a number."""
        return cls(None, (), None, status, None, None, (), (), None, cpu_ms)
