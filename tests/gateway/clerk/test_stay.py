"""Open stays: a truck is found again by what names it, never against its plate, and by one lane alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from drivers.readings import Scan
from gateway.clerk.stay import Match, OpenStay, Stays
from gateway.clerk.visit import PlateSeen, Scanned, Visit
from record.identifiers.identify import identify

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def visit(name: str, *scans: str, hour: float = 0, **seen: str) -> Visit:
    """A visit that scanned these texts; ``seen`` are plates by the part that their camera looks at."""
    at = NOON + timedelta(hours=hour)
    scanned = tuple(Scanned(at, hour, "lector", Scan(text, raw=b""), identify(text)) for text in scans)
    plates = tuple(PlateSeen(at, hour, name, part, part, "0" * 64, (plate,)) for part, plate in seen.items())
    return Visit(f"v-{name}", f"s-{name}", "c1", at, hour, scans=scanned, plates=plates)


def found(stays: Stays, leaving: Visit, hours: int = 72) -> tuple[str, str] | None:
    match = stays.match(leaving, hours)
    return (match.stay.id, match.by) if match and not match.doubtful else None


def inside(*visits: Visit) -> Stays:
    return Stays(OpenStay(each) for each in visits)


def test_ticket_before_plate_before_container() -> None:
    truck = visit("a", "TKT000123", "GBA1234", "CSQU3054383")
    stays = inside(truck, visit("b", "PBC0123"))
    assert found(stays, visit("x", "TKT000123", "GBA-1234", hour=1)) == ("s-a", "ticket")
    assert found(stays, visit("x", "GBA1234", hour=1)) == ("s-a", "plate")
    assert found(stays, visit("x", "CSQU3054383", hour=1)) == ("s-a", "container")
    assert found(stays, visit("x", hour=1)) is None


@pytest.mark.parametrize("key", ["TKT000123", "CSQU3054383"])
def test_another_trucks_plate_is_no_match(key: str) -> None:
    stays = inside(visit("a", key, "GBA1234"))
    assert found(stays, visit("x", key, "PBC0123", hour=1)) is None
    assert found(stays, visit("x", key, hour=1, tractor="PBC0123")) is None


def test_ticket_of_one_truck_and_plate_of_another_is_nobodys() -> None:
    stays = inside(visit("a", "TKT000123"), visit("b", "PBC0123"))
    match = stays.match(visit("x", "TKT000123", "PBC0123", hour=1), 72)
    assert match is not None and match.doubtful


def test_tractor_and_trailer_do_not_contradict_each_other() -> None:
    stays = inside(visit("a", "TKT000123", tractor="GBA1234"))
    assert found(stays, visit("x", "TKT000123", hour=1, trailer="GAB0123")) == ("s-a", "ticket")
    assert found(stays, visit("x", "TKT000123", hour=1, tractor="PBC0123")) is None


def test_one_trailer_behind_two_tractors_is_two_trucks() -> None:
    stays = inside(visit("a", tractor="GBA1234", trailer="GAB0123"))
    assert found(stays, visit("x", hour=1, tractor="PBC0123", trailer="GAB0123")) is None
    assert found(stays, visit("x", hour=1, tractor="GBA1234", trailer="GAB0123")) == ("s-a", "plate")


def test_the_latest_of_several_and_none_that_is_too_old() -> None:
    stays = inside(visit("old", "GBA1234"), visit("new", "GBA1234", hour=5))
    assert found(stays, visit("x", "GBA1234", hour=6)) == ("s-new", "plate")
    assert found(stays, visit("x", "GBA1234", hour=80), hours=24) is None


def test_what_only_a_camera_saw_beside_the_truck_is_not_what_it_carried() -> None:
    truck = visit("a", "CSQU3054383")
    leaving = visit("x", "CSQU3054383", hour=1)
    assert found(Stays([OpenStay(truck, carried=())]), leaving) is None
    assert found(Stays([OpenStay(truck, carried=("CSQU3054383",))]), leaving) == ("s-a", "container")


def test_a_stay_is_held_by_one_visit() -> None:
    stays = inside(visit("a", "GBA1234"))
    first, second = visit("x", "GBA1234", hour=1), visit("y", "GBA1234", hour=1)
    assert stays.take("s-a", first.id)
    assert stays.take("s-a", first.id)
    assert not stays.take("s-a", second.id)
    assert found(stays, second) is None
    assert found(stays, first) == ("s-a", "plate")
    stays.give_back("s-a", second.id)
    assert found(stays, second) is None
    stays.give_back("s-a", first.id)
    assert found(stays, second) == ("s-a", "plate")
    stays.close("s-a")
    assert not stays.take("s-a", first.id)


def test_of_many_lanes_at_once_one_gets_it() -> None:
    stays = inside(visit("a", "GBA1234"))
    with ThreadPoolExecutor(8) as lanes:
        got = list(lanes.map(lambda number: stays.take("s-a", f"v-{number}"), range(64)))
    assert sum(got) == 1


@pytest.fixture
def kept() -> dict[str, OpenStay]:
    return {}


def keeping(kept: dict[str, OpenStay]) -> Callable[[OpenStay, bool], None]:
    def change(stay: OpenStay, is_open: bool) -> None:
        kept.update({stay.id: stay}) if is_open else kept.pop(stay.id)

    return change


def test_a_restart_knows_what_was_held(kept: dict[str, OpenStay]) -> None:
    before = Stays(on_change=keeping(kept))
    before.open(OpenStay(visit("a", "GBA1234")))
    before.open(OpenStay(visit("b", "PBC0123")))
    before.take("s-a", "v-x")
    before.take("s-b", "v-lost")
    after = Stays(kept.values(), keeping(kept))
    assert not after.take("s-a", "v-y")
    after.resumed(["v-x"])
    after.free_orphans()
    assert not after.take("s-a", "v-y")
    assert after.take("s-a", "v-x")
    assert after.take("s-b", "v-y")
    assert kept["s-b"].taken_by == "v-y"


def test_an_opened_stay_is_nobodys(kept: dict[str, OpenStay]) -> None:
    stays = Stays(on_change=keeping(kept))
    stay = OpenStay(visit("a"))
    stays.open(stay)
    stays.take("s-a", "v-x")
    stays.open(replace(kept["s-a"], carried=("CSQU3054383",)))
    assert kept["s-a"] == replace(stay, carried=("CSQU3054383",))
    assert Match(stay, "plate") != Match(stay, "plate", doubtful=True)
