"""A line of a story: one thing that a lane heard, as a person writes it.

    {"t": 0.0, "weight": "14320", "stability": "moving"}
    {"t": 3.0, "scan": "028-2026-40-00123456", "device": "lector"}
    {"t": 4.5, "sighting": {"camera": "trasera", "number": "CSQU3054383", "type_code": "22G1", "cost": 0.4}}
    {"t": 5.0, "plate": {"camera": "frontal", "plate": "GBA1234", "part": "tractor"}}
    {"t": 6.0, "signal": {"name": "lazo", "on": true}}
    {"t": 7.0, "act": {"person": "J. Mora", "field": "/items/0/container", "value": "…", "reason": "…"}}
    {"t": 9.0}

``t`` is seconds from the story's start, ``lane`` names one of several lanes. Empty lines and lines that begin
with ``#`` are for the reader. A file of such lines is read by `gateway.story.book`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from drivers.readings import Kind, Remark, Stability, Unit
from gateway.clerk.act import Deed
from gateway.site.camera import VehiclePart
from ocr.sighting import Candidate, Sighting, Status
from record.identifiers import container
from record.identifiers.folding import fold
from record.yamlfile import fault

LONGEST_S = 366 * 86_400
"""Seconds that a story may last: a year."""

PLATE = re.compile(r"[A-Z0-9]{4,8}")


def _whole(written: str) -> str:
    """A number as a reader gives it: a container's, with its check digit right."""
    number = container.parse(written)
    if not number:
        raise fault("story.not_read", number=written)
    return number.normal


def _painted(written: str) -> str:
    """A number that a reader saw and refused: a container's, but for its check digit."""
    number = fold(written).compact
    if container.SHAPE.fullmatch(number) is None or container.parse(number):
        raise fault("story.not_invalid", number=written)
    return number


def _plate(written: str) -> str:
    plate = fold(written).compact
    if PLATE.fullmatch(plate) is None:
        raise fault("story.not_plate", plate=written)
    return plate


Number = Annotated[str, AfterValidator(_whole)]
Cost = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Label = Annotated[str, Field(min_length=1, max_length=64)]
Kilograms = Annotated[
    Decimal, Field(ge=-1_000_000_000, le=1_000_000_000, allow_inf_nan=False, decimal_places=6)
]
"""What an indicator shows, in whatever unit it shows."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SightingLine(_Line):
    """What a reader saw; ``number`` alone means that it was accepted."""

    camera: Label
    number: Number | None = None
    numbers: tuple[Number, ...] = ()
    type_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{4}$")] | None = None
    cost: Cost = 0.5
    margin: Cost = 6.0
    candidates: tuple[tuple[Number, Cost], ...] = ()
    invalid: Annotated[str, AfterValidator(_painted)] | None = Field(
        default=None, description="a number whose check digit does not hold"
    )

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

    camera: Label
    plate: Annotated[str, AfterValidator(_plate)]
    part: VehiclePart | None = None
    cost: Cost = 0.5


class SignalLine(_Line):
    """An input that changed."""

    name: Label
    on: bool


class ActLine(_Line):
    """What a person does."""

    person: str
    role: str = "guard"
    deed: Deed = Deed.ENTER
    field: str = ""
    value: Any = None
    reason: str = ""
    insist: bool = False


class StoryLine(_Line):
    """One line: at most one of weight, scan, sighting, plate, signal, act; none means that time passes."""

    t: Annotated[float, Field(ge=0, le=LONGEST_S, allow_inf_nan=False)]
    lane: str | None = None
    device: Label | None = None
    weight: Kilograms | None = None
    unit: Unit = Unit.KG
    stability: Stability = Stability.STABLE
    kind: Kind = Kind.GROSS
    remarks: tuple[Remark, ...] = ()
    scan: str | None = None
    sighting: SightingLine | None = None
    plate: PlateLine | None = None
    signal: SignalLine | None = None
    act: ActLine | None = None

    @model_validator(mode="after")
    def _tells_one_thing(self) -> Self:
        told = [name for name in THINGS if getattr(self, name) is not None]
        if len(told) > 1:
            raise fault("story.two_things", at=(told[1],), things=", ".join(told))
        beside = [name for name in OF_WEIGHT if name in self.model_fields_set]
        if beside and self.weight is None:
            raise fault("story.no_weight", at=(beside[0],), name=beside[0])
        if "device" in self.model_fields_set and not set(told) & OF_DEVICES:
            raise fault("story.no_device", at=("device",))
        return self


THINGS = ("weight", "scan", "sighting", "plate", "signal", "act")
OF_WEIGHT = ("unit", "stability", "kind", "remarks")
OF_DEVICES = frozenset({"weight", "scan", "signal"})
