"""The zero of a free scale: whatever stood there last, never what moved, never what is long ago."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from drivers.readings import Stability, Weight
from gateway.clerk.zero import ZERO_S, Zero

STILL_KG = Decimal(20)


def zero_of(*shown: tuple[float, int, Stability]) -> Zero:
    zero = Zero(STILL_KG)
    for moment, kg, stability in shown:
        zero.hear(moment, Weight(Decimal(kg), stability=stability))
    return zero


@given(st.integers(-99_999, 99_999), st.sampled_from([Stability.STABLE, Stability.UNKNOWN]))
def test_any_weight_that_stands_is_the_zero_however_far_off_it_is(kg: int, how: Stability) -> None:
    assert zero_of((0, kg, how), (1, kg, how)).at(2) == kg


def test_the_first_frames_of_a_truck_are_no_zero_also_without_a_flag() -> None:
    unknown = Stability.UNKNOWN
    assert zero_of((0, 0, unknown), (0.2, 300, unknown), (0.4, 900, unknown)).at(1) == 0


def test_what_moves_is_no_zero() -> None:
    assert zero_of((0, 120, Stability.MOVING), (1, 120, Stability.MOVING)).at(2) is None


def test_a_zero_of_long_ago_is_not_known_any_more() -> None:
    zero = zero_of((0, 0, Stability.STABLE))
    assert zero.at(ZERO_S) == 0
    assert zero.at(ZERO_S + 0.1) is None


def test_nothing_of_before_counts_once_it_is_forgotten() -> None:
    zero = zero_of((0, 40, Stability.STABLE))
    zero.forget()
    assert zero.at(1) is None
    zero.hear(2, Weight(Decimal(900), stability=Stability.STABLE))
    assert zero.at(2) == 900
