"""The day: it ends as scripted, and it would not if a rule were broken. Each broken rule here is broken on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from drivers.readings import Stability
from gateway import day, gatehouse
from gateway.clerk import (
    boxes,
    case,
    clerk,
    contradictions,
    findings,
    knowledge,
    mass,
    stay,
    stillness,
    visits,
    weigher,
    weighing,
    weight_findings,
    worth,
)
from gateway.clerk.ledger import Total
from gateway.clerk.visits import Learnt
from gateway.rehearsal.script import script, site
from ocr import consensus

Patch = pytest.MonkeyPatch

SEED = 1444
"""A seed whose short days have a truck for every rule that is broken here."""

A_MISREADING = 616
"""A seed whose short day on one lane has a container that its cameras misread."""

SHORT = {1: 40, 2: 24, 4: 120}
"""Trucks of a short day by its lanes: as few as show each rule of ``ALWAYS`` that is broken."""

LONGER = {1: 60, 2: 90, 4: 120}
"""The same for every rule."""


def test_a_day_ends_with_exactly_the_scripted_drafts(tmp_path: Path) -> None:
    result = day.run(80, 4, 7, tmp_path / "day")
    assert (result.missing, result.extra) == ([], [])
    assert result.right
    assert result.summary()["visits"] == 80
    assert result.summary()["wrong_complete"] == 0
    assert result.tapes > 0


def test_a_day_fails_where_a_tape_decides_otherwise(tmp_path: Path, monkeypatch: Patch) -> None:
    forgets = "before", lambda self, document, draft: Total()
    monkeypatch.setattr(knowledge.Replayed, *forgets)
    result = day.run(60, 1, SEED, tmp_path / "day", kills=0)
    assert (result.missing, result.extra) == ([], [])
    assert result.replayed_otherwise > 0
    assert result.untaped > 0
    assert not result.right


def test_a_day_fails_where_a_letter_is_on_no_tape(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(gatehouse.Gatehouse, "tapes", lambda self: iter(()))
    result = day.run(5, 1, SEED, tmp_path / "day", kills=0)
    assert (result.missing, result.extra) == ([], [])
    assert not result.right


def test_eight_lanes_have_every_kind_of_lane(tmp_path: Path) -> None:
    result = day.run(96, 8, 5, tmp_path / "day", again=False)
    assert result.right
    assert {draft.lane for draft in result.made} == {f"carril-{number}" for number in range(1, 9)}


@pytest.mark.parametrize(
    ("lanes", "trucks"),
    [*SHORT.items(), *(pytest.param(lanes, LONGER[lanes], marks=pytest.mark.long) for lanes in (1, 2))],
)
def test_the_days_of_the_broken_rules_are_right_by_themselves(
    tmp_path: Path, lanes: int, trucks: int
) -> None:
    assert day.run(trucks, lanes, SEED, tmp_path / "day", kills=0, again=False).right


def test_the_day_of_the_misreading_is_right_by_itself(tmp_path: Path) -> None:
    assert day.run(LONGER[1], 1, A_MISREADING, tmp_path / "day", kills=0, again=False).right


def test_four_lanes_see_every_flow_and_every_reason_to_leave() -> None:
    made = script(600, 4, 3, 2026)
    turned = {number for _, number in made.turns}
    lanes = [lane for each in (site(4), site(4, turned)) for lane in each["lanes"]]
    assert {lane["flow"] for lane in lanes} == {"container", "loose", "air", "land"}
    boxes = [
        lane.get("weigh") for lane in lanes if (lane["flow"], lane["direction"]) == ("container", "entry")
    ]
    assert boxes == [None, "in_and_out"]
    leave = {draft.exit_reason for draft in made.expected if draft.report == "ISE" and draft.complete}
    assert leave == {"return", "seizure", "load"}
    noon = max(at for at, _ in made.turns)
    weighed_out = [line for line in made.lines if line.lane == "carril-4" and line.t > noon and line.weight]
    assert weighed_out


def test_the_same_seed_gives_the_same_day(tmp_path: Path) -> None:
    first, second = (script(40, 4, seed, 2026).expected for seed in (3, 3))
    assert first == second
    assert first != script(40, 4, 4, 2026).expected


def first_plateau(patch: Patch) -> None:
    def settle(self: visits.Visits, settled: weighing.Settled) -> list[Any]:
        there = self.present
        if there is None or there.weighing:
            return []
        return [Learnt(self._keep(replace(there, weighing=settled)))]

    patch.setattr(visits.Visits, "_settle", settle)


def moving_is_overruled(patch: Patch) -> None:
    class Deaf:
        MOVING = object()
        STABLE = Stability.STABLE

    patch.setattr(stillness, "Stability", Deaf)


def boxes_weigh_nothing(patch: Patch) -> None:
    patch.setattr(case.Case, "_box_tares", lambda self: ())


def every_guess_is_a_fact(patch: Patch) -> None:
    patch.setattr(consensus, "_is_possible", lambda votes, points: True)
    patch.setattr(consensus, "LEANING", (99.0, 0.0))


def early_scans_are_lost(patch: Patch) -> None:
    patch.setattr(clerk, "_visit_rules", lambda site, part: visits.VisitRules(0.0, 3.0, 60.0))


def late_scans_are_lost(patch: Patch) -> None:
    patch.setattr(visits.Visits, "_just_left", lambda self, moment: None)


def the_net_is_everybodys(patch: Patch) -> None:
    patch.setattr(case.Load, "shared", property(lambda self: False))


def nobody_is_found_again(patch: Patch) -> None:
    patch.setattr(stay.Stays, "match", lambda self, visit, hours: None)


def rounded_up(patch: Patch) -> None:
    patch.setattr(mass, "ROUND_HALF_EVEN", ROUND_UP)


def any_container_will_do(patch: Patch) -> None:
    patch.setattr(findings, "_known_boxes", lambda case: iter(()))


def everything_may_leave(patch: Patch) -> None:
    patch.setattr(findings, "_exit", lambda case, payload: iter(()))


def nothing_is_required(patch: Patch) -> None:
    patch.setattr(findings, "required", lambda case: ())


def persons_are_not_heard(patch: Patch) -> None:
    patch.setattr(case, "entries", lambda acts: {})


def any_zero_will_do(patch: Patch) -> None:
    patch.setattr(weight_findings, "_zero", lambda case, weighed: iter(()))


def the_highest_plateau_is_believed(patch: Patch) -> None:
    patch.setattr(weight_findings, "_plateaus", lambda case, weighed: iter(()))


def trucks_are_one_until_the_scale_is_free(patch: Patch) -> None:
    patch.setattr(weigher, "HALF", Decimal(0))


def any_difference_is_a_load(patch: Patch) -> None:
    patch.setattr(weight_findings, "_unloaded", lambda case: iter(()))


def the_way_out_is_not_looked_at(patch: Patch) -> None:
    patch.setattr(findings, "way_out_findings", lambda case: iter(()))


def a_box_may_come_twice(patch: Patch) -> None:
    patch.setattr(contradictions, "_received_before", lambda case, payload: iter(()))


def papers_of_other_boxes_are_not_read(patch: Patch) -> None:
    patch.setattr(contradictions, "_scanned_container", lambda case, payload: iter(()))


def any_release_will_do(patch: Patch) -> None:
    patch.setattr(contradictions, "_release", lambda case, payload: iter(()))


def the_announced_weight_is_not_compared(patch: Patch) -> None:
    patch.setattr(findings, "tolerance_findings", lambda case: iter(()))


def each_lane_has_one_procedure(patch: Patch) -> None:
    patch.setattr(case.Case, "procedure", property(lambda self: self.lane.procedure))


def whoever_has_the_ticket_has_the_truck(patch: Patch) -> None:
    patch.setattr(stay, "are_of_different_trucks", lambda one, other: False)


def two_boxes_are_one(patch: Patch) -> None:
    patch.setattr(consensus, "MOST_CONTAINERS", 1)


def an_empty_truck_is_cargo(patch: Patch) -> None:
    patch.setattr(worth, "_is_loaded", lambda visit, site, lane: True)


def contradictions_are_tossed(patch: Patch) -> None:
    patch.setattr(boxes, "_is_unsolved", lambda conflict: False)


BROKEN: list[tuple[Callable[[Patch], None], int]] = [
    (first_plateau, 1),
    (moving_is_overruled, 1),
    (boxes_weigh_nothing, 1),
    (every_guess_is_a_fact, 1),
    (early_scans_are_lost, 1),
    (late_scans_are_lost, 1),
    (the_net_is_everybodys, 1),
    (any_container_will_do, 1),
    (nothing_is_required, 1),
    (persons_are_not_heard, 1),
    (an_empty_truck_is_cargo, 1),
    (any_zero_will_do, 1),
    (the_highest_plateau_is_believed, 1),
    (trucks_are_one_until_the_scale_is_free, 1),
    (a_box_may_come_twice, 1),
    (papers_of_other_boxes_are_not_read, 1),
    (the_announced_weight_is_not_compared, 1),
    (two_boxes_are_one, 1),
    (each_lane_has_one_procedure, 2),
    (any_release_will_do, 4),
    (whoever_has_the_ticket_has_the_truck, 4),
    (nobody_is_found_again, 4),
    (rounded_up, 4),
    (everything_may_leave, 4),
    (any_difference_is_a_load, 2),
    (the_way_out_is_not_looked_at, 2),
]


ALWAYS = {
    boxes_weigh_nothing,
    every_guess_is_a_fact,
    any_container_will_do,
    nothing_is_required,
    trucks_are_one_until_the_scale_is_free,
    a_box_may_come_twice,
    two_boxes_are_one,
    each_lane_has_one_procedure,
    any_release_will_do,
    whoever_has_the_ticket_has_the_truck,
    nobody_is_found_again,
    the_way_out_is_not_looked_at,
}
"""One of each kind; the others are broken with ``--long``."""


@pytest.mark.parametrize(
    ("breaks", "lanes"),
    [pytest.param(*each, marks=() if each[0] in ALWAYS else pytest.mark.long) for each in BROKEN],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_day_fails_where_a_rule_is_broken(
    tmp_path: Path, monkeypatch: Patch, breaks: Callable[[Patch], None], lanes: int
) -> None:
    breaks(monkeypatch)
    misread = breaks is every_guess_is_a_fact
    trucks = (LONGER if misread or breaks not in ALWAYS else SHORT)[lanes]
    seed = A_MISREADING if misread else SEED
    result = day.run(trucks, lanes, seed, tmp_path / "day", kills=0, again=False)
    assert not result.right
