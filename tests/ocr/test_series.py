"""Pictures of one truck, read together."""

from dataclasses import replace

import numpy as np
import pytest

from ocr.decode import Decoder
from ocr.ledger import Ledger
from ocr.legibility import glimpses
from ocr.owners import Owners
from ocr.quad import Picture
from ocr.reader import ContainerReader
from ocr.render import Door, Layout, draw_face, render_face
from ocr.series import MOST_SERIES, Joined, Series
from ocr.shot import Shot
from ocr.sighting import Status
from ocr.slots import ALPHABET, FLOOR, Slots
from ocr.strip import Assembly, Eyes, Strip

NUMBER = "MSKU4135329"
WIDE, HIGH = 330, 30


class Seeing:
    """Reads a strip whose first pixels say what it shows: no network is needed."""

    def read(self, line: Picture) -> Slots:
        characters = line[0, :11, 0]
        shown = np.flatnonzero(characters < len(ALPHABET))
        marks = np.full((len(shown), len(ALPHABET)), FLOOR, np.float32)
        marks[np.arange(len(shown)), characters[shown]] = -0.02
        places = ((shown + 0.5 + 0.5 * (line[1, shown, 0] > 0)) / 11).astype(np.float32)
        return Slots(marks, np.full(len(shown), FLOOR, np.float32), places)


EYES = Eyes(Seeing(), Seeing())
DECODER = Decoder(Owners.listed(["MSKU"]))


def strip(text: str, right: float = 0.0, askew: int = -1) -> Strip:
    """A line of eleven places; a blank hides a character, the one at `askew` stands half a place to the right."""
    image = np.full((HIGH, WIDE, 3), 255, np.uint8)
    image[1] = 0
    for k, character in enumerate(text):
        if character != " ":
            image[0, k] = ALPHABET.index(character)
    if askew >= 0:
        image[1, askew] = 1
    corners = [[right, 50], [right + WIDE, 50], [right + WIDE, 50 + HIGH], [right, 50 + HIGH]]
    return Strip(image, np.array(corners, np.float32))


def ledger(*strips: Strip) -> Ledger:
    """A picture in which these lines were read."""
    found = Ledger(DECODER, EYES)
    for each in strips:
        found.offer(Assembly((each,)))
    return found


def join(series: Series, text: str, key: str = "truck", right: float = 0.0, askew: int = -1) -> Joined | None:
    return series.join(key, ledger(strip(text, right, askew)), frozenset())


@pytest.fixture
def series() -> Series:
    return Series(DECODER, EYES)


def test_two_pictures_show_together_what_neither_shows(series: Series) -> None:
    assert join(series, "MSKU41 5329") is None
    joined = join(series, "MSKU413532 ", right=70)
    assert joined is not None
    assert (joined.verdict.number, joined.pictures) == (NUMBER, 2)


def test_a_number_stands_where_the_newest_picture_shows_it(series: Series) -> None:
    join(series, "MSKU41 5329")
    joined = join(series, "MSKU413532 ", right=70)
    assert joined is not None
    (where,) = joined.ledger.entries[NUMBER].assembly.strips
    assert where.quad[0, 0] == 70


def test_three_pictures_show_together_what_two_do_not(series: Series) -> None:
    assert join(series, "MSKU4  53 9") is None
    assert join(series, "MSKU4 3 329", right=40) is None
    joined = join(series, "MSKU41  32 ", right=80)
    assert joined is not None and (joined.verdict.number, joined.pictures) == (NUMBER, 3)


def test_a_character_hidden_in_all_is_not_guessed(series: Series) -> None:
    assert not any(join(series, text, right=30 * k) for k, text in enumerate(("MSKU41 5329",) * 3))


def test_the_rim_of_a_post_is_no_digit(series: Series) -> None:
    """The third digit is hidden in both; half a place beside it one picture shows what makes the number valid."""
    join(series, "MSKU41 5329")
    assert join(series, "MSKU41353 9", right=30, askew=6) is None


def test_pictures_of_two_trucks_are_not_put_together(series: Series) -> None:
    assert join(series, "MSKU41 5329", key="one") is None
    assert join(series, "MSKU413532 ", key="other") is None


def test_only_the_newest_trucks_are_remembered(series: Series) -> None:
    join(series, "MSKU41 5329", key="old")
    for k in range(MOST_SERIES):
        join(series, "MSKU41 5329", key=f"newer {k}")
    assert join(series, "MSKU413532 ", key="old") is None


def test_a_picture_without_a_line_changes_nothing(series: Series) -> None:
    join(series, "MSKU41 5329")
    assert series.join("truck", ledger(), frozenset()) is None
    assert join(series, "MSKU413532 ") is not None


def test_drawn_pictures_with_a_post_are_put_together(reader: ContainerReader) -> None:
    door = replace(Door.drawn(np.random.default_rng(3)), rods=False, dirt=0.0, depth=0.1)
    face = draw_face(NUMBER, "", seed=3, layout=Layout.ONE_LINE, door=door)
    size, seen = (640, 480), []
    for k, place in enumerate((6, 9)):
        shot = Shot(0.05, 0.02, 1.0, 1.2, (0.5 + 0.03 * k, 0.1), 1.0, 0.3, 0, 2.0, 90)
        box = glimpses(face, shot, size)[place].box
        post = (float(box[:, 0].min() - 1) / size[0], float(box[:, 0].max() + 1) / size[0])
        data = render_face(face, seed=3, width=640, height=480, frame=k, shot=replace(shot, post=post))
        seen.append(reader.follow(data, frozenset(), "drawn"))
    assert seen[0].status is not Status.ACCEPTED
    assert (seen[1].number, seen[1].joined) == (NUMBER, 2)
    assert seen[1].boxes and seen[1].crop
