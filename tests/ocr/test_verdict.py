from collections.abc import Mapping

import numpy as np
import pytest

from ocr.decode import Decoder
from ocr.ledger import Ledger
from ocr.owners import Owners
from ocr.slots import ALPHABET, Slots
from ocr.strip import Assembly, Eyes, Strip
from ocr.verdict import Verdict, judge
from record.identifiers.container import check_digit


def number(first_ten: str) -> str:
    return f"{first_ten}{check_digit(first_ten)}"


RIGHT = number("MSKU413532")
RIVAL = number("MSKU418532")
STRANGE = number("QQQU413532")
OTHER = number("TRLU668957")
DECODER = Decoder(Owners.listed(["MSKU", "TRLU"]))

Reading = Mapping[str, float]
"""What a recogniser says of a line: texts of one length with their shares."""


REGULAR = tuple((place + 0.5) / 11 for place in range(11))
WITH_A_HOLE = (*REGULAR[:6], *((place + 0.5) / 11 for place in range(7, 12)))
"""As if something stood before the character after the sixth."""

WITH_A_PAIR = (*REGULAR[:8], REGULAR[7] + 0.4 / 11, *REGULAR[9:])
"""As if the ninth character were the eighth one's rim."""


def slots(reading: Reading, places: tuple[float, ...] = REGULAR) -> Slots:
    length = len(next(iter(reading)))
    chance = np.full((length, len(ALPHABET)), 0.001, np.float32)
    for text, share in reading.items():
        for row, character in zip(chance, text, strict=True):
            row[ALPHABET.index(character)] += share
    blank = np.full(length, np.log(0.002), np.float32)
    return Slots(np.log(np.minimum(chance, 1)), blank, np.array(places, np.float32))


class Says:
    """A recogniser that says of each line, known by its grey level, what it is told."""

    def __init__(self, *readings: Reading, places: tuple[float, ...] = REGULAR) -> None:
        self.readings = readings
        self.places = places

    def read(self, line: np.ndarray) -> Slots:
        return slots(self.readings[int(line[0, 0, 0])], self.places)


def judged(first: Says, second: Says, expected: str = "", alone: bool = False) -> list[Verdict]:
    ledger = Ledger(DECODER, Eyes(first, second))
    for level in range(len(first.readings)):
        place = np.array([[0, 0], [99, 0], [99, 9], [0, 9]], np.float32) + 100 * level
        ledger.offer(Assembly((Strip(np.full((10, 100, 3), level, np.uint8), place),)))
    return judge(ledger, frozenset([expected] if expected else ()), alone)


CLEAR = {RIGHT: 0.98}
DOUBTFUL = {RIGHT: 0.68, RIVAL: 0.25}
TORN = {RIGHT: 0.5, RIVAL: 0.45}


def test_a_clear_number_needs_nobody_else() -> None:
    (verdict,) = judged(Says(CLEAR), Says({"X" * 11: 0.9}))
    assert (verdict.number, verdict.accepted) == (RIGHT, True)
    assert verdict.cost < 1.2


def test_a_doubtful_number_is_accepted_when_both_agree() -> None:
    (verdict,) = judged(Says(DOUBTFUL), Says(CLEAR))
    assert (verdict.number, verdict.accepted) == (RIGHT, True)
    assert verdict.cost > 1.2


@pytest.mark.parametrize(
    "second", [{RIVAL: 0.98}, TORN, {"X" * 11: 0.9}], ids=["sees another", "is torn", "sees nothing"]
)
def test_a_doubtful_number_is_not_accepted_when_the_second(second: Reading) -> None:
    (verdict,) = judged(Says(DOUBTFUL), Says(second))
    assert (verdict.number, verdict.accepted) == (RIGHT, False)


def test_a_doubtful_number_is_not_accepted_without_a_second() -> None:
    (verdict,) = judged(Says(DOUBTFUL), Says(CLEAR), alone=True)
    assert not verdict.accepted


def test_a_number_between_two_is_not_accepted_though_the_second_is_clear() -> None:
    (verdict,) = judged(Says(TORN), Says(CLEAR))
    assert verdict.margin < 1
    assert not verdict.accepted


def test_an_announced_number_needs_less() -> None:
    (verdict,) = judged(Says({RIGHT: 0.75, RIVAL: 0.1}), Says({"X" * 11: 0.9}), expected=RIGHT)
    assert (verdict.number, verdict.accepted) == (RIGHT, True)
    (other,) = judged(Says({RIGHT: 0.75, RIVAL: 0.1}), Says({"X" * 11: 0.9}), expected=RIVAL)
    assert not other.accepted


def test_a_strange_owner_needs_agreement_however_clear() -> None:
    (alone,) = judged(Says({STRANGE: 0.98}), Says({"X" * 11: 0.9}))
    assert (alone.number, alone.accepted) == (STRANGE, False)
    (agreed,) = judged(Says({STRANGE: 0.98}), Says({STRANGE: 0.9}))
    assert (agreed.number, agreed.accepted) == (STRANGE, True)


def test_two_clear_lines_are_two_containers() -> None:
    verdicts = judged(Says(CLEAR, {OTHER: 0.98}), Says(CLEAR, {OTHER: 0.98}))
    assert {verdict.number for verdict in verdicts if verdict.accepted} == {RIGHT, OTHER}


def test_a_doubtful_second_line_is_no_second_container() -> None:
    verdicts = judged(Says(CLEAR, {OTHER: 0.5}), Says(CLEAR, {OTHER: 0.98}))
    assert [verdict.number for verdict in verdicts] == [RIGHT]


def test_a_picture_without_numbers_has_no_verdict() -> None:
    assert judged(Says({"X" * 11: 0.9}), Says({"X" * 11: 0.9})) == []


def test_a_number_read_less_clearly_but_like_no_other_needs_nobody_else() -> None:
    (verdict,) = judged(Says({RIGHT: 0.83}), Says({"X" * 11: 0.9}))
    assert verdict.cost > 1.2
    assert verdict.margin > 6
    assert verdict.accepted


def test_an_announced_number_may_have_a_strange_owner() -> None:
    reading = {STRANGE: 0.8}
    (verdict,) = judged(Says(reading), Says({"X" * 11: 0.9}), expected=STRANGE)
    assert (verdict.number, verdict.accepted) == (STRANGE, True)


def test_a_wrong_digit_that_both_read_is_not_put_right() -> None:
    wrong = RIGHT[:10] + str((int(RIGHT[10]) + 1) % 10)
    verdicts = judged(Says({wrong: 0.98}), Says({wrong: 0.98}))
    assert not any(verdict.accepted for verdict in verdicts)


def with_one_faint(share: float) -> Says:
    """All characters but one are read well."""
    return Says({RIGHT: share, RIGHT[:8] + "X" + RIGHT[9:]: 0.97 - share})


@pytest.mark.parametrize(("right", "accepted"), [(RIGHT, True), (STRANGE, False)], ids=["listed", "strange"])
def test_a_letter_that_both_read_otherwise_is_put_right_in_a_listed_owner_only(
    right: str, accepted: bool
) -> None:
    painted = f"{right[0]}J{right[2:]}"
    (best, *_) = judged(Says({painted: 0.92, right: 0.07}), Says({painted: 0.65, right: 0.33}))
    assert (best.number, best.accepted) == (right, accepted)


def test_a_letter_that_one_reads_otherwise_is_put_right_by_the_other() -> None:
    painted = f"{STRANGE[0]}J{STRANGE[2:]}"
    (best, *_) = judged(Says({painted: 0.92, STRANGE: 0.07}), Says({painted: 0.1, STRANGE: 0.88}))
    assert (best.number, best.accepted) == (STRANGE, True)


def test_a_character_that_neither_sees_is_not_guessed() -> None:
    (verdict,) = judged(with_one_faint(0.03), with_one_faint(0.03))
    assert (verdict.number, verdict.accepted) == (RIGHT, False)
    (seen,) = judged(with_one_faint(0.03), with_one_faint(0.3))
    assert seen.accepted


@pytest.mark.parametrize("places", [WITH_A_HOLE, WITH_A_PAIR], ids=["beside a hole", "in a pair too close"])
def test_a_faint_character_is_not_believed(places: tuple[float, ...]) -> None:
    (whole,) = judged(with_one_faint(0.2), with_one_faint(0.2))
    assert whole.accepted
    faint = Says(*with_one_faint(0.2).readings, places=places)
    (torn,) = judged(faint, faint)
    assert (torn.number, torn.accepted) == (RIGHT, False)


@pytest.mark.parametrize(("apart", "accepted"), [(0.7, False), (1.3, True)])
def test_a_faint_last_digit_close_to_the_check_digit_is_its_box(apart: float, accepted: bool) -> None:
    faint = {RIGHT: 0.2, RIGHT[:9] + "X" + RIGHT[10]: 0.77}
    reader = Says(faint, places=(*REGULAR[:10], REGULAR[9] + apart / 11))
    (verdict,) = judged(reader, reader)
    assert (verdict.number, verdict.accepted) == (RIGHT, accepted)


def test_a_digit_that_two_boxes_hold_is_not_counted_twice() -> None:
    """Both see it surely, and twice."""
    share = {RIGHT: 0.85}
    (apart,) = judged(Says(share), Says(share))
    assert apart.accepted
    reader = Says(share, places=WITH_A_PAIR)
    (pair,) = judged(reader, reader)
    assert (pair.number, pair.accepted) == (RIGHT, False)


@pytest.mark.parametrize(("gap", "accepted"), [(1.0, False), (2.0, True)], ids=["in a word", "apart"])
def test_an_owner_code_is_no_part_of_a_longer_word(gap: float, accepted: bool) -> None:
    text = "T" + RIGHT
    places = np.array([0.5, *(0.5 + gap + np.arange(11))]) / 14
    reader = Says({text: 0.85}, places=tuple(places))
    (verdict,) = judged(reader, reader)
    assert (verdict.number, verdict.accepted) == (RIGHT, accepted)
    assert verdict.cost > 1.2


def test_two_texts_far_apart_are_no_serial() -> None:
    places = np.array([*np.arange(7), *(np.arange(7, 11) + 2.0)]) / 14
    reader = Says({RIGHT: 0.85}, places=tuple(places))
    (verdict,) = judged(reader, reader)
    assert (verdict.number, verdict.accepted) == (RIGHT, False)


def test_a_further_number_that_is_only_agreed_on_is_no_second_container() -> None:
    further = {OTHER: 0.68}
    assert [v.number for v in judged(Says(further), Says(further)) if v.accepted] == [OTHER]
    verdicts = judged(Says(CLEAR, further), Says(CLEAR, further))
    assert [verdict.number for verdict in verdicts] == [RIGHT]
