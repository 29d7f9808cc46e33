"""What happens on the other lanes of a day: loose cargo in and out, pieces for air pallets, containers that leave."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from gateway.rehearsal.script_box import a_box, announce_box, draft_of, papers, see
from gateway.rehearsal.trucks import DIVISION_KG
from gateway.rehearsal.writing import Day


def loose(day: Day, count: int) -> None:
    """Loose cargo on a lane for both ways, weighed in and out; some trucks are still inside in the evening."""
    inside: list[tuple[str, str, int, int, int]] = []
    while count > 0:
        if inside and (len(inside) > 6 or day.rng.random() < 0.5 or count == 1):
            _comes_out(day, inside.pop(day.rng.randrange(len(inside))))
        else:
            inside.append(_comes_in(day))
        count -= 1
    for dae, _, _, _, packages in inside:
        day.expect(dae=dae, packages=packages, complete=False)


def _comes_in(day: Day) -> tuple[str, str, int, int, int]:
    rng = day.rng
    dae, plate = day.dae(), f"G{rng.choice('ABCDEF')}{rng.choice('KLMNPR')}{rng.randrange(1, 9999):04d}"
    empty = rng.randrange(9000, 15000) // DIVISION_KG * DIVISION_KG
    cargo = rng.randrange(6000, 25000) // DIVISION_KG * DIVISION_KG
    packages = rng.randrange(50, 900)
    weight = {"weight_kg": str(cargo)} if rng.random() < 0.5 else {}
    day.announce(dae, description="SACOS", packages=packages, packaging="104", **weight)
    day.say(4.0, scan=plate, device="lector")
    day.say(5.0, scan=dae, device="lector")
    day.leave(day.passage(Decimal(empty + cargo)))
    return dae, plate, empty, cargo, packages


def _comes_out(day: Day, truck: tuple[str, str, int, int, int]) -> None:
    dae, plate, empty, cargo, packages = truck
    how = day.rng.choices(("empty", "loaded", "paper", "container", "zero"), (72, 10, 7, 6, 5))[0]
    day.say(4.0, scan=plate, device="lector")
    kept, zero = (cargo - 40, 0) if how == "loaded" else (0, 300 if how == "zero" else 0)
    if how == "paper":
        day.say(4.5, scan=day.dae(), device="lector")
    if how == "container":
        day.say(4.5, sighting={"camera": "trasera", "number": day.number(), "type_code": "22G1"})
    day.leave(day.passage(Decimal(empty + kept), zero=zero))
    day.expect(dae=dae, weight_kg=cargo - kept - zero, packages=packages, complete=how == "empty")


def air(day: Day, count: int) -> None:
    """Pieces for air pallets, one after the other, a label scanned for each."""
    dae, left = "", 0
    for _ in range(count):
        if not left:
            dae, left = day.dae(), day.rng.randrange(2, 7)
            day.announce(dae, description="ROSAS", packages=left, packaging="035")
        left -= 1
        kg = Decimal(day.rng.randrange(80, 320)) / 10
        day.say(3.0, scan=dae, device="lector")
        off = day.passage(kg, stand_s=4.0, unit=0)
        whole = int(kg.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
        day.expect(dae=dae, weight_kg=whole, packages=1, complete=True)
        day.leave(off)


def exits(day: Day, count: int) -> None:
    """Containers that leave: back to the exporter with a release, or without one."""
    for _ in range(count):
        box = a_box(day)
        announce_box(day, box)
        released = day.rng.random() < 0.8
        if released:
            keys = {"document": {"type": "DAE", "number": box.dae}}
            day.made.releases.append({"id": f"rads-{box.dae}", "reason": "return", "keys": keys})
        papers(day, box)
        how = see(day, box, announced=True)
        off = day.passage(box.gross_kg)
        known = how in ("clear", "outvoted", "lean")
        draft_of(day, box, how, announced=True, report="ISE", complete=known and released)
        day.leave(off)
