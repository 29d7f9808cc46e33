"""Strips of text cut from a picture, and the ways to put them together to one number."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np

from ocr.decode import bound
from ocr.quad import Picture, Quad, direction, height, width
from ocr.slots import Floats, Slots, joined


class Kind(StrEnum):
    """How a strip's text runs on the container."""

    LINE = "line"
    STACKED = "stacked"
    TURNED = "turned"


@dataclass(eq=False, slots=True)
class Strip:
    """An upright line and the quad that it was cut from, in pixels of the picture that is read."""

    image: Picture
    quad: Quad
    kind: Kind = Kind.LINE
    _first: Slots | None = field(default=None, init=False)
    _second: Slots | None = field(default=None, init=False)

    @classmethod
    def read_as(cls, one: "Strip", first: Slots, second: Slots) -> "Strip":
        """A strip at the place of `one` that both recognisers are taken to read so."""
        strip = cls(one.image, one.quad, one.kind)
        strip._first, strip._second = first, second
        return strip

    def first(self, eyes: "Eyes") -> Slots:
        """The first recogniser's reading, made once."""
        if self._first is None:
            self._first = eyes.first.read(self.image)
        return self._first

    def second(self, eyes: "Eyes") -> Slots:
        """The second recogniser's reading, made once."""
        if self._second is None:
            self._second = eyes.second.read(self.image)
        return self._second


class LineReader(Protocol):
    """Something that reads one upright line of text."""

    def read(self, line: Picture) -> Slots:
        """The line's characters."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """Two readers of lines that learned apart: they seldom make the same mistake."""

    first: LineReader
    second: LineReader


@dataclass(frozen=True, eq=False, slots=True)
class Assembly:
    """Strips that may hold one number, in reading order; `penalty` is what an unlikely arrangement costs."""

    strips: tuple[Strip, ...]
    penalty: float = 0.0

    @property
    def kind(self) -> Kind:
        """How the text runs."""
        return self.strips[0].kind

    @property
    def size(self) -> float:
        """Pixels of its largest text, across the way it runs: the larger, the nearer."""
        return max(min(width(strip.quad), height(strip.quad)) for strip in self.strips)

    def first(self, eyes: Eyes) -> Slots:
        """All strips as the first recogniser reads them."""
        return joined([strip.first(eyes) for strip in self.strips])

    def second(self, eyes: Eyes) -> Slots:
        """All strips as the second recogniser reads them."""
        return joined([strip.second(eyes) for strip in self.strips])

    def places(self, eyes: Eyes) -> Floats:
        """Where each of the first recogniser's slots lies along the text, in pixels; empty when not known."""
        parts = [strip.first(eyes).places for strip in self.strips]
        if len(parts) == 1:
            strip = self.strips[0]
            length = width(strip.quad) if strip.kind is Kind.LINE else float(strip.image.shape[1])
            return np.asarray(parts[0] * length, np.float32)
        along = direction(self.strips[0].quad)
        return np.concatenate(
            [
                float(strip.quad[0] @ along) + part * width(strip.quad)
                for strip, part in zip(self.strips, parts, strict=True)
            ]
        )

    def hope(self, eyes: Eyes) -> float:
        """The best score that a number could have here."""
        return bound(self.first(eyes)) - self.penalty
