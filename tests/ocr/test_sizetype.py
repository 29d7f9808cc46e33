import numpy as np
import pytest

from ocr.sizetype import LIMITS, codes, table
from ocr.slots import ALPHABET, Slots


def painted(text: str, clear: float = 0.95) -> Slots:
    chance = np.full((len(text), len(ALPHABET)), (1 - clear) / 50, np.float32)
    for row, character in zip(chance, text, strict=True):
        row[ALPHABET.index(character)] = clear
    return Slots(np.log(chance), np.full(len(text), np.log(0.01), np.float32))


@pytest.mark.parametrize("code", ["22G1", "45R1", "L5G1", "22T6", "42P3", "12G1", "4310", "2NU0"])
def test_a_clear_code_is_read(code: str) -> None:
    cost, best = min(codes(painted(code)))
    assert best == code
    assert cost < 6


def test_a_common_code_is_believed_before_a_rare_one() -> None:
    doubtful = painted("22G1")
    doubtful.marks[3, ALPHABET.index("4")] = doubtful.marks[3, ALPHABET.index("1")]
    assert min(codes(doubtful))[1] == "22G1"


def test_what_stands_beside_the_code_is_passed_over() -> None:
    assert min(codes(painted("US22G1")))[1] == "22G1"


@pytest.mark.parametrize("text", ["KG", "22G", "MAXGROSS30480KGSLB67200TARE"])
def test_too_short_or_too_long_a_line_holds_no_code(text: str) -> None:
    assert codes(painted(text)) == []


def test_another_text_is_dear() -> None:
    assert min(codes(painted("TARE2230")))[0] > LIMITS[0]


def test_codes_are_unique_and_of_four_characters() -> None:
    texts = table().texts
    assert len(set(texts)) == len(texts)
    assert {len(text) for text in texts} == {4}
