"""Trucks: the same seed gives the same ones, and what is expected of each follows from its load alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rehearsal.photos import Photo
from gateway.rehearsal.trucks import BOX_KG, CHASSIS_KG, DIVISION_KG, TRACTOR_KG, trucks
from record.codes import shipped
from record.identifiers.identifier import Kind
from record.identifiers.identify import identify
from record.preadvice import Preadvice

YEAR = 2026
SEEDS = st.integers(0, 10**6)
PHOTOS = [Photo(Path(f"{number}.jpg"), number, "22G1") for number in ("MSCU1234566", "MAEU1234561")]


@settings(max_examples=30)
@given(SEEDS, st.integers(1, 12))
def test_the_same_seed_gives_the_same_trucks_and_another_seed_others(seed: int, count: int) -> None:
    assert trucks(count, seed, YEAR) == trucks(count, seed, YEAR)
    assert trucks(count, seed, YEAR) != trucks(count, seed + 1, YEAR)


@settings(max_examples=30)
@given(SEEDS)
def test_more_trucks_begin_with_the_same_ones(seed: int) -> None:
    assert trucks(9, seed, YEAR)[:4] == trucks(4, seed, YEAR)


@settings(max_examples=20)
@given(SEEDS)
def test_every_identifier_is_a_right_one_of_its_kind(seed: int) -> None:
    for truck in trucks(6, seed, YEAR):
        for text, kind in (
            (truck.dae, Kind.DAE),
            (truck.access_key, Kind.ACCESS_KEY),
            (truck.container, Kind.CONTAINER),
        ):
            found = identify(text, codes=shipped())
            assert (found.kind, found.normal) == (kind, text)


@settings(max_examples=30)
@given(SEEDS)
def test_the_gross_weight_is_the_load_and_everything_under_it(seed: int) -> None:
    for truck in trucks(6, seed, YEAR):
        assert truck.gross_kg == truck.cargo_kg + TRACTOR_KG + CHASSIS_KG + BOX_KG[truck.type_code]
        assert truck.gross_kg % DIVISION_KG == 0
        assert 0 < truck.cargo_kg + BOX_KG[truck.type_code] <= 36000
        assert truck.expected()["weight_kg"] == truck.cargo_kg


def test_every_third_truck_is_not_announced_and_so_incomplete() -> None:
    cast = trucks(9, 1, YEAR)
    assert [truck.announced for truck in cast] == [True, True, False] * 3
    assert [truck.expected()["status"] for truck in cast] == ["complete", "complete", "incomplete"] * 3


def test_no_two_trucks_have_the_same_document() -> None:
    cast = trucks(400, 3, YEAR)
    assert len({truck.dae for truck in cast}) == 400


@settings(max_examples=20)
@given(SEEDS)
def test_an_announcement_says_what_the_truck_carries(seed: int) -> None:
    for truck in trucks(3, seed, YEAR):
        told = Preadvice.from_wire(truck.preadvice())
        assert told.keys.document is not None
        assert told.keys.document.number == truck.dae
        assert told.keys.containers == (truck.container,)
        assert told.cargo.weight_kg == Decimal(truck.cargo_kg)
        assert (told.cargo.packages, told.cargo.packaging) == (truck.packages, truck.packaging)


def test_photographed_containers_are_the_second_of_every_three_and_each_comes_once() -> None:
    cast = trucks(9, 5, YEAR, PHOTOS)
    assert [truck.photo is not None for truck in cast] == [False, True, False, False, True] + [False] * 4
    assert {truck.container for truck in cast if truck.photo} == {photo.number for photo in PHOTOS}
    assert all(truck.type_code == "22G1" for truck in cast if truck.photo)
