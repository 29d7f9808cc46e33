"""What a truck weighed empty: learnt once a stay, sure with two stays and two plates, forgotten at its age."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from drivers.readings import Scan
from gateway.clerk.learnt_tare import LearntTare, LearntTares
from gateway.clerk.plates import rig
from gateway.clerk.visit import PlateSeen, Scanned, Visit
from record.identifiers.identify import identify

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
RIG = ("GBA1234", "GBR4321")
LONG_AGO = date(2025, 1, 1)


def tare(
    kg: int, visit: str = "v-1", day: date = date(2026, 1, 15), plates: tuple[str, ...] = RIG
) -> LearntTare:
    return LearntTare(plates, Decimal(kg), day, visit, "s-" + visit, "balanza")


def test_two_stays_that_agree_make_a_tare_sure() -> None:
    known = LearntTares()
    known.learn(tare(12000), LONG_AGO)
    first = known.of(RIG, LONG_AGO)
    known.learn(tare(12040, "v-2"), LONG_AGO)
    second = known.of(RIG, LONG_AGO)
    assert first and second
    assert not first.is_sure(Decimal(500))
    assert second.is_sure(Decimal(500))
    assert (second.kg, second.before_kg) == (12040, 12000)


def test_another_weight_makes_a_tare_unsure_again() -> None:
    known = LearntTares([tare(12000)])
    known.learn(tare(14400, "v-2"), LONG_AGO)
    found = known.of(RIG, LONG_AGO)
    assert found
    assert not found.is_sure(Decimal(500))


def test_a_weighing_that_is_told_again_after_a_kill_counts_once() -> None:
    known = LearntTares([tare(12000)])
    known.learn(tare(12000), LONG_AGO)
    assert known.of(RIG, LONG_AGO) == tare(12000)


def test_a_tare_of_a_tractor_alone_is_never_sure() -> None:
    alone = LearntTare(("GBA1234",), Decimal(12000), NOON.date(), "v", "s", "b", before_kg=Decimal(12000))
    assert not alone.is_sure(Decimal(500))


def test_an_old_tare_is_lent_to_nobody_and_forgotten() -> None:
    kept: list[tuple[str, bool]] = []
    known = LearntTares([tare(12000)], lambda each, is_kept: kept.append((each.visit, is_kept)))
    assert known.of(RIG, date(2026, 1, 16)) is None
    known.learn(tare(9000, "v-9", date(2026, 8, 1), ("PBC0123",)), date(2026, 1, 16))
    assert kept == [("v-1", False), ("v-9", True)]
    assert known.of(RIG, LONG_AGO) is None


def truck(*scans: str, tractor: str = "", trailer: str = "", unknown: str = "") -> Visit:
    """A truck with these papers, and plates that cameras see, divided by spaces."""
    papers = tuple(Scanned(NOON, 0.0, "lector", Scan(text, raw=b""), identify(text)) for text in scans)
    cameras = (("tractor", tractor), ("trailer", trailer), (None, unknown))
    seen = tuple(
        PlateSeen(NOON, 0.0, "v", "c", part, "0" * 64, tuple(said.split())) for part, said in cameras if said
    )
    return Visit("v", "s", "c1", NOON, 0.0, scans=papers, plates=seen)


@pytest.mark.parametrize(
    ("visit", "plates"),
    [
        (truck(*RIG), RIG),
        (truck(*reversed(RIG)), RIG),
        (truck("GBA1234", trailer="GBR4321"), RIG),
        (truck(tractor="GBA1234", trailer="GBR4321"), RIG),
        (truck(*RIG, unknown="PBC0123"), RIG),
        (truck("GBA1234"), ("GBA1234",)),
        (truck("GBA1234", unknown="GBR4321"), ("GBA1234",)),
        (truck(), ()),
        (truck(unknown="GBA1234"), ()),
        (truck(trailer="GBR4321"), ()),
        (truck(tractor="GBA1234 PBC0123"), ()),
        (truck("GBA1234", tractor="PBC0123"), ()),
        (truck(*RIG, trailer="PBC0123"), ()),
        (truck(*RIG, "PBC0123"), ()),
    ],
)
def test_the_plates_of_a_truck_are_those_that_are_certain(visit: Visit, plates: tuple[str, ...]) -> None:
    assert rig(visit) == plates
