from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.camera.condition import Look, Looker, PictureState, PictureWatch, likeness

Grey = NDArray[np.uint8]


@cache
def scene(seed: int = 1) -> Grey:
    """A gate as seen by nobody: blocks, lines and letters, with a camera's noise."""
    random = np.random.default_rng(seed)
    picture = np.full((360, 640), 120, np.uint8)
    for _ in range(40):
        x, y, wide, high = (int(n) for n in random.integers(10, (600, 320, 120, 80)))
        cv2.rectangle(picture, (x, y), (x + wide, y + high), int(random.integers(20, 235)), -1)
        cv2.putText(
            picture, "MSKU 601167 2", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.6, int(random.integers(0, 255)), 1
        )
    return picture


def noisy(picture: Grey, seed: int, spread: float = 2.0) -> Grey:
    noise = np.random.default_rng(seed).normal(0, spread, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def look(picture: Grey) -> Look:
    found = Looker().read(cv2.imencode(".jpg", picture)[1].tobytes())
    assert found is not None
    return found


def judged(pictures: list[Grey], seconds: float, **settings: float) -> PictureState:
    watch = PictureWatch(**settings)  # type: ignore[arg-type]
    for number, picture in enumerate(pictures):
        found, now = look(picture), seconds * number / (len(pictures) - 1)
        watch.saw(found.digest, now)
        watch.measured(found, now)
    return watch.state()


def blurred(picture: Grey) -> Grey:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 4.0), np.uint8)


def shifted(picture: Grey) -> Grey:
    return np.roll(picture, (90, 200), axis=(0, 1))


def with_a_truck(picture: Grey) -> Grey:
    covered = picture.copy()
    covered[60:, 150:] = 90
    return covered


def test_a_quiet_scene_with_a_cameras_noise_is_fine() -> None:
    assert judged([noisy(scene(), seed) for seed in range(8)], seconds=3600) is PictureState.FINE


def test_the_very_same_picture_for_a_minute_is_frozen() -> None:
    assert judged([scene()] * 4, seconds=59) is PictureState.FINE
    assert judged([scene()] * 4, seconds=60) is PictureState.FROZEN


def test_two_looks_far_apart_do_not_make_it_frozen() -> None:
    assert judged([scene()] * 2, seconds=600) is PictureState.FINE


def test_a_camera_is_known_as_frozen_by_its_bytes_alone() -> None:
    watch = PictureWatch()
    for now in (0.0, 30.0, 60.0):
        watch.saw(b"same", now)
    assert watch.state() is PictureState.FROZEN
    watch.saw(b"other", 61.0)
    assert watch.state() is PictureState.FINE


def test_darkness_is_black_and_a_dim_scene_is_not() -> None:
    dark, dim = np.full((360, 640), 3, np.uint8), (scene() // 6).astype(np.uint8)
    assert judged([noisy(dark, seed) for seed in range(4)], seconds=60) is PictureState.BLACK
    assert judged([noisy(dim, seed) for seed in range(4)], seconds=60) is PictureState.FINE


def test_a_misted_lens_is_blurred() -> None:
    assert (
        judged([noisy(blurred(scene()), seed, 0.3) for seed in range(4)], seconds=60) is PictureState.BLURRED
    )


def test_one_blurred_picture_is_no_state() -> None:
    pictures = [scene(), noisy(scene(), 1), blurred(scene())]
    assert judged(pictures, seconds=60, frozen_after=600) is PictureState.FINE


def test_a_view_that_stays_another_one_is_moved() -> None:
    away = [noisy(shifted(scene()), seed) for seed in range(6)]
    assert judged([scene(), *away], seconds=1200) is PictureState.MOVED
    assert judged([scene(), *away], seconds=600) is PictureState.FINE
    assert judged([scene(), *away, scene()], seconds=1200) is PictureState.FINE


def test_trucks_that_come_and_go_do_not_move_the_camera() -> None:
    pictures = [noisy(with_a_truck(scene()) if number % 4 else scene(), number) for number in range(13)]
    assert judged(pictures, seconds=7200, moved_after=3600) is PictureState.FINE


@pytest.mark.parametrize("seed", range(3))
def test_an_outline_stays_in_another_light(seed: int) -> None:
    night = noisy((scene(seed) * 0.3).astype(np.uint8), seed)
    assert (likeness(look(scene(seed)), look(night)) or 0) > 0.6
    assert (likeness(look(scene(seed)), look(scene(seed + 5))) or 0) < 0.6


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0cut"])
def test_what_is_no_picture_has_no_figures(data: bytes) -> None:
    assert Looker().read(data) is None


def test_a_flat_picture_has_no_outline() -> None:
    assert likeness(look(np.zeros((90, 160), np.uint8)), look(scene())) is None
