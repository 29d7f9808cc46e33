"""How a day is written: its time, its chances, the weights of a passage, and what stands in the script so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from gateway.rehearsal.trucks import CHASSIS_KG, DIVISION_KG, OWNERS, TRACTOR_KG
from gateway.story.line import StoryLine
from record.identifiers import container

VEHICLE_KG = TRACTOR_KG + CHASSIS_KG
FRAME_S = 0.25
STAND_S = 8.0
"""Seconds that a truck stands on the scale."""

CHARACTERS = {"A": "ABCEGHJKLMNPT", "9": "0123456789"}
"""What stands for a letter and for a digit in the form of a plate."""

PAUSE_S = 120.0
"""Seconds without a truck while a lane turns to another kind of work."""

GAP_S = (6.0, 90.0)
"""Seconds between a truck's leaving and the next one's arrival."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One item of a draft: a container, or a load without one."""

    container: str | None
    weight_kg: int | None
    packages: int | None


@dataclass(frozen=True, slots=True)
class Expected:
    """One draft that must stand in the outbox at the end of the day, in its last revision.

    ``second`` is the other box of a truck with two; the one whose number comes first stands in the fields.
    """

    lane: str
    report: str
    dae: str | None
    container: str | None
    weight_kg: int | None
    packages: int | None
    complete: bool
    second: Piece | None = None
    procedure: str | None = None
    exit_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Inside:
    """A truck in the depot that leaves by a lane for exits: what it is, and when and where it came.

    ``plates`` are those of tractor and trailer; ``others`` what its draft says besides weight and status.
    """

    lane: str
    came: float
    dae: str
    plates: tuple[str, ...]
    ticket: str | None
    empty_kg: int
    cargo_kg: int
    others: dict[str, Any]


@dataclass(slots=True)
class Script:
    """A whole day. ``has_exits``: some trucks leave by another lane than they came by.

    ``turns``: the second at which a lane, by its number from 0, becomes what it is in the afternoon.
    """

    has_exits: bool = False
    lines: list[StoryLine] = field(default_factory=list)
    preadvice: list[dict[str, Any]] = field(default_factory=list)
    releases: list[dict[str, Any]] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    inside: list[Inside] = field(default_factory=list)
    plates: set[str] = field(default_factory=set)
    visits: int = 0
    turns: list[tuple[float, int]] = field(default_factory=list)


class Day:
    """One lane's day while it is written: its time, its chances, and what stands in the script so far.

    ``procedure`` is what the site's file says of the lane.
    """

    def __init__(self, rng: Random, made: Script, lane: str, year: int, number: int) -> None:
        self.rng, self.made, self.lane, self.year = rng, made, lane, year
        self.t = rng.uniform(10, 40)
        self.procedure: str | None = None
        self._serial = number * 1_000_000 + rng.randrange(1000)

    def say(self, after: float, **line: Any) -> None:
        """One line, so many seconds after the present truck's arrival."""
        self.made.lines.append(
            StoryLine.model_validate({"t": round(self.t + after, 3), "lane": self.lane, **line})
        )

    def dae(self) -> str:
        """A document that no other truck has."""
        self._serial += 1
        return f"028{self.year}40{self._serial % 10**8:08d}"

    def plate(self, form: str) -> str:
        """A plate that no other truck has; of ``form`` each *A* is a letter and each *9* a digit."""
        while True:
            made = "".join(self.rng.choice(CHARACTERS.get(each, each)) for each in form)
            if made not in self.made.plates:
                self.made.plates.add(made)
                return made

    def number(self) -> str:
        """A container number whose check digit is worth something."""
        while True:
            ten = self.rng.choice(OWNERS) + f"{self.rng.randrange(10**6):06d}"
            if container.remainder(ten) != 10:
                return f"{ten}{container.check_digit(ten)}"

    def passage(
        self,
        kg: Decimal,
        stand_s: float = STAND_S,
        still: bool = True,
        unit: int = DIVISION_KG,
        zero: int = 0,
    ) -> float:
        """Weights of a whole passage, on a scale that is off by ``zero``; returns the second of its end."""
        t = -1.0
        for share in (0, 0, 0, 0, 0.3, 0.6, 0.9):
            self.frame(t, kg * Decimal(str(share)) + zero, share == 0, unit)
            t += FRAME_S
        t = self.stand(t, kg + zero, stand_s, still, unit)
        for share in (0.6, 0.2, 0, 0, 0, 0):
            self.frame(t, kg * Decimal(str(share)) + zero, share == 0, unit)
            t += FRAME_S
        return t

    def stand(
        self, t: float, kg: Decimal, stand_s: float, still: bool = True, unit: int = DIVISION_KG
    ) -> float:
        """Weights of something that stands there for a while; returns the second after it."""
        until = t + stand_s
        while t < until:
            self.frame(t, kg, still, unit)
            t += FRAME_S
        return t

    def roll(self, t: float, *weights: float | Decimal) -> float:
        """Weights of trucks that move; returns the second after them."""
        for kg in weights:
            self.frame(t, Decimal(kg), not kg, DIVISION_KG)
            t += FRAME_S
        return t

    def frame(self, t: float, kg: Decimal, still: bool, unit: int) -> None:
        """One frame of the scale, in its division (tenths of a kilogram where ``unit`` is 0)."""
        value = (kg / unit).quantize(Decimal(1)) * unit if unit else kg.quantize(Decimal("0.1"))
        self.say(t, weight=str(value), stability="stable" if still else "moving")

    def leave(self, t: float) -> None:
        """The truck is off; somewhat later the next one comes."""
        self.made.visits += 1
        self.t += t + self.rng.uniform(*GAP_S)
        self.say(-0.5)

    def pause(self) -> float:
        """No truck for a while; returns a second in the middle of it."""
        moment = self.t + PAUSE_S / 2
        self.say(PAUSE_S / 2)
        self.t += PAUSE_S
        self.say(-0.5)
        return moment

    def announce(self, dae: str, **cargo: Any) -> None:
        """Put an announcement into the depot's list."""
        containers = cargo.pop("containers", [])
        top: dict[str, Any] = {name: cargo.pop(name) for name in ("shares", "procedure") if name in cargo}
        keys = {"document": {"type": "DAE", "number": dae}, "containers": containers}
        self.made.preadvice.append({"id": f"aviso-{dae}", "keys": keys, "cargo": cargo, **top})

    def release(self, box_dae: str, reason: str, **keys: Any) -> None:
        """Let a cargo leave."""
        self.made.releases.append({"id": f"rads-{box_dae}", "reason": reason, "keys": keys})

    def expect(self, **draft: Any) -> None:
        """Write down a draft that must come out."""
        usual: dict[str, Any] = {"report": "IIE", "container": None, "weight_kg": None, "packages": None}
        self.made.expected.append(Expected(**{"lane": self.lane, **usual, **draft}))
