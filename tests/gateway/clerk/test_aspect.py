"""What a lane shows while a truck is there, told as stories: *listo*, *espere*, *revisar*."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.clerk.aspect import CALM_S, MASKED_S, PATIENCE_S, Aspect, aspect
from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk
from gateway.clerk.knowledge import Memory
from gateway.clerk.visit import Tick
from gateway.preadvice.book import Announcements, Releases
from gateway.site.site import Site
from gateway.story.book import parse
from gateway.story.story import heard_of
from record.codes import shipped
from record.identifiers.identify import identify
from record.messages import LANGUAGES, text

BOOK = Path(__file__).parents[1] / "stories"
READY, WAIT, REVIEW = Aspect.READY, Aspect.WAIT, Aspect.REVIEW

COMES = [
    {"t": 0, "weight": "0"},
    {"t": 1, "weight": "22200", "stability": "moving"},
    {"t": 1.5, "weight": "30200", "stability": "moving"},
    *({"t": t, "weight": "37000"} for t in (3, 4, 5)),
]
"""A truck arrives at second 1 and has settled at second 5."""

PAPER = {"scan": "028-2026-40-00123456"}
PICTURE = {"sighting": {"camera": "trasera", "number": "CSQU3054383", "type_code": "22G1"}}
GOES = [
    {"t": 40, "weight": "9000", "stability": "moving"},
    {"t": 41, "weight": "0"},
    {"t": 42, "weight": "0"},
]


def clerk_of(**changes: Any) -> Clerk:
    base = yaml.safe_load((BOOK / "site.yaml").read_text(encoding="utf-8"))
    site = Site.model_validate_json(json.dumps({**base, **changes}, default=str))
    memory = Memory(Announcements.read(BOOK / "preadvice.yaml"), Releases())
    numbers = count(1)
    return Clerk(
        site,
        site.lanes[0],
        memory,
        partial(identify, codes=shipped()),
        lambda: Circumstances("story", "0"),
        lambda: f"00000000-0000-7000-8000-{next(numbers):012d}",
    )


def shown(*lines: dict[str, Any], until: float = 60, **site: Any) -> list[tuple[float, Aspect]]:
    """Every change of what is shown, with its second; looked at twice a second and at every line."""
    return list(_changes(list(lines), until, clerk_of(**site)))


def _changes(lines: list[dict[str, Any]], until: float, clerk: Clerk) -> Iterator[tuple[float, Aspect]]:
    told = parse("\n".join(json.dumps(line) for line in sorted(lines, key=lambda line: line["t"])))
    beats = [half / 2 for half in range(int(until) * 2)]
    before = None
    for t in sorted({*beats, *(line.t for line in told)}):
        for line in (line for line in told if line.t == t):
            for heard in heard_of(line, clerk):
                clerk.hear(heard)
        clerk.hear(Tick(t))
        now = aspect(clerk.present, clerk.made, t, clerk.masked_since)
        if now is not before:
            yield t, now
        before = now


def test_a_truck_with_everything_waits_until_all_is_known_and_goes() -> None:
    story = [*COMES, {"t": 6, **PAPER}, {"t": 7, **PICTURE}, *GOES]
    assert shown(*story) == [(0, READY), (1.5, WAIT), (6 + CALM_S, READY)]


def test_a_truck_without_papers_is_somebodys_matter_until_they_are_scanned() -> None:
    story = [*COMES, {"t": 6, **PICTURE}, {"t": 20, **PAPER}, *GOES]
    settled = 5
    assert shown(*story) == [
        (0, READY),
        (1.5, WAIT),
        (settled + CALM_S, REVIEW),
        (20, WAIT),
        (20 + CALM_S, READY),
    ]


def test_a_truck_of_which_nothing_is_known_is_looked_at() -> None:
    assert shown(*COMES, *GOES) == [(0, READY), (1.5, WAIT), (5 + CALM_S, REVIEW), (42, READY)]


def test_a_picture_that_completes_the_draft_needs_no_more_waiting() -> None:
    story = [*COMES, {"t": 6, **PAPER}, {"t": 15, **PICTURE}, *GOES]
    assert shown(*story) == [(0, READY), (1.5, WAIT), (6 + CALM_S, REVIEW), (15, READY)]


def test_a_front_axle_that_stops_first_is_no_weighing_to_believe() -> None:
    front = [{"t": t, "weight": "7000"} for t in (1, 2, 3)]
    rest = [{"t": t, "weight": "37000"} for t in (4, 5, 6, 7)]
    story = [{"t": 0, "weight": "0"}, *front, *rest, {"t": 0.5, **PAPER}, {"t": 2, **PICTURE}, *GOES]
    changes = shown(*story)
    assert changes[:2] == [(0, READY), (2, WAIT)]
    assert changes[2][1] is READY
    assert changes[2][0] >= 6 + CALM_S - 1


def test_an_indicator_left_on_net_is_somebodys_matter_until_it_shows_gross_again() -> None:
    net = [{"t": t, "weight": "-37000", "kind": "net"} for t in range(1, 30)]
    story = [{"t": 0, "weight": "0"}, *net, {"t": 30, "weight": "0"}]
    assert shown(*story) == [(0, READY), (1 + MASKED_S, REVIEW), (30, READY)]


def test_the_next_trucks_axle_on_the_platform_is_somebodys_matter_until_it_is_weighed_again() -> None:
    axle = [{"t": t, "weight": "43500"} for t in range(12, 30)]
    alone = [{"t": t + 0.5, "weight": "37000"} for t in range(30, 40)]
    again = {"t": 30, "act": {"person": "J. Mora", "deed": "reweigh", "reason": "otro camión"}}
    story = [*COMES, {"t": 6, **PAPER}, {"t": 7, **PICTURE}, *axle, again, *alone, *GOES]
    changes = shown(*story)
    assert (14 + CALM_S, REVIEW) in changes
    assert (32.5 + CALM_S, READY) in changes


def test_a_truck_that_never_stands_still_is_somebodys_matter_after_a_while() -> None:
    rolling = [{"t": t, "weight": str(20000 + 40 * t), "stability": "moving"} for t in range(1, 80)]
    assert shown({"t": 0, "weight": "0"}, *rolling, until=80) == [
        (0, READY),
        (2, WAIT),
        (1 + PATIENCE_S, REVIEW),
    ]


def test_what_a_person_enters_counts_and_what_a_person_voids_does_not_go_by_itself() -> None:
    entry = {"person": "J. Mora", "field": "/document", "reason": "roto"}
    entry["value"] = {"type": "DAE", "number": "02820264000123456"}
    story = [*COMES, {"t": 6, **PICTURE}, {"t": 20, "act": entry}]
    assert shown(*story)[-1] == (20 + CALM_S, READY)
    void = {"t": 30, "act": {"person": "J. Mora", "deed": "void", "reason": "otro camión"}}
    assert shown(*story, void)[-2:] == [(30, WAIT), (30 + CALM_S, REVIEW)]


def test_a_truck_that_is_weighed_twice_may_go_in_with_the_second_weighing_pending() -> None:
    story = [*COMES, {"t": 6, **PAPER}, {"t": 7, **PICTURE}, *GOES]
    assert shown(*story, rules={"weigh": "in_and_out"}) == [(0, READY), (1.5, WAIT), (6 + CALM_S, READY)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_aspect_has_a_word(lang: str) -> None:
    words = [text(f"aspect.{each}", lang) for each in Aspect]
    assert words == (["listo", "espere", "revisar"] if lang == "es" else ["ready", "wait", "review"])
