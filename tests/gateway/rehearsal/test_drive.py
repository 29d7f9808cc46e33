"""A passage over the scale: it begins light, rocks, stands at the exact weight, and leaves the scale free."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.readings import Stability
from drivers.scale.protocol import Settings
from drivers.scale.protocols import protocol
from gateway.rehearsal.drive import OFF_S, ON_S, ROCK_S, STEP_S, drive

GROSS = st.integers(500, 3000).map(lambda twenties: Decimal(twenties * 20))


@settings(max_examples=40)
@given(GROSS, st.floats(0, 10))
def test_only_the_standing_truck_and_the_free_scale_are_still(gross: Decimal, stand_s: float) -> None:
    still = [weight.kg for _, weight in drive(gross, stand_s) if weight.stability is Stability.STABLE]
    assert still == [gross, Decimal(0)]


@settings(max_examples=40)
@given(GROSS, st.floats(0, 10))
def test_time_goes_on_and_the_truck_stands_as_long_as_it_should(gross: Decimal, stand_s: float) -> None:
    passage = list(drive(gross, stand_s))
    seconds = [second for second, _ in passage]
    assert seconds == sorted(seconds)
    standing = [weight.stability for _, weight in passage].index(Stability.STABLE)
    assert seconds[standing] == pytest.approx(ON_S + ROCK_S)
    assert seconds[standing + 1] - seconds[standing] == pytest.approx(stand_s)
    assert seconds[-1] == pytest.approx(ON_S + ROCK_S + stand_s + OFF_S)


@settings(max_examples=40)
@given(GROSS)
def test_it_drives_on_axle_by_axle_and_rocks_by_less_than_two_in_a_hundred(gross: Decimal) -> None:
    moving = [weight.kg for _, weight in drive(gross, 1.0) if weight.stability is Stability.MOVING]
    on = moving[: round(ON_S / STEP_S)]
    assert on == sorted(on)
    assert on[0] <= gross / 4
    rocking = moving[len(on) : len(on) + round(ROCK_S / STEP_S)]
    assert all(abs(kg - gross) <= max(gross / 50, Decimal(20)) for kg in rocking)
    assert any(kg != gross for kg in rocking) or gross < 2000
    off = moving[len(on) + len(rocking) :]
    assert off == sorted(off, reverse=True)


@settings(max_examples=20)
@given(GROSS)
def test_every_weight_has_a_frame_of_the_demos_indicator(gross: Decimal) -> None:
    spoken = protocol("mt_continuous")
    for _, weight in drive(gross, 0.0):
        (heard,) = spoken.decoder().feed(spoken.encode(weight, Settings()))
        assert heard.kg == weight.kg  # type: ignore[union-attr]
        assert weight.kg % 20 == 0
