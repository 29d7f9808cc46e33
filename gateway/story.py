"""A story: what a lane heard, one thing a line, to be told to a clerk without any device.

    {"t": 0.0, "weight": "14320", "stability": "moving"}
    {"t": 3.0, "scan": "028-2026-40-00123456", "device": "lector"}
    {"t": 4.5, "sighting": {"camera": "trasera", "number": "CSQU3054383", "type_code": "22G1", "cost": 0.4}}
    {"t": 9.0}

``t`` is seconds from the story's start, ``lane`` names one of several lanes. Empty lines and lines that begin
with ``#`` are for the reader. Stories are the tests of the rules, and a way to try a site's settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drivers.readings import Kind, Remark, Scan, Signal, Stability, Stamped, Unit, Weight
from gateway.act import Act, Deed
from gateway.case import Circumstances
from gateway.clerk import Clerk, Heard
from gateway.knowledge import Memory
from gateway.outbox import Letter
from gateway.preadvice import Announcements, Releases
from gateway.site import Site
from gateway.visit import Seen, Tick
from ocr.sighting import Candidate, Sighting, Status
from record.base import describe
from record.codes import Codes
from record.errors import BadRecord
from record.identifiers.identify import identify
from record.proof import sha256

START = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
"""Time of day at ``t`` 0: noon in Greenwich, seven in the morning in Guayaquil."""

PATIENCE_S = 3600.0
"""Seconds that pass after the last line, so that every visit ends."""


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
    """One line: at most one of weight, scan, sighting, signal and act; none means that time passes."""

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


@dataclass(frozen=True, slots=True)
class Told:
    """A letter that a story made, with the second at which it was made."""

    t: float
    lane: str
    letter: Letter


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


def tell(
    lines: Iterable[StoryLine],
    site: Site,
    announcements: Announcements,
    codes: Codes | None = None,
    releases: Releases | None = None,
) -> list[Told]:
    """Tell a story to the clerks of a site's lanes; every visit ends an hour after the last line.

    Raises `BadRecord` for a lane that the site has not.
    """
    numbers = count(1)
    new_id = partial(_identity, numbers)
    recognise = partial(identify, codes=codes)
    memory = Memory(announcements, releases or Releases())
    clerks = {
        part.name: Clerk(site, part, memory, recognise, lambda: Circumstances("story", "0"), new_id)
        for part in site.lanes
    }
    told: list[Told] = []
    last = 0.0
    for line in lines:
        last = line.t
        name = line.lane or site.lanes[0].name
        if name not in clerks:
            raise BadRecord(f"lane {name!r} is not in the site's file: {', '.join(clerks)}")
        for each, clerk in clerks.items():
            heard = heard_of(line, clerk) if each == name else [Tick(line.t)]
            told += _letters(line.t, each, clerk, heard)
    for name, clerk in clerks.items():
        told += _letters(last + PATIENCE_S, name, clerk, [Tick(last + PATIENCE_S)])
    return told


def _letters(t: float, lane: str, clerk: Clerk, heard: Iterable[Heard]) -> list[Told]:
    return [
        Told(t, lane, letter)
        for each in heard
        for consequence in clerk.hear(each)
        for letter in consequence.letters
    ]


def heard_of(line: StoryLine, clerk: Clerk) -> list[Heard]:
    """What the line means for a clerk; a sighting is of the truck that is there, or has just left."""
    at = START + timedelta(seconds=line.t)
    if line.weight is not None:
        weight = Weight(
            line.weight, line.unit, line.stability, line.kind, remarks=frozenset(line.remarks), raw=b"story"
        )
        return [Stamped(line.device or "balanza", at, line.t, weight)]
    if line.scan is not None:
        scan = Scan(line.scan, raw=line.scan.encode())
        return [Stamped(line.device or "lector", at, line.t, scan)]
    if line.sighting is not None:
        visit = clerk.present or next(reversed(clerk.open), None)
        if visit is None:
            return [Tick(line.t)]
        picture = sha256(json.dumps([line.t, line.sighting.camera]).encode())
        sighting = line.sighting.sighting()
        return [Seen(at, line.t, visit.id, line.sighting.camera, "rear", picture, sighting)]
    if line.signal is not None:
        return [Stamped(line.device or "entradas", at, line.t, Signal(line.signal.name, line.signal.on))]
    if line.act is not None:
        act = line.act
        return [Act(at, line.t, act.person, act.role, act.deed, act.reason, act.field, act.value)]
    return [Tick(line.t)]


def _identity(numbers: Iterator[int]) -> str:
    """Identities of a story are counted, so that the same story tells the same, to the byte."""
    return f"00000000-0000-7000-8000-{next(numbers):012d}"
