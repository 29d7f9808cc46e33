import cv2
import numpy as np
import pytest

from ocr.view import View, applied

CORNERS = (
    np.array([[[0, 0, 255], [0, 255, 0]], [[255, 0, 0], [255, 255, 255]]], np.uint8)
    .repeat(16, 0)
    .repeat(32, 1)
)
"""Red and green over blue and white, 64 pixels wide and 32 high."""
RED, GREEN, BLUE, WHITE = (0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255)


def seen(view: View) -> list[tuple[int, ...]]:
    """The colours of the four corners after a view: top left, top right, bottom left, bottom right."""
    data = applied(cv2.imencode(".png", CORNERS)[1].tobytes(), view)
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return [tuple(int(n) for n in picture[y, x]) for y in (0, -1) for x in (0, -1)]


@pytest.mark.parametrize(
    ("view", "corners"),
    [
        (View(), [RED, GREEN, BLUE, WHITE]),
        (View(turn=90), [BLUE, RED, WHITE, GREEN]),
        (View(turn=180), [WHITE, BLUE, GREEN, RED]),
        (View(turn=270), [GREEN, WHITE, RED, BLUE]),
        (View(mirror=True), [GREEN, RED, WHITE, BLUE]),
        (View(mirror=True, turn=90), [WHITE, GREEN, BLUE, RED]),
        (View(region=(0.5, 0.0, 1.0, 1.0)), [GREEN, GREEN, WHITE, WHITE]),
        (View(region=(0.0, 0.5, 0.001, 1.0)), [BLUE, BLUE, BLUE, BLUE]),
    ],
)
def test_a_view_cuts_mirrors_and_turns(view: View, corners: list[tuple[int, ...]]) -> None:
    assert seen(view) == corners


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0cut"])
def test_what_is_no_picture_stays_as_it_is(data: bytes) -> None:
    assert applied(data, View(turn=90)) == data


def test_a_picture_that_is_cut_off_is_not_made_whole() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8)
    data = cv2.imencode(".jpg", noise)[1].tobytes()[:-10]
    assert applied(data, View(region=(0.0, 0.0, 1.0, 0.5))) == data


@pytest.mark.parametrize("region", [(0.5, 0, 0.5, 1), (0, 0, 1.1, 1), (-0.1, 0, 1, 1), (0, 0.9, 1, 0.1)])
def test_a_region_that_is_none_is_refused(region: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="fractions"):
        View(region=region)


def test_only_quarter_turns_are_known() -> None:
    with pytest.raises(ValueError, match="turn 45"):
        View(turn=45)
