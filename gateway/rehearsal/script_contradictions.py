"""Trucks of a day whose facts do not go together: what was announced, what a paper says, what came before."""

from __future__ import annotations

from dataclasses import replace

from gateway.rehearsal.script_box import Box, a_box, announce_box, draft_of, papers
from gateway.rehearsal.trucks import DIVISION_KG
from gateway.rehearsal.writing import Day


def received_twice(day: Day) -> None:
    """A box comes, and comes again under the same document: one of the two visits is wrong."""
    box = a_box(day)
    announce_box(day, box)
    for complete in (True, False):
        papers(day, box)
        _passes(day, box)
        draft_of(day, box, "clear", announced=True, complete=complete)


def paper_of_another(day: Day) -> None:
    """A paper names another container than the one on the truck; that was announced, or nobody knows which is."""
    box, announced = a_box(day), day.rng.random() < 0.5
    announce_box(day, box, **({} if announced else {"containers": []}))
    papers(day, box)
    day.say(5.6, scan=day.number(), device="lector")
    _passes(day, box)
    draft_of(day, box, "clear", announced=True, complete=announced)


def half_of_it(day: Day) -> None:
    """Half of what was announced comes; only where the guard has counted it are its packages known."""
    whole = a_box(day)
    box = replace(whole, cargo_kg=whole.cargo_kg // (2 * DIVISION_KG) * DIVISION_KG)
    announce_box(day, whole)
    papers(day, box)
    counted, half = day.rng.random() < 0.5, box.packages // 2
    if counted:
        act = {"person": "J. Mora", "field": "/items/0/packages", "value": half, "reason": "contado"}
        day.say(6.0, act=act)
    _passes(day, box)
    packages = half if counted else box.packages
    draft_of(day, box, "clear", announced=True, packages=packages, complete=counted)


def _passes(day: Day, box: Box) -> None:
    """The cameras see the box clearly, and it is weighed."""
    day.say(3.4, sighting={"camera": "trasera", "number": box.number, "type_code": box.type_code})
    day.leave(day.passage(box.gross_kg))
