"""Number plates of trucks and trailers (Ecuador, Colombia, Peru), read as container numbers are.

    A letter   P letter of an Ecuadorian province   X letter or digit   9 digit   cc, r … these letters

A plate has no check digit: three letters and four digits are soon found where none are. So a line must hold a
plate and nothing else, both recognisers must agree on it, and every character must be clear of the next one.
What the colours, the flag or the name of the country say is not looked at.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocr.detector import Detector
from ocr.picture import decode, jpeg, working_size
from ocr.quad import Quad, as_box, height, upright, width
from ocr.recogniser import Recogniser
from ocr.sighting import Box, Candidate, Status
from ocr.slots import ALPHABET, DIGIT, LETTER, Slots
from record.identifiers.plate import COUNTRIES, PROVINCE_LETTERS

if TYPE_CHECKING:
    from ocr.models import Models
    from ocr.quad import Picture

SPECIAL = ("cc", "cd", "oi", "at", "it")
"""Diplomatic and temporary plates of Ecuador."""
FORMS = {
    "EC": (
        "PAA9999",
        "PAA999",
        "PA999A",
        *(f"{kind}{digits}" for kind in SPECIAL for digits in ("999", "9999")),
    ),
    "CO": ("AAA999", "r99999", "s99999", "t9999"),
    "PE": ("AXX999",),
}
"""Forms of plates by country; what a form means stands in `record.identifiers.plate`."""
RARE = {"PA999A": 2.0, "t9999": 1.0, "AXX999": 1.0} | dict.fromkeys(FORMS["EC"][3:], 2.0)
"""What a form costs because trucks seldom bear it, in natural logarithms: an estimate."""

SIDE = 960
"""Pixels on the longer side at which plates are looked for: they are smaller than a container's number."""
ASPECT = (1.6, 9.0)
MOST_LINES = 12
SKIP = -6.0
ACCEPTED = (3.0, 2.0)
"""Cost and margin at which a plate is believed when the second recogniser agrees."""
ANNOUNCED = (6.0, 1.0)
"""The same for a plate that was announced, which the second recogniser need not see."""
LOOK_ALIKES = {"0": "O", "O": "0", "1": "I", "I": "1"}
ALIKE = 1.2
"""What a look-alike costs more than the character that was read."""
SHOWN = 10.0
"""Cost above which a reading is no candidate."""


@dataclass(frozen=True, slots=True)
class PlateSighting:
    """The plates of one picture.

    ``plate`` is the best accepted one, without hyphen; ``plates`` all accepted ones (tractor, trailer), best
    first. ``cost``, ``margin`` and ``candidates`` are as those of a container's sighting; ``boxes`` the lines
    of the accepted ones, else of the best; ``crop`` a JPEG of the best line.
    """

    plate: str | None
    plates: tuple[str, ...]
    status: Status
    cost: float | None
    margin: float | None
    candidates: tuple[Candidate, ...]
    boxes: tuple[Box, ...]
    crop: bytes | None = field(repr=False)
    cpu_ms: float

    @classmethod
    def empty(cls, status: Status, cpu_ms: float) -> PlateSighting:
        """A sighting without a plate."""
        return cls(None, (), status, None, None, (), (), None, cpu_ms)


@dataclass(frozen=True, eq=False, slots=True)
class _Line:
    """One line of text with the plates that it may hold, cheapest first."""

    image: Picture
    quad: Quad
    candidates: Sequence[Candidate]
    agreed: bool

    @property
    def cost(self) -> float:
        return self.candidates[0].cost

    @property
    def margin(self) -> float:
        return self.candidates[1].cost - self.cost if len(self.candidates) > 1 else SHOWN

    def accepted(self, expected: frozenset[str]) -> bool:
        announced = self.candidates[0].number in expected
        most, least = ANNOUNCED if announced else ACCEPTED
        return (self.agreed or announced) and self.cost <= most and self.margin >= least


class PlateReader:
    """Reads plates; a reader for the reading process. ``countries`` are those whose plates are expected."""

    def __init__(self, models: Models, countries: Sequence[str] = COUNTRIES) -> None:
        self._detector = Detector(models.fine_detector)
        self._first = Recogniser(models.recogniser)
        self._second = Recogniser(models.second_recogniser)
        self._forms = tuple(dict.fromkeys(form for country in countries for form in FORMS[country]))

    def read(self, data: bytes, expected: frozenset[str] = frozenset()) -> PlateSighting:
        """What a picture shows; never raises for what a camera sends. ``expected`` are announced plates."""
        began = time.process_time()
        picture = decode(data)
        if picture is None:
            return PlateSighting.empty(Status.UNREADABLE, _spent(began))
        picture, scale = working_size(picture)
        lines = [line for quad in self._quads(picture) if (line := self._line(picture, quad))]
        lines.sort(key=lambda line: (not line.accepted(expected), line.cost))
        if not lines:
            return PlateSighting.empty(Status.NOTHING, _spent(began))
        accepted = [line for line in lines if line.accepted(expected)]
        shown = accepted or lines[:1]
        plates = tuple(dict.fromkeys(line.candidates[0].number for line in accepted))
        return PlateSighting(
            plate=plates[0] if plates else None,
            plates=plates,
            status=Status.ACCEPTED if plates else Status.UNSURE,
            cost=round(shown[0].cost, 2),
            margin=round(shown[0].margin, 2),
            candidates=_cheapest(candidate for line in lines for candidate in line.candidates),
            boxes=tuple(as_box(line.quad, scale) for line in shown),
            crop=jpeg(shown[0].image),
            cpu_ms=_spent(began),
        )

    def _quads(self, picture: Picture) -> list[Quad]:
        """Boxes of a plate's shape, largest first: the nearest plate is the truck's."""
        quads = [
            q for q in self._detector.find(picture, SIDE) if ASPECT[0] <= width(q) / height(q) <= ASPECT[1]
        ]
        return sorted(quads, key=height, reverse=True)[:MOST_LINES]

    def _line(self, picture: Picture, quad: Quad) -> _Line | None:
        image = upright(picture, quad)
        found = candidates(self._first.read(image), self._forms)
        if not found or found[0].cost > SHOWN:
            return None
        second = candidates(self._second.read(image), self._forms) if found[0].cost <= ACCEPTED[0] else []
        agreed = bool(second) and second[0].number == found[0].number
        return _Line(image, quad, found, agreed)


def candidates(slots: Slots, forms: Iterable[str]) -> list[Candidate]:
    """Up to four plates that a line may hold, cheapest first: each form's best, and its neighbours by one
    character."""
    return list(_cheapest(c for form in forms for c in _of_form(slots, form)))


def _of_form(slots: Slots, form: str) -> list[Candidate]:
    classes = _classes(form)
    if len(slots) < len(classes):
        return []
    path = _alignment(slots, classes)
    if path is None:
        return []
    chosen, score = path
    best = [
        int(slots.marks[slot].take(allowed).argmax()) for slot, allowed in zip(chosen, classes, strict=True)
    ]
    characters = [ALPHABET[allowed[k]] for allowed, k in zip(classes, best, strict=True)]
    found = [Candidate("".join(characters), RARE.get(form, 0.0) - score)]
    for place, (slot, allowed) in enumerate(zip(chosen, classes, strict=True)):
        if len(allowed) == 1:
            continue
        marks = slots.marks[slot].take(allowed)
        other = int(np.argsort(marks)[-2])
        loss = float(marks.max() - marks[other])
        text = [*characters[:place], ALPHABET[allowed[other]], *characters[place + 1 :]]
        found.append(Candidate("".join(text), found[0].cost + loss))
    return [*found, *_look_alikes(found[0], form)]


def _look_alikes(best: Candidate, form: str) -> list[Candidate]:
    """Where letter and digit may both stand, O and 0 or I and 1 cannot be told apart by their shape."""
    return [
        Candidate(best.number[:place] + LOOK_ALIKES[character] + best.number[place + 1 :], best.cost + ALIKE)
        for place, (allowed, character) in enumerate(zip(form, best.number, strict=True))
        if allowed == "X" and character in LOOK_ALIKES
    ]


def _alignment(slots: Slots, classes: Sequence[NDArray[np.intp]]) -> tuple[list[int], float] | None:
    """The slot of each character with the best total, and that total; other slots are passed over at their
    price."""
    gains = np.stack([slots.marks[:, allowed].max(1) for allowed in classes], 1)
    skips = np.maximum(slots.blank, SKIP)
    count, length = gains.shape
    best = np.full((count + 1, length + 1), -np.inf)
    best[0, 0] = 0.0
    for i in range(count):
        best[i + 1] = best[i] + skips[i]
        best[i + 1, 1:] = np.maximum(best[i + 1, 1:], best[i, :-1] + gains[i])
    if not np.isfinite(best[count, length]):
        return None
    chosen, k = [], length
    for i in range(count, 0, -1):
        if k and best[i, k] == best[i - 1, k - 1] + gains[i - 1, k - 1]:
            chosen.append(i - 1)
            k -= 1
    return chosen[::-1], float(best[count, length])


@cache
def _classes(form: str) -> tuple[NDArray[np.intp], ...]:
    """The characters that each place of a form allows, as indices of `ALPHABET`."""
    province = np.array([ALPHABET.index(letter) for letter in sorted(PROVINCE_LETTERS)], np.intp)
    known = {"A": LETTER, "P": province, "X": np.arange(len(ALPHABET)), "9": DIGIT}
    return tuple(known.get(place, np.array([ALPHABET.find(place.upper())], np.intp)) for place in form)


def _cheapest(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    costs: dict[str, float] = {}
    for candidate in found:
        costs[candidate.number] = min(candidate.cost, costs.get(candidate.number, candidate.cost))
    ranked = sorted(costs, key=lambda number: (costs[number], number))[:4]
    return tuple(Candidate(number, round(costs[number], 2)) for number in ranked)


def _spent(began: float) -> float:
    return round((time.process_time() - began) * 1000, 1)
