"""Two readings of one line laid over each other."""

import numpy as np
import pytest

from ocr.decode import Decoder
from ocr.owners import Owners
from ocr.sequence import Line, together
from ocr.slots import ALPHABET, FLOOR, Slots

NUMBER = "MSKU4135329"
PITCH = 20.0


def line(text: str, start: float = 0.0, pitch: float = PITCH, also: dict[int, str] | None = None) -> Line:
    """A reading with a character at each pitch; a blank is a hidden one, `also` what a place may be as well."""
    shown = [k for k, character in enumerate(text) if character != " "]
    marks = np.full((len(shown), len(ALPHABET)), FLOOR, np.float32)
    for row, k in enumerate(shown):
        marks[row, ALPHABET.index(text[k])] = -0.02
        if also and k in also:
            marks[row, ALPHABET.index(text[k])] = -0.7
            marks[row, ALPHABET.index(also[k])] = -0.7
    places = np.array([start + k * pitch for k in shown], np.float32)
    slots = Slots(marks, np.full(len(shown), FLOOR, np.float32), places)
    return Line(slots, slots)


def text(lines: list[Line] | None) -> str:
    assert lines is not None
    return "".join(each.first.text() for each in lines)


def test_each_picture_shows_what_the_other_hides() -> None:
    earlier, newer = line("MSKU41 5329"), line("MSKU413532 ", start=300, pitch=22)
    assert text(together([newer], [earlier])) == NUMBER
    assert text(together([earlier], [newer])) == NUMBER


def test_both_recognisers_are_laid_over() -> None:
    both = together([line("MSKU413532 ")], [line("MSKU41 5329", start=55)])
    assert both is not None and both[0].second.text() == NUMBER


def test_places_stay_those_of_the_first() -> None:
    both = together([line("MSKU413532 ")], [line("MSKU41 5329", start=500, pitch=24)])
    assert both is not None
    assert np.allclose(both[0].first.places, np.arange(11) * PITCH, atol=0.1 * PITCH)


def test_the_owner_and_the_serial_are_laid_over_line_by_line() -> None:
    newer = [line("MSKU", start=10), line("41 5329", start=12)]
    earlier = [line("MS U", start=110), line("4135 29", start=112)]
    assert text(together(newer, earlier)) == NUMBER


def test_an_owner_that_one_picture_hides_is_the_other_s() -> None:
    newer, earlier = [line("413532 ", start=10)], [line("MSKU", start=112), line("41 5329", start=112)]
    assert text(together(newer, earlier)) == NUMBER
    assert text(together(earlier, newer)) == NUMBER


def test_the_better_owner_code_counts_beside_one_serial() -> None:
    newer = [line("HALO", start=10), line("413532 ", start=10)]
    earlier = [line("MSKU", start=112), line("41 5329", start=112)]
    assert text(together(newer, earlier)) == NUMBER
    assert text(together(earlier, newer)) == NUMBER


def test_a_repeated_error_does_not_become_surer() -> None:
    doubtful = line(NUMBER, also={4: "1"})
    both = together([doubtful], [doubtful])
    assert both is not None
    assert np.allclose(both[0].first.marks, doubtful.first.marks)


def test_what_one_picture_knows_better_decides() -> None:
    both = together([line(NUMBER, also={4: "1"})], [line(NUMBER)])
    assert both is not None
    decoder = Decoder(Owners.listed(["MSKU"]))
    best, second = decoder.candidates(both[0].first)[:2]
    assert best.number == NUMBER and second.cost > best.cost + 3


@pytest.mark.parametrize(
    "other",
    [
        [line("TGHU870 702")],
        [line("KU41")],
        [line("M S K U 4 1 3 5 3 2", pitch=PITCH / 4)],
        [line("MSKU"), line("4135")],
        [line(" ")],
    ],
    ids=["another number", "too little in common", "much nearer", "too little in each line", "nothing"],
)
def test_other_lines_are_not_laid_over(other: list[Line]) -> None:
    assert together([line("MSKU41 5329")], other) is None


def test_alike_characters_at_other_places_are_no_pairs() -> None:
    scattered = line("MSKU41 5329")
    scattered.first.places[:] = np.cumsum([0, 90, 5, 60, 7, 80, 9, 70, 3, 66])
    assert together([line("MSKU413532 ")], [scattered]) is None
