"""Trucks for a rehearsal: what they carry, what announces them, and what a right gate must make of them.

The expected weight is what was loaded, from which the gross weight follows; nothing of the gate's own
arithmetic takes part in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from gateway.rehearsal.photos import Photo
from record.identifiers import access_key, container

TRACTOR_KG = 7800
CHASSIS_KG = 5600
BOX_KG = {"22G1": 2280, "42G1": 3740, "45G1": 3900, "45R1": 4580, "22R1": 2900}
"""Tares that the rehearsal's site has stored; plausible ones, of no real vehicle."""

DIVISION_KG = 20
OWNERS = ("MSCU", "MAEU", "TCLU", "HLXU", "CMAU", "TRHU", "GESU", "SUDU", "TEMU", "CAIU")
CARGO = (
    ("BANANO FRESCO", 1080, "035"),
    ("CAMARON CONGELADO", 1200, "051"),
    ("CACAO EN GRANO", 320, "104"),
    ("ATUN EN CONSERVA", 1450, "051"),
    ("BALSA EN BLOQUES", 410, "141"),
)


@dataclass(frozen=True, slots=True)
class Truck:
    """One truck: its load as it really is. ``announced`` says whether the depot was told of it.

    Cameras see a rendered door, by ``seed``, or a real photograph of this container.
    """

    dae: str
    access_key: str
    container: str
    type_code: str
    cargo_kg: int
    description: str
    packages: int
    packaging: str
    announced: bool
    seed: int
    photo: Path | None = None

    @property
    def gross_kg(self) -> Decimal:
        """What the scale shows with everything on it."""
        return Decimal(TRACTOR_KG + CHASSIS_KG + BOX_KG[self.type_code] + self.cargo_kg)

    @property
    def complete(self) -> bool:
        """Whether a gate can know everything that a report needs."""
        return self.announced

    def expected(self) -> dict[str, Any]:
        """What must stand in the registry."""
        return {
            "dae": self.dae,
            "container": self.container,
            "weight_kg": self.cargo_kg,
            "status": "complete" if self.complete else "incomplete",
        }

    def preadvice(self) -> dict[str, Any]:
        """The announcement of this truck, in the form of the site's pre-advice file."""
        return {
            "id": f"aviso-{self.dae[-8:]}",
            "keys": {"document": {"type": "DAE", "number": self.dae}, "containers": [self.container]},
            "cargo": {
                "description": self.description,
                "packages": self.packages,
                "packaging": self.packaging,
                "weight_kg": str(self.cargo_kg),
                "box_tare_kg": str(BOX_KG[self.type_code]),
            },
        }


def trucks(count: int, seed: int, year: int, pictures: Sequence[Photo] = ()) -> list[Truck]:
    """So many different trucks; the same seed and photographs give the same ones.

    Every third is not announced. The second of every three carries a photographed container, while there are
    photographs that no truck had yet.
    """
    rng = Random(seed)  # noqa: S311 - a rehearsal, no secret
    left = rng.sample(list(pictures), len(pictures))
    cast: dict[str, Truck] = {}
    while len(cast) < count:
        index = len(cast)
        photo = left[-1] if left and index % 3 == 1 else None
        truck = _truck(rng, year, announced=index % 3 != 2, photo=photo)
        if cast.setdefault(truck.dae, truck) is truck and photo:
            left.pop()
    return list(cast.values())


def _truck(rng: Random, year: int, announced: bool, photo: Photo | None) -> Truck:
    number = _number(rng)
    type_code = rng.choice(sorted(BOX_KG))
    if photo is not None:
        number, type_code = photo.number, photo.type_code
    tares = TRACTOR_KG + CHASSIS_KG + BOX_KG[type_code]
    gross = rng.randrange(26000, 46000) // DIVISION_KG * DIVISION_KG
    description, packages, packaging = rng.choice(CARGO)
    return Truck(
        dae=f"028{year}40{rng.randrange(1, 10**8):08d}",
        access_key=_access_key(rng, year),
        container=number,
        type_code=type_code,
        cargo_kg=gross - tares,
        description=description,
        packages=packages,
        packaging=packaging,
        announced=announced,
        seed=rng.randrange(10**6),
        photo=photo.path if photo else None,
    )


def _number(rng: Random) -> str:
    """A container number whose check digit is worth something: remainder 10 is left out."""
    ten = rng.choice(OWNERS) + f"{rng.randrange(10**6):06d}"
    while container.remainder(ten) == 10:
        ten = ten[:4] + f"{rng.randrange(10**6):06d}"
    return f"{ten}{container.check_digit(ten)}"


def _access_key(rng: Random, year: int) -> str:
    """The access key of a guía de remisión (06) in the test environment (1), of no real company."""
    day = f"{rng.randrange(1, 29):02d}{rng.randrange(1, 13):02d}{year}"
    first = f"{day}06179008578300110010010{rng.randrange(10**8):08d}{rng.randrange(10**8):08d}1"
    return f"{first}{access_key.check_digit(first)}"
