import math

import pytest

from drivers.camera.condition import Look
from gateway.aiming import Advice, advice, measured
from ocr.sighting import Box, Sighting, Status

SHARP = Look(b"1", 120.0, 40.0, 0.7)


def box(wide: float, high: float, degrees: float = 0.0) -> Box:
    """A text of this size that begins at (100, 100), turned clockwise."""
    turn = math.radians(degrees)
    corners = ((0, 0), (wide, 0), (wide, high), (0, high))
    return tuple(
        (100 + x * math.cos(turn) - y * math.sin(turn), 100 + x * math.sin(turn) + y * math.cos(turn))
        for x, y in corners
    )


def sighting(*boxes: Box) -> Sighting:
    return Sighting(None, (), None, Status.UNSURE, 1.0, 1.0, (), boxes, None, 1.0)


@pytest.mark.parametrize(
    ("degrees", "tilt"), [(0, 0), (20, 20), (-20, 20), (90, 0), (75, 15), (180, 0), (45, 45)]
)
def test_letters_and_tilt_are_measured_at_any_angle(degrees: float, tilt: float) -> None:
    line = measured(box(400, 50, degrees))
    assert line.letters == pytest.approx(34, abs=0.1)
    assert line.tilt == pytest.approx(tilt, abs=0.1)


def test_a_well_aimed_camera_needs_nothing() -> None:
    assert advice(SHARP, sighting(box(500, 60), box(40, 40))) == ()


def test_letters_that_are_small_or_tilted_are_told() -> None:
    assert advice(SHARP, sighting(box(300, 20))) == (Advice.SMALL,)
    assert advice(SHARP, sighting(box(500, 60, 30))) == (Advice.TILTED,)


def test_a_picture_without_a_number_is_told_what_it_shows() -> None:
    assert advice(SHARP, sighting()) == (Advice.NO_NUMBER,)
    assert advice(Look(b"1", 3.0, 2.0, 0.7), sighting()) == (Advice.BLACK,)
    assert advice(None, sighting()) == (Advice.BLACK,)
    assert advice(Look(b"1", 90.0, 30.0, 0.1), sighting()) == (Advice.BLURRED, Advice.NO_NUMBER)
