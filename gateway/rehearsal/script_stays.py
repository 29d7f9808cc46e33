"""Trucks of a day that are weighed as they come and as they leave: loose cargo, loads at a land border, containers
that are lifted off in the yard. They leave by their own lane or by one for exits; some are still inside in the
evening.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from gateway.rehearsal.script_box import Box, announce_box, papers
from gateway.rehearsal.trucks import BOX_KG, CARGO, DIVISION_KG
from gateway.rehearsal.writing import Day, Expected, Inside

ANOTHER_LANE = 0.4
"""Share of trucks that leave by a lane for exits, where there is one."""

MOST_INSIDE = 6
"""Trucks that wait for one lane to leave by; more make the next one leave."""

FOREIGN = (("AAA999", "R99999"), ("AAA999", "S99999"), ("A9A999", "A9A999"))
"""Forms of the plates of tractor and trailer: Colombia twice, and Peru."""


def loose(day: Day, count: int) -> None:
    """Loose cargo of the country."""
    _in_and_out(day, count, _brings_sacks)


def border(day: Day, count: int) -> None:
    """A depot at a land border: trucks of three countries, each with the procedure that it was announced with."""
    _in_and_out(day, count, _from_abroad)


def boxes_that_stay(day: Day, count: int) -> None:
    """Containers that are lifted off in the yard; the empty truck is weighed on a lane for exits."""
    for _ in range(count):
        day.made.inside.append(_brings_a_box(day))


def still_inside(truck: Inside) -> Expected:
    """What stands there of a truck that has not left: a draft without its weight."""
    usual: dict[str, Any] = {"lane": truck.lane, "report": "IIE", "dae": truck.dae, "container": None}
    return Expected(**{**usual, **truck.others, "weight_kg": None, "complete": False})


def comes_out(day: Day, truck: Inside) -> None:
    """A truck is weighed as it leaves, most often empty, and what else can be seen or scanned then."""
    how = day.rng.choices(("empty", "loaded", "paper", "container", "zero"), (72, 10, 7, 6, 5))[0]
    day.say(4.0, scan=day.rng.choice([truck.plates[0], truck.ticket or truck.plates[0]]), device="lector")
    kept, zero = (truck.cargo_kg - 40, 0) if how == "loaded" else (0, 300 if how == "zero" else 0)
    if how == "paper":
        day.say(4.5, scan=day.dae(), device="lector")
    if how == "container":
        day.say(4.5, sighting={"camera": "trasera", "number": day.number(), "type_code": "22G1"})
    day.leave(day.passage(Decimal(truck.empty_kg + kept), zero=zero))
    net = truck.cargo_kg - kept - zero
    day.expect(
        **{
            "lane": truck.lane,
            "dae": truck.dae,
            **truck.others,
            "weight_kg": net,
            "complete": how == "empty" and truck.others["packages"] is not None,
        }
    )


def _in_and_out(day: Day, count: int, comes_in: Callable[[Day], Inside]) -> None:
    waiting: list[Inside] = []
    for left in range(count, 0, -1):
        leaves = len(waiting) > MOST_INSIDE or day.rng.random() < 0.5 or left == 1
        if waiting and leaves:
            comes_out(day, waiting.pop(day.rng.randrange(len(waiting))))
            continue
        truck = comes_in(day)
        by_another = day.made.has_exits and day.rng.random() < ANOTHER_LANE
        (day.made.inside if by_another else waiting).append(truck)
    day.made.inside += waiting


def _brings_sacks(day: Day) -> Inside:
    packages = day.rng.randrange(50, 900)
    return _brings_a_load(day, (day.plate("GAA9999"),), {"packages": packages, "procedure": day.procedure})


def _from_abroad(day: Day) -> Inside:
    """Foreign plates of tractor and trailer, and now and then the papers of the transport."""
    rng = day.rng
    forms = rng.choice([*FOREIGN, ("CAA9999",)])
    plates = tuple(day.plate(form) for form in forms)
    for name, at in (("MIC", 5.4), ("CPI", 5.7)):
        if rng.random() < 0.5:
            day.say(at, scan=f"{name}/EC-{day.year}-{rng.randrange(10**6):06d}", device="lector")
    announced = rng.random() < 0.85
    procedure = rng.choice(("TI", "TE", "TC")) if announced else day.procedure
    packages = rng.randrange(50, 900) if announced else None
    return _brings_a_load(day, plates, {"packages": packages, "procedure": procedure})


def _brings_a_load(day: Day, plates: tuple[str, ...], others: dict[str, Any]) -> Inside:
    rng = day.rng
    empty = rng.randrange(9000, 15000) // DIVISION_KG * DIVISION_KG
    cargo = rng.randrange(6000, 25000) // DIVISION_KG * DIVISION_KG
    truck = Inside(day.lane, day.t, day.dae(), plates, _ticket(day), empty, cargo, others)
    if others["packages"] is not None:
        weight = {"weight_kg": str(cargo)} if rng.random() < 0.5 else {}
        told = {name: value for name, value in others.items() if value is not None}
        day.announce(truck.dae, description="SACOS", packaging="104", **weight, **told)
    _scanned(day, truck)
    day.say(5.0, scan=truck.dae, device="lector")
    day.leave(day.passage(Decimal(empty + cargo)))
    return truck


def _brings_a_box(day: Day) -> Inside:
    """A box on a truck of any weight: what the truck weighs is known when it leaves."""
    rng = day.rng
    empty = rng.randrange(11000, 15000) // DIVISION_KG * DIVISION_KG
    cargo = rng.randrange(10000, 26000) // DIVISION_KG * DIVISION_KG
    box = Box(day.dae(), day.number(), rng.choice(sorted(BOX_KG)), cargo, *rng.choice(CARGO))
    announce_box(day, box, size_type=box.type_code)
    others = {"container": box.number, "packages": box.packages}
    box_kg = BOX_KG[box.type_code]
    truck = Inside(day.lane, day.t, box.dae, (day.plate("GAA9999"),), _ticket(day), empty, cargo, others)
    _scanned(day, truck)
    papers(day, box)
    day.say(3.4, sighting={"camera": "trasera", "number": box.number, "type_code": box.type_code})
    day.leave(day.passage(Decimal(empty + box_kg + cargo)))
    return truck


def _ticket(day: Day) -> str | None:
    """The gate's own ticket, which every second truck gets."""
    return f"TKT{day.dae()[-8:]}" if day.rng.random() < 0.5 else None


def _scanned(day: Day, truck: Inside) -> None:
    for place, plate in enumerate(truck.plates):
        day.say(4.0 + 0.2 * place, scan=plate, device="lector")
    if truck.ticket:
        day.say(4.6, scan=truck.ticket, device="lector")
