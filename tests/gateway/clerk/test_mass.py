"""The way from weights to the mass of a load."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.clerk.mass import BoxTare, Lack, Part, Vehicle, declared, piece, weighed_once, weighed_twice

D = Decimal
TRUCK = Vehicle((Part("vehicle", D(-13400), "stored"),))
BOX = BoxTare(D(2280), "site")


def test_gross_less_truck_and_box() -> None:
    mass = weighed_once(D(37000), TRUCK, (BOX,), "weighing-1")
    assert mass.rounded == 21320
    assert mass.with_box == 23600
    assert [part.kg for part in mass.parts] == [37000, -13400, -2280]


def test_in_less_out_and_out_less_in() -> None:
    origins = ("weighing-1", "weighing-2")
    assert weighed_twice(D(37000), D(13400), (), origins).rounded == 23600
    assert weighed_twice(D(13400), D(37000), (), origins, leaving=True).rounded == 23600


@pytest.mark.parametrize(("kg", "rounded"), [("2.5", 2), ("3.5", 4), ("2.51", 3)])
def test_rounded_once_half_to_even(kg: str, rounded: int) -> None:
    assert piece(D(kg), "w").rounded == rounded


def test_what_is_lacking_is_named_and_nothing_is_guessed() -> None:
    origins = ("weighing-1", "weighing-2")
    found = {
        weighed_once(None, TRUCK, (), "w").lack: Lack.WEIGHING,
        weighed_once(D(1), Vehicle((), "chassis"), (), "w").lack: Lack.TARES,
        weighed_once(D(20000), TRUCK, (None,), "w").lack: Lack.BOX_TARE,
        weighed_once(D(13400), TRUCK, (), "w").lack: Lack.NOT_POSITIVE,
        weighed_twice(D(1), None, (), origins).lack: Lack.SECOND,
        declared(None, "preadvice-1").lack: Lack.DECLARED,
    }
    assert all(lack is wanted for lack, wanted in found.items())
    assert weighed_once(None, TRUCK, (), "w").rounded is None
