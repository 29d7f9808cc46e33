"""What happens on a lane for exits: containers that leave, and trucks that came by another lane and leave empty."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.rehearsal.script_box import a_box, announce_box, draft_of, papers, see
from gateway.rehearsal.script_stays import comes_out
from gateway.rehearsal.writing import Day, Inside

REASONS = ("return", "seizure", "load")
"""Back to the exporter, seized, or released to be loaded."""

YARD_S = 60.0
"""Seconds that a truck is in the depot at least."""


def exits(day: Day, count: int) -> None:
    """Who leaves: a truck from inside where one is ready, or a container; now and then a stranger."""
    for _ in range(count):
        ready = [truck for truck in day.made.inside if truck.came + YARD_S < day.t]
        ticketed = [truck for truck in ready if truck.ticket]
        chance = day.rng.random()
        if ticketed and chance < 0.08:
            _another_cab(day, day.rng.choice(ticketed))
        elif ready and chance < 0.6:
            truck = day.rng.choice(ready)
            day.made.inside.remove(truck)
            comes_out(day, truck)
        else:
            _leaves(day)


def _leaves(day: Day) -> None:
    """A container leaves, for one of three reasons: with its release, without one, or by that of another cargo."""
    box = a_box(day)
    announce_box(day, box)
    release = day.rng.choices(("own", "none", "of_other"), (80, 12, 8))[0]
    reason = day.rng.choice(REASONS)
    keys: dict[str, Any] = {"document": {"type": "DAE", "number": box.dae}}
    if release == "of_other":
        keys = {"document": {"type": "DAE", "number": day.dae()}, "containers": [box.number]}
    if release != "none":
        day.release(box.dae, reason, **keys)
    papers(day, box)
    how = see(day, box, announced=True)
    off = day.passage(box.gross_kg)
    known = how in ("clear", "outvoted", "lean")
    is_found = release == "own" or (release == "of_other" and known)
    draft_of(
        day,
        box,
        how,
        announced=True,
        report="ISE",
        complete=known and release == "own",
        exit_reason=reason if is_found else None,
    )
    day.leave(off)


def _another_cab(day: Day, truck: Inside) -> None:
    """An empty truck that nobody knows leaves with the ticket of one that is still inside: it takes nothing along."""
    day.say(4.0, scan=day.plate("PAA9999"), device="lector")
    day.say(4.4, scan=truck.ticket, device="lector")
    day.leave(day.passage(Decimal(12000)))
