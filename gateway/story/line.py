"""A line of a story: one thing that a lane heard, as a person writes it.

    {"t": 0.0, "weight": "14320", "stability": "moving"}
    {"t": 3.0, "scan": "028-2026-40-00123456", "device": "lector"}
    {"t": 4.5, "sighting": {"camera": "trasera", "number": "CSQU3054383", "type_code": "22G1", "cost": 0.4}}
    {"t": 5.0, "plate": {"camera": "frontal", "plate": "GBA1234", "part": "tractor"}}
    {"t": 6.0, "signal": {"name": "lazo", "on": true}}
    {"t": 7.0, "act": {"person": "J. Mora", "field": "/items/0/container", "value": "…", "reason": "…"}}
    {"t": 9.0}

``t`` is seconds from the story's start, ``lane`` names one of several lanes. Empty lines and lines that begin
with ``#`` are for the reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drivers.readings import Kind, Remark, Stability, Unit
from gateway.clerk.act import Deed
from gateway.site.camera import VehiclePart
from ocr.sighting import Candidate, Sighting, Status
from record.base import describe


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SightingLine(_Line):
    """What a reader saw; ``number`` alone means that it was accepted."""

    camera: str
    number: str | None = None
    numbers: tuple[str, ...] = ()
    type_code: str | None = None
    cost: float = 0.5
    margin: float = 6.0
    candidates: tuple[tuple[str, float], ...] = ()
    invalid: str | None = Field(default=None, description="a number whose check digit does not hold")

    def sighting(self) -> Sighting:
        """The reader's own form."""
        numbers = self.numbers or ((self.number,) if self.number else ())
        guesses = tuple(Candidate(number, cost) for number, cost in self.candidates)
        best = tuple(Candidate(number, self.cost) for number in numbers)
        status = Status.ACCEPTED if numbers else Status.UNSURE if guesses else Status.NOTHING
        if self.invalid and not numbers:
            status = Status.INVALID
        return Sighting(
            number=numbers[0] if numbers else None,
            numbers=numbers,
            type_code=self.type_code,
            status=status,
            cost=self.cost if numbers or guesses else None,
            margin=self.margin if numbers or guesses else None,
            candidates=(*best, *guesses),
            boxes=(),
            crop=None,
            cpu_ms=0.0,
            seen=self.invalid,
        )


class PlateLine(_Line):
    """A plate that a camera saw and the reader is sure of."""

    camera: str
    plate: str
    part: VehiclePart | None = None
    cost: float = 0.5


class SignalLine(_Line):
    """An input that changed."""

    name: str
    on: bool


class ActLine(_Line):
    """What a person does."""

    person: str
    role: str = "guard"
    deed: Deed = Deed.ENTER
    field: str = ""
    value: Any = None
    reason: str = ""


class StoryLine(_Line):
    """One line: at most one of weight, scan, sighting, plate, signal, act; none means that time passes."""

    t: Annotated[float, Field(ge=0)]
    lane: str | None = None
    device: str | None = None
    weight: Decimal | None = None
    unit: Unit = Unit.KG
    stability: Stability = Stability.STABLE
    kind: Kind = Kind.GROSS
    remarks: tuple[Remark, ...] = ()
    scan: str | None = None
    sighting: SightingLine | None = None
    plate: PlateLine | None = None
    signal: SignalLine | None = None
    act: ActLine | None = None


@dataclass(frozen=True, slots=True)
class StoryError(Exception):
    """A line of a story that cannot be told: where it is, and what is wrong."""

    name: str
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.name}:{self.line}: {self.problem}"


def read(path: Path) -> list[StoryLine]:
    """The lines of a file. Raises `StoryError` with the place, `OSError` where it cannot be read."""
    return parse(path.read_text(encoding="utf-8"), str(path))


def parse(text: str, name: str = "-") -> list[StoryLine]:
    """The lines of a text. Raises `StoryError`."""
    return list(_lines(text, name))


def _lines(text: str, name: str) -> Iterator[StoryLine]:
    last = 0.0
    for number, written in enumerate(text.splitlines(), 1):
        if not written.strip() or written.lstrip().startswith("#"):
            continue
        try:
            line = StoryLine.model_validate_json(written)
        except ValidationError as error:
            raise StoryError(name, number, describe("line", error)) from error
        if line.t < last:
            raise StoryError(name, number, f"t {line.t:g} is before {last:g}: time does not go back")
        last = line.t
        yield line
