"""What happens on a lane where containers come in, weighed once: trucks of every kind with all that goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from gateway.rehearsal.script_box import Box, a_box, announce_box, draft_of, papers, see
from gateway.rehearsal.script_contradictions import half_of_it, paper_of_another, received_twice
from gateway.rehearsal.script_two_boxes import two_against_the_scale, two_with_shares, two_without_shares
from gateway.rehearsal.trucks import DIVISION_KG
from gateway.rehearsal.writing import FRAME_S, STAND_S, VEHICLE_KG, Day


def containers(day: Day, count: int) -> None:
    """A lane where containers come in, weighed once."""
    kinds: tuple[tuple[Callable[[Day], None], int], ...] = (
        (_plain, 60),
        (_unannounced, 8),
        (_no_paper, 4),
        (_empty, 4),
        (_reverses_out, 3),
        (_axle_first, 4),
        (_never_still, 2),
        (_early_scan, 4),
        (_late_scan, 3),
        (_unknown_code, 3),
        (_wrong_container, 2),
        (_two_documents, 2),
        (_guard_reads, 3),
        (_off_zero, 3),
        (_next_axle, 3),
        (_weighed_again, 2),
        (_close_behind, 3),
        (two_with_shares, 3),
        (two_without_shares, 1),
        (two_against_the_scale, 1),
        (received_twice, 2),
        (paper_of_another, 2),
        (half_of_it, 3),
    )
    while count > 0:
        kind = day.rng.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        if kind in OF_TWO_TRUCKS and count == 1:
            kind = _plain
        kind(day)
        count -= 2 if kind in OF_TWO_TRUCKS else 1


def _plain(day: Day) -> None:
    """Announced, scanned, seen."""
    box = a_box(day)
    announce_box(day, box)
    papers(day, box)
    how = see(day, box, announced=True)
    off = day.passage(box.gross_kg)
    draft_of(day, box, how, announced=True)
    day.leave(off)


def _unannounced(day: Day) -> None:
    """Nobody told the depot of it."""
    box = a_box(day)
    papers(day, box)
    how = see(day, box, announced=False)
    off = day.passage(box.gross_kg)
    draft_of(day, box, how, announced=False)
    day.leave(off)


def _no_paper(day: Day) -> None:
    """No paper is scanned; the number on the door is clear."""
    box = a_box(day)
    seen = {"camera": "trasera", "number": box.number, "type_code": box.type_code}
    day.say(3.4, sighting=seen)
    off = day.passage(box.gross_kg)
    draft_of(day, box, "clear", announced=False, dae=None)
    day.leave(off)


def _empty(day: Day) -> None:
    """Tractor and chassis alone: nothing to report."""
    day.leave(day.passage(Decimal(VEHICLE_KG + day.rng.choice((-40, 0, 60)))))


def _reverses_out(day: Day) -> None:
    """On with one axle, and back again."""
    for t, kg, still in ((-0.5, 0, True), (0, 4000, False), (0.5, 6000, False), (1, 2000, False)):
        day.frame(t, Decimal(kg), still, DIVISION_KG)
    for n in range(6):
        day.frame(1.5 + n * FRAME_S, Decimal(0), True, DIVISION_KG)
    day.leave(3.0)


def _axle_first(day: Day) -> None:
    """The driver stops with one axle on the platform before he drives on."""
    box = a_box(day)
    announce_box(day, box)
    for n in range(14):
        day.frame(-5 + n * FRAME_S, Decimal(7200), True, DIVISION_KG)
    papers(day, box)
    how = see(day, box, announced=True)
    t = -1.5
    while t < STAND_S:
        day.frame(t, box.gross_kg, t >= -0.5, DIVISION_KG)
        t += FRAME_S
    for n in range(6):
        day.frame(t + n * FRAME_S, Decimal(0), True, DIVISION_KG)
    draft_of(day, box, how, announced=True)
    day.leave(t + 2)


def _never_still(day: Day) -> None:
    """The indicator says moving until the truck is gone."""
    box = a_box(day)
    announce_box(day, box)
    papers(day, box)
    how = see(day, box, announced=True)
    off = day.passage(box.gross_kg, still=False)
    draft_of(day, box, how, announced=True, weight_kg=None, complete=False)
    day.leave(off)


def _early_scan(day: Day) -> None:
    """The paper is scanned at the window before the truck drives on."""
    box = a_box(day)
    announce_box(day, box)
    day.t += 12
    papers(day, box, at=-9.0)
    how = see(day, box, announced=True)
    off = day.passage(box.gross_kg)
    draft_of(day, box, how, announced=True)
    day.leave(off)


def _late_scan(day: Day) -> None:
    """The paper is scanned when the truck has just left."""
    box = a_box(day)
    announce_box(day, box)
    seen = {"camera": "trasera", "number": box.number, "type_code": box.type_code}
    day.say(3.4, sighting=seen)
    off = day.passage(box.gross_kg)
    day.say(off, scan=box.dae, device="lector")
    draft_of(day, box, "clear", announced=True)
    day.leave(off + 1)


def _unknown_code(day: Day) -> None:
    """Somebody scans a sweet wrapper first."""
    box = a_box(day)
    announce_box(day, box)
    day.say(4.6, scan="PROMO/2026*XYZ", device="lector")
    papers(day, box)
    how = see(day, box, announced=True)
    off = day.passage(box.gross_kg)
    draft_of(day, box, how, announced=True)
    day.leave(off)


def _wrong_container(day: Day) -> None:
    """Another container than the one announced under the document."""
    box = a_box(day)
    announce_box(day, box, containers=[day.number()])
    papers(day, box)
    day.say(3.4, sighting={"camera": "trasera", "number": box.number, "type_code": box.type_code})
    off = day.passage(box.gross_kg)
    draft_of(day, box, "clear", announced=True, complete=False)
    day.leave(off)


def _two_documents(day: Day) -> None:
    """Two documents share the box: each has what was declared for it."""
    box = a_box(day)
    second = day.dae()
    share = box.cargo_kg // 3
    announce_box(day, box, weight_kg=str(share))
    cargo = {"description": "CACAO", "packages": 100, "packaging": "104", "containers": [box.number]}
    day.announce(second, weight_kg=str(box.cargo_kg - share), **cargo)
    day.say(5.0, scan=box.dae, device="lector")
    day.say(5.5, scan=second, device="lector")
    day.say(3.4, sighting={"camera": "trasera", "number": box.number, "type_code": box.type_code})
    off = day.passage(box.gross_kg)
    draft_of(day, box, "clear", announced=True, weight_kg=share)
    draft_of(day, box, "clear", True, dae=second, weight_kg=box.cargo_kg - share, packages=100)
    day.leave(off)


def _guard_reads(day: Day) -> None:
    """The cameras hesitate and the guard enters what he reads on the door."""
    box = a_box(day)
    announce_box(day, box)
    papers(day, box)
    day.say(
        3.4, sighting={"camera": "trasera", "candidates": [[day.number(), 9.0]], "cost": 9.0, "margin": 0.2}
    )
    for at, name, value in ((6.0, "container", box.number), (6.4, "size_type", box.type_code)):
        day.say(
            at, act={"person": "J. Mora", "field": f"/items/0/{name}", "value": value, "reason": "puerta"}
        )
    off = day.passage(box.gross_kg)
    draft_of(day, box, "clear", announced=True)
    day.leave(off)


def _off_zero(day: Day) -> None:
    """The free scale is off, by a little or by more than it may ever show free: nobody can say what it weighed."""
    box = a_box(day)
    announce_box(day, box)
    papers(day, box)
    zero = day.rng.choice((-2000, -620, -60, 60, 180, 620, 1200))
    day.say(3.4, sighting={"camera": "trasera", "number": box.number, "type_code": box.type_code})
    off = day.passage(box.gross_kg, zero=zero)
    draft_of(day, box, "clear", announced=True, weight_kg=box.cargo_kg + zero, complete=False)
    day.leave(off)


def _axle_behind(day: Day, box: Box, axle_kg: int) -> float:
    """The truck stands there, and then the next one's front axle beside it; returns the second after that."""
    announce_box(day, box)
    papers(day, box)
    day.say(3.4, sighting={"camera": "trasera", "number": box.number, "type_code": box.type_code})
    t = day.roll(-1.0, 0, 0, 0, 0, box.gross_kg * Decimal("0.5"))
    t = day.stand(t, box.gross_kg, STAND_S)
    t = day.roll(t, box.gross_kg + axle_kg // 2)
    return day.stand(t, box.gross_kg + axle_kg, STAND_S)


def _next_axle(day: Day) -> None:
    """Somebody is impatient, on foot, in a car or in the next truck, and nobody weighs again."""
    box, axle_kg = a_box(day), day.rng.choice((80, 100, 600, 6400))
    t = _axle_behind(day, box, axle_kg)
    off = day.roll(t, box.gross_kg * Decimal("0.4"), 0, 0, 0, 0)
    draft_of(day, box, "clear", announced=True, weight_kg=box.cargo_kg + axle_kg, complete=False)
    day.leave(off)


def _weighed_again(day: Day) -> None:
    """The driver behind is sent back, and the guard asks for another weighing."""
    box = a_box(day)
    t = _axle_behind(day, box, 6000)
    day.say(t, act={"person": "J. Mora", "deed": "reweigh", "reason": "otro camión en la balanza"})
    t = day.stand(day.roll(t, box.gross_kg + 2000), box.gross_kg, STAND_S)
    off = day.roll(t, box.gross_kg * Decimal("0.4"), 0, 0, 0, 0)
    draft_of(day, box, "clear", announced=True)
    day.leave(off)


def _close_behind(day: Day) -> None:
    """The next truck drives on while the first one drives off: the scale is never free between them."""
    first, second = a_box(day), a_box(day)
    t = day.roll(-1.0, 0, 0, 0, 0, first.gross_kg * Decimal("0.5"))
    for place, box in enumerate((first, second)):
        announce_box(day, box)
        day.say(t + 3, sighting={"camera": "trasera", "number": box.number, "type_code": box.type_code})
        day.say(t + 4, scan=box.dae, device="lector")
        t = day.stand(t, box.gross_kg, STAND_S)
        if place == 0:
            t = day.roll(t, first.gross_kg * Decimal("0.6"), 9000, 8000, second.gross_kg * Decimal("0.7"))
        draft_of(day, box, "clear", announced=True)
    day.made.visits += 1
    day.leave(day.roll(t, second.gross_kg * Decimal("0.4"), 0, 0, 0, 0))


OF_TWO_TRUCKS = (_close_behind, received_twice)
"""What takes two trucks."""
