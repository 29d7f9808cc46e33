"""A truck that stands for hours: what is kept of its pictures is bounded, counted, and decides the same."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce

from gateway.clerk.boxes import Certainty, boxes
from gateway.clerk.looks import MOST_LOOKS
from gateway.clerk.visit import Seen, Visit
from gateway.story.line import SightingLine
from record.proof import sha256

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
EMPTY = Visit("v", "s", "c1", NOON, 0.0)


def look(index: int, **line: object) -> Seen:
    sighting = SightingLine.model_validate({"camera": "trasera", **line}).sighting()
    picture = sha256(str(index).encode())
    return Seen(NOON, float(index), "v", str(line.get("camera", "trasera")), "rear", picture, sighting)


def hours(count: int, **line: object) -> list[Seen]:
    return [look(index, **line) for index in range(count)]


def test_looks_are_bounded_and_counted() -> None:
    seen = hours(1000, number="CSQU3054383", type_code="22G1")
    visit = reduce(Visit.with_look, seen, EMPTY)
    assert len(visit.sightings) == MOST_LOOKS
    assert visit.repeats is not None
    assert visit.repeats.count + len(visit.sightings) == 1000
    assert visit.sightings[0] is seen[0]
    assert visit.sightings[-1] is seen[-1]
    assert [seen[number - 1] for number, _ in visit.looks] == list(visit.sightings)
    assert reduce(Visit.with_look, seen, EMPTY) == visit


def test_a_short_visit_keeps_all() -> None:
    visit = reduce(Visit.with_look, hours(MOST_LOOKS, number="CSQU3054383"), EMPTY)
    assert len(visit.sightings) == MOST_LOOKS
    assert visit.repeats is None


def test_one_look_of_another_kind_is_never_let_go() -> None:
    many = hours(500, number="CSQU3054383", type_code="22G1")
    rare = [
        look(9001, number="TEXU3070079"),
        look(9002, camera="lado", number="CSQU3054383", type_code="45G1"),
    ]
    visit = reduce(Visit.with_look, [*many[:250], *rare, *many[250:], *hours(500)], EMPTY)
    assert set(rare) <= set(visit.sightings)
    found = boxes(visit.sightings)
    assert found.certainty is Certainty.KNOWN
    assert {box.number for box in found.known} == {"CSQU3054383", "TEXU3070079"}
    types = next(box.types for box in found.known if box.number == "CSQU3054383")
    assert {each.code for each in types} == {"22G1", "45G1"}


def test_nothing_is_let_go_before_something() -> None:
    few = hours(30, number="CSQU3054383")
    visit = reduce(Visit.with_look, [*hours(400), *few], EMPTY)
    assert sum(each.sighting.number is not None for each in visit.sightings) == 30


def test_the_surest_look_stays() -> None:
    seen = hours(600, number="CSQU3054383", cost=0.9)
    best = look(7000, number="CSQU3054383", cost=0.1)
    visit = reduce(Visit.with_look, [*seen[:300], best, *seen[300:]], EMPTY)
    assert best in visit.sightings
