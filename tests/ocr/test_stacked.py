"""Columns and chains: characters above one another, found without any recogniser."""

import numpy as np
import pytest

from ocr import chains, columns
from ocr.reader import ContainerReader
from ocr.scene import Scene
from ocr.strip import Kind

NUMBER = "MSKU4135329"


def column(pitch: int, lean: float = 0.0, light: bool = True) -> np.ndarray:
    """A number stacked in a picture of 160 by 30 pixels a character, every `pitch` pixels."""
    import cv2

    back, ink = (50, 230) if light else (210, 30)
    picture = np.full((pitch * (len(NUMBER) + 2), 200, 3), back, np.uint8)
    for k, character in enumerate(NUMBER):
        place = (90 - int(lean * pitch * k), pitch * (k + 1) + 22)
        cv2.putText(picture, character, place, cv2.FONT_HERSHEY_SIMPLEX, 1.0, (ink,) * 3, 3)
    return picture


@pytest.mark.parametrize("light", [True, False], ids=["light", "dark"])
@pytest.mark.parametrize("lean", [0.0, 0.15])
@pytest.mark.parametrize("pitch", [30, 60])
def test_characters_at_a_regular_distance_are_a_chain(pitch: int, lean: float, light: bool) -> None:
    best = next(iter(chains.assemblies(column(pitch, lean, light))))
    (strip,) = best.strips
    assert strip.kind is Kind.STACKED
    assert strip.image.shape[0] == chains.CELL
    (left, top), (right, bottom) = strip.quad.min(0), strip.quad.max(0)
    assert top < pitch + 10
    assert bottom > pitch * len(NUMBER)
    assert left < 120 - lean * pitch * 5 and right > 90 - lean * pitch * 5


def test_a_chain_keeps_a_place_for_a_character_that_is_missing() -> None:
    whole = column(60)
    gap = whole.copy()
    gap[60 * 5 : 60 * 6 - 6] = 50
    quads = [next(iter(chains.assemblies(picture))).strips[0].quad for picture in (whole, gap)]
    assert np.allclose(quads[0].mean(0), quads[1].mean(0), atol=6)
    assert np.allclose(np.ptp(quads[0][:, 1]), np.ptp(quads[1][:, 1]), atol=25)


@pytest.mark.parametrize(
    "picture",
    [
        np.full((300, 300, 3), 90, np.uint8),
        np.random.default_rng(0).integers(0, 255, (300, 300, 3), np.uint8),
    ],
    ids=["one colour", "noise"],
)
def test_no_chain_where_nothing_is_stacked(picture: np.ndarray) -> None:
    assert not [a for a in chains.assemblies(picture) if len(a.strips[0].image[0]) > 900]


def test_a_column_is_laid_down_character_by_character() -> None:
    row = columns.stacked(column(30)[20 : 30 * 12, 80:125], 0.28)
    assert row is not None
    assert row.shape[0] == columns.CELL
    assert 8 * 20 < row.shape[1] < 14 * 60


def test_a_column_of_nothing_is_no_row() -> None:
    assert columns.stacked(np.full((300, 40, 3), 90, np.uint8), 0.28) is None
    assert columns.stacked(np.full((300, 6, 3), 90, np.uint8), 0.28) is None


def test_a_picture_as_slim_as_a_column_is_one(reader: ContainerReader) -> None:
    found = list(columns.assemblies(Scene(column(30)[:, 80:130], reader.eyes), []))
    assert {assembly.kind for assembly in found} == {Kind.STACKED, Kind.TURNED}
