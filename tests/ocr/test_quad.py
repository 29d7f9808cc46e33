import numpy as np
import pytest

from ocr.quad import as_box, height, is_tall, ordered, upright, width

LINE = np.array([[10, 10], [110, 12], [110, 32], [10, 30]], np.float32)
LEANING_COLUMN = np.array([[60, 5], [80, 5], [40, 205], [20, 205]], np.float32)


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("quad", [LINE, LEANING_COLUMN], ids=["line", "leaning column"])
def test_corners_in_any_order_begin_at_the_upper_left(quad: np.ndarray, turn: int) -> None:
    assert np.array_equal(ordered(np.roll(quad, turn, axis=0)), quad)
    assert np.array_equal(ordered(np.roll(quad[::-1], turn, axis=0)), quad)


def test_columns_are_told_from_lines() -> None:
    assert is_tall(LEANING_COLUMN)
    assert not is_tall(LINE)
    assert width(LINE) == pytest.approx(100.02, abs=0.01)
    assert height(LINE) == 20


def test_what_is_cut_out_is_upright() -> None:
    picture = np.zeros((60, 140, 3), np.uint8)
    picture[10:30, 60:110] = 255
    cut = upright(picture, np.array([[10, 10], [110, 10], [110, 30], [10, 30]], np.float32))
    assert cut.shape == (20, 100, 3)
    assert cut[:, :45].max() == 0
    assert cut[2:-2, 55:95].min() == 255


def test_a_quad_outside_the_picture_is_cut_from_its_edge() -> None:
    picture = np.full((20, 20, 3), 7, np.uint8)
    cut = upright(picture, np.array([[-50, -50], [-10, -50], [-10, -40], [-50, -40]], np.float32))
    assert cut.min() == cut.max() == 7


def test_a_box_is_in_pixels_of_the_given_picture() -> None:
    assert as_box(LINE, 2.0)[0] == (20.0, 20.0)
