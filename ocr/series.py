"""The pictures that one camera took of one truck, read together: what each of them hides another may show.

    picture 1   MSKU 41▮532 9      unsure      a post, a rod or blur hides another character in each
    picture 2   MSKU 413532 ▮      partial
    together    MSKU 413532 9      accepted, by the rule for one picture and a stricter one for places

Only pictures of which none was accepted by itself are put together. The rule is that of a single picture, with
every picture's own numbers as rivals, and further: each of the number's characters must have been seen, and the
digits of its serial must stand at a regular distance, so that the rim of a post in one picture is never taken for
the digit that it hides in all.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from ocr.decode import Decoder, pattern
from ocr.ledger import Entry, Ledger
from ocr.quad import Vector, direction, height, normal, width
from ocr.sequence import Line, together
from ocr.slots import Floats, Slots
from ocr.strip import Assembly, Eyes, Kind, Strip
from ocr.verdict import Verdict, is_even, is_whole, judge

MOST_SERIES = 8
"""Cameras and trucks that are remembered at one time."""
MOST_PICTURES = 4
"""Pictures of one truck that are remembered, the newest."""
KEPT = 3
"""Readings of each picture that are kept."""
MOST_LAID = 4
"""Ways to lay one more picture over a reading that are tried."""
LIKELY = -14.0
"""Score, with holes, below which a line holds no number."""
PENALTY = 0.3
"""What it costs that a number was never seen whole."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A number that several pictures show together, standing where the newest of them shows it."""

    verdict: Verdict
    ledger: Ledger
    pictures: int


@dataclass
class Series:
    """Remembers what was read of the newest trucks. It lives where pictures are read, and dies with it."""

    decoder: Decoder
    eyes: Eyes
    _frames: OrderedDict[str, list[list[Assembly]]] = field(default_factory=OrderedDict)

    def join(self, key: str, ledger: Ledger, expected: frozenset[str]) -> Joined | None:
        """Add a picture that was not accepted to the series `key`; the number that it now shows, if any."""
        earlier = self._frames.setdefault(key, [])
        self._frames.move_to_end(key)
        while len(self._frames) > MOST_SERIES:
            self._frames.popitem(last=False)
        frame = self._likely(ledger)
        if not frame:
            return None
        joined = self._joined(frame, earlier, expected) if earlier else None
        earlier.append(frame)
        del earlier[:-MOST_PICTURES]
        return joined

    def _likely(self, ledger: Ledger) -> list[Assembly]:
        """The lines of a picture that look most like a number with holes."""
        scored = [
            (pattern(assembly.first(self.eyes)) - assembly.penalty, assembly) for assembly in ledger.offered
        ]
        scored.sort(key=lambda pair: pair[0], reverse=True)
        return [assembly for score, assembly in scored[:KEPT] if score > LIKELY]

    def _joined(
        self, frame: list[Assembly], earlier: list[list[Assembly]], expected: frozenset[str]
    ) -> Joined | None:
        ledger = Ledger(self.decoder, self.eyes)
        for assembly in (*frame, *(one for each in earlier for one in each)):
            ledger.offer(assembly)
        laid: dict[Assembly, tuple[Assembly, int]] = {}
        for newest in frame:
            for both, pictures in self._laid_over(newest, earlier):
                laid[both] = newest, pictures
                if self._is_even(both):
                    ledger.offer(both)
        verdicts = judge(ledger, expected)
        if not verdicts or not verdicts[0].accepted:
            return None
        verdict = verdicts[0]
        carrier = ledger.entries[verdict.number].assembly
        if carrier not in laid or not is_whole(verdict.number, carrier, ledger):
            return None
        newest, pictures = laid[carrier]
        ledger.entries[verdict.number] = Entry(verdict.cost, newest)
        return Joined(verdict, ledger, pictures)

    def _is_even(self, laid: Assembly) -> bool:
        """Whether what was laid over each other has a number whose digits stand evenly: else it was laid askew."""
        candidates = self.decoder.candidates(laid.first(self.eyes))
        return bool(candidates) and is_even(candidates[0].number, laid, self.eyes)

    def _laid_over(self, newest: Assembly, earlier: list[list[Assembly]]) -> list[tuple[Assembly, int]]:
        """A reading of the newest picture with those of one, two … earlier ones laid over it, several of each."""
        layers, found = [(_lines(newest, self.eyes), 1)], []
        for frame in reversed(earlier):
            others = [_lines(other, self.eyes) for other in frame]
            pairs = ((together(lines, other), count + 1) for lines, count in layers for other in others)
            more = [(both, count) for both, count in pairs if both is not None][:MOST_LAID]
            found += more
            layers = more or layers
        return [(_assembly(newest, both), count) for both, count in found]


def _lines(assembly: Assembly, eyes: Eyes) -> list[Line]:
    """An assembly's strips by the lines of text in which they stand, with places in pixels along each."""
    lines: list[list[Strip]] = []
    for strip in assembly.strips:
        if lines and _is_level(lines[-1][-1], strip):
            lines[-1].append(strip)
        else:
            lines.append([strip])
    return [
        Line(
            _placed(strips, [s.first(eyes) for s in strips]),
            _placed(strips, [s.second(eyes) for s in strips]),
        )
        for strips in lines
    ]


def _is_level(one: Strip, other: Strip) -> bool:
    across = normal(direction(one.quad))
    return abs(float((one.quad.mean(0) - other.quad.mean(0)) @ across)) < 0.5 * height(one.quad)


def _placed(strips: list[Strip], parts: list[Slots]) -> Slots:
    """Slots of one line from left to right."""
    along = direction(strips[0].quad)
    places = [_along(strip, part, along) for strip, part in zip(strips, parts, strict=True)]
    return Slots(
        np.concatenate([part.marks for part in parts]),
        np.concatenate([part.blank for part in parts]),
        np.concatenate(places).astype(np.float32),
    )


def _along(strip: Strip, part: Slots, along: Vector) -> Floats:
    if strip.kind is not Kind.LINE:
        return np.asarray(part.places * strip.image.shape[1], np.float32)
    return np.asarray(float(strip.quad[0] @ along) + part.places * width(strip.quad), np.float32)


def _assembly(newest: Assembly, lines: list[Line]) -> Assembly:
    """The lines as something that can be decoded and judged, standing where the newest picture shows it."""
    strip = newest.strips[0]
    first = _whole([line.first for line in lines], strip)
    second = _whole([line.second for line in lines], strip)
    return Assembly((Strip.read_as(strip, first, second),), newest.penalty + PENALTY)


def _whole(lines: list[Slots], strip: Strip) -> Slots:
    """All lines as one row; places as shares of the strip's picture, as a recogniser gives them."""
    places = np.concatenate([line.places for line in lines]) / np.float32(strip.image.shape[1])
    return Slots(
        np.concatenate([line.marks for line in lines]),
        np.concatenate([line.blank for line in lines]),
        places.astype(np.float32),
    )
