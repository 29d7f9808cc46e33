"""A truck with one container in a day's script: what it carries, how it is seen, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.rehearsal.trucks import BOX_KG, CARGO, DIVISION_KG
from gateway.rehearsal.writing import VEHICLE_KG, Day
from record.identifiers import access_key, container

CLEAR, ANNOUNCED_LEAN, UNSURE, BLIND, MISREAD = 0.90, 0.03, 0.03, 0.035, 0.005
"""How a truck's container is seen: shares near what the reader does on photographs of real doors.

A misreading is far more frequent here than measured (none in 184 accepted numbers), so that a day has some.
"""

LOOK_ALIKE = {"M": "W", "G": "Q", "H": "R", "E": "O", "C": "W", "S": "I", "T": "J"}
"""Letters with the same remainder in ISO 6346: the check digit does not tell them apart."""


@dataclass(frozen=True, slots=True)
class Box:
    """A truck with one container, as it really is."""

    dae: str
    number: str
    type_code: str
    cargo_kg: int
    description: str
    packages: int
    packaging: str

    @property
    def gross_kg(self) -> Decimal:
        """What the scale shows of truck, box and cargo."""
        return Decimal(VEHICLE_KG + BOX_KG[self.type_code] + self.cargo_kg)


def a_box(day: Day) -> Box:
    """A box with a document and a number that no other has."""
    rng = day.rng
    type_code = rng.choice(sorted(BOX_KG))
    empty = VEHICLE_KG + BOX_KG[type_code]
    gross = rng.randrange(26000, 46000) // DIVISION_KG * DIVISION_KG
    return Box(day.dae(), day.number(), type_code, gross - empty, *rng.choice(CARGO))


def announce_box(day: Day, box: Box, **other: Any) -> None:
    """Announce a box as it is, but for what ``other`` says."""
    cargo = {
        "description": box.description,
        "packages": box.packages,
        "packaging": box.packaging,
        "weight_kg": str(box.cargo_kg),
        "containers": [box.number],
    }
    day.announce(box.dae, **{**cargo, **other})


def see(day: Day, box: Box, announced: bool) -> str:
    """What two cameras see of a truck; returns how: clear, lean, unsure, blind or misread."""
    how = day.rng.choices(
        ("clear", "lean", "unsure", "blind", "misread"), (CLEAR, ANNOUNCED_LEAN, UNSURE, BLIND, MISREAD)
    )[0]
    if how == "misread" and not _misread(box.number):
        how = "clear"
    right = {"number": box.number, "type_code": box.type_code, "cost": 0.4, "margin": 7.0}
    match how:
        case "clear":
            day.say(3.4, sighting={"camera": "trasera", **right})
            if day.rng.random() < 0.5:
                day.say(4.3, sighting={"camera": "lateral", **right})
        case "lean":
            guess = {
                "candidates": [[box.number, 3.0]],
                "cost": 3.0,
                "margin": 4.0,
                "type_code": box.type_code,
            }
            day.say(3.4, sighting={"camera": "trasera", **guess})
        case "unsure":
            other = day.number()
            guess = {"candidates": [[other, 9.0], [day.number(), 9.3]], "cost": 9.0, "margin": 0.3}
            day.say(3.4, sighting={"camera": "trasera", **guess})
        case "blind":
            day.say(3.4, sighting={"camera": "trasera"})
        case "misread":
            wrong = {"number": _misread(box.number), "type_code": box.type_code, "cost": 0.9, "margin": 4.0}
            day.say(3.4, sighting={"camera": "trasera", **wrong})
            day.say(4.3, sighting={"camera": "lateral", **right})
    if how == "lean" and not announced:
        return "unsure"
    if how == "misread" and announced:
        return "outvoted"
    return how


def _misread(number: str) -> str | None:
    """The same number with one letter taken for another that its check digit cannot tell from it."""
    for place in range(3):
        other = LOOK_ALIKE.get(number[place])
        changed = f"{number[:place]}{other}{number[place + 1 :]}"
        if other and container.check_digit(changed[:10]) == int(changed[10]):
            return changed
    return None


def papers(day: Day, box: Box, at: float = 5.0) -> None:
    """The box's document is scanned, and now and then the guía de remisión after it."""
    written = f"{box.dae[:3]}-{box.dae[3:7]}-{box.dae[7:9]}-{box.dae[9:]}"
    day.say(at, scan=day.rng.choice((box.dae, written)), device="lector")
    if day.rng.random() < 0.5:
        day.say(at + 0.3, scan=_guide(day), device="lector")


def _guide(day: Day) -> str:
    rng = day.rng
    date = f"{rng.randrange(1, 29):02d}{rng.randrange(1, 13):02d}{day.year}"
    first = f"{date}06179008578300120010010{rng.randrange(10**8):08d}{rng.randrange(10**8):08d}1"
    return f"{first}{access_key.check_digit(first)}"


def draft_of(day: Day, box: Box, how: str, announced: bool, **other: Any) -> None:
    """What must come of one container that was seen so: without its number no tare, so no weight."""
    known = how in ("clear", "outvoted") or (how == "lean" and announced)
    day.expect(
        **{
            "dae": box.dae,
            "container": box.number if known else None,
            "weight_kg": box.cargo_kg if known else None,
            "packages": box.packages if announced else None,
            "complete": known and announced,
            **other,
        }
    )
