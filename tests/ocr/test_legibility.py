from dataclasses import replace

import numpy as np
import pytest

from ocr.legibility import Glimpse, glimpses
from ocr.render import Door, Face, Layout, draw_face
from ocr.shot import Shot

NUMBER = "MSKU4135325"
SIZE = (1280, 720)
LEVEL = Shot(0.0, 0.0, 0.0, 1.2, (0.5, 0.1), 1.0, 0.3, 0, 2.0, 90)
PLAIN = replace(Door.drawn(np.random.default_rng(3)), paint=(30, 30, 30), lettering=(230, 230, 230))


def face(door: Door = PLAIN, layout: Layout = Layout.TWO_LINES) -> Face:
    return draw_face(NUMBER, "45G1", seed=1, layout=layout, door=door)


def legible(seen: list[Glimpse]) -> list[bool]:
    return [glimpse.is_legible for glimpse in seen]


@pytest.mark.parametrize("layout", list(Layout))
def test_every_character_is_known_and_legible_from_straight_before(layout: Layout) -> None:
    assert legible(glimpses(face(layout=layout), LEVEL, SIZE)) == [True] * len(NUMBER)


def test_characters_stand_in_reading_order_where_they_were_painted() -> None:
    drawn = face()
    assert [left for left, *_ in drawn.characters] == sorted(left for left, *_ in drawn.characters)
    blank = draw_face("", seed=1, door=PLAIN)
    changed = np.abs(drawn.picture.astype(int) - blank.picture).max(2)
    for left, top, right, bottom in drawn.characters:
        assert changed[top:bottom, left:right].max() > 100


def test_a_post_hides_what_stands_behind_it_and_nothing_else() -> None:
    whole = glimpses(face(), LEVEL, SIZE)
    box = whole[6].box / SIZE[0]
    post = replace(LEVEL, post=(float(box[:, 0].min()), float(box[:, 0].max())))
    hidden = glimpses(face(), post, SIZE)
    assert legible(hidden) == [place != 6 for place in range(len(NUMBER))]


def test_a_lock_rod_moves_before_the_face_with_the_camera() -> None:
    assert face().rods(replace(LEVEL, turn=0.2))[0] < face().rods(LEVEL)[0]
    assert face().rods(replace(LEVEL, turn=-0.2))[0] > face().rods(LEVEL)[0]
    assert face(replace(PLAIN, rods=False)).rods(LEVEL) == []


def test_a_painter_keeps_the_number_off_the_rods_unless_told_otherwise() -> None:
    careless = [face(replace(PLAIN, clear=False, condensed=width)) for width in (0.86, 0.88, 0.9)]
    careful = [face(replace(PLAIN, condensed=width)) for width in (0.78, 0.86, 0.9)]
    assert not all(all(legible(glimpses(one, LEVEL, SIZE))) for one in careless)
    assert all(all(legible(glimpses(one, LEVEL, SIZE))) for one in careful)


@pytest.mark.parametrize(
    "shot",
    [replace(LEVEL, size=0.25), replace(LEVEL, light=0.05), replace(LEVEL, place=(0.5, 5.0))],
    ids=["too far", "too dark", "out of the picture"],
)
def test_what_is_too_small_too_dark_or_outside_is_not_legible(shot: Shot) -> None:
    assert not all(legible(glimpses(face(), shot, SIZE)))
