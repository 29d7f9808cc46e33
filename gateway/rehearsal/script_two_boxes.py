"""A truck of a day with two boxes of twenty feet under one document: each has what was announced for it alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.rehearsal.trucks import BOX_KG, CARGO, DIVISION_KG
from gateway.rehearsal.writing import VEHICLE_KG, Day, Piece

TYPE = "22G1"


def two_with_shares(day: Day) -> None:
    """What was announced for each box is what the scale says of both."""
    _two(day, shares=True)


def two_without_shares(day: Day) -> None:
    """Nobody told what is in which box."""
    _two(day, shares=False)


def two_against_the_scale(day: Day) -> None:
    """The scale shows far less than was announced for both boxes together."""
    _two(day, shares=True, lacking_kg=day.rng.randrange(3000, 6000) // DIVISION_KG * DIVISION_KG)


def _two(day: Day, shares: bool, lacking_kg: int = 0) -> None:
    rng, dae = day.rng, day.dae()
    description, packages, packaging = rng.choice(CARGO)
    cargo = [rng.randrange(8000, 14000) // DIVISION_KG * DIVISION_KG for _ in range(2)]
    pieces = [Piece(number, kg, packages) for number, kg in zip(_unlike(day), cargo, strict=True)]
    told: dict[str, Any] = {"shares": [_share(each, description, packaging) for each in pieces]}
    day.announce(
        dae,
        description=description,
        packages=2 * packages,
        packaging=packaging,
        weight_kg=str(sum(cargo)),
        containers=[each.container for each in pieces],
        **(told if shares else {}),
    )
    day.say(5.0, scan=dae, device="lector")
    seen = {"camera": "lateral", "numbers": [each.container for each in pieces]}
    day.say(3.4, sighting=seen)
    gross = VEHICLE_KG + 2 * BOX_KG[TYPE] + sum(cargo) - lacking_kg
    day.leave(day.passage(Decimal(gross)))
    first, second = sorted(pieces, key=lambda piece: piece.container or "")
    if not shares:
        first, second = Piece(first.container, None, None), Piece(second.container, None, None)
    day.expect(
        dae=dae,
        container=first.container,
        weight_kg=first.weight_kg,
        packages=first.packages,
        second=second,
        complete=shares and not lacking_kg,
    )


def _unlike(day: Day) -> tuple[str, str]:
    """Two numbers that nobody takes for one: they differ in more than half of their places."""
    one = day.number()
    while True:
        other = day.number()
        if sum(a != b for a, b in zip(one, other, strict=True)) > 6:
            return one, other


def _share(piece: Piece, description: str, packaging: str) -> dict[str, Any]:
    cargo = {
        "description": description,
        "packages": piece.packages,
        "packaging": packaging,
        "size_type": TYPE,
        "weight_kg": str(piece.weight_kg),
    }
    return {"container": piece.container, "cargo": cargo}
