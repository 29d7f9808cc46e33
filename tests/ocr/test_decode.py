import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.decode import Decoder, bound
from ocr.owners import STRANGE, Owners
from ocr.slots import ALPHABET, Slots
from record.identifiers.container import check_digit

KNOWN = ("MSKU", "TRLU", "CMAU", "GLDU", "APHU")
DECODER = Decoder(Owners.listed(KNOWN))

SERIALS = st.from_regex(r"[0-9]{6}", fullmatch=True)
STRANGERS = st.from_regex(r"[A-Z]{3}[UJZ]", fullmatch=True).filter(lambda code: code not in KNOWN)


def number(first_ten: str) -> str:
    return f"{first_ten}{check_digit(first_ten)}"


def painted(text: str, clear: float = 0.97, absent: float = 0.001) -> Slots:
    """A line that reads `text`, each character with the probability `clear`."""
    chance = np.full((len(text), len(ALPHABET)), (1 - clear) / 100, np.float32)
    for row, character in zip(chance, text, strict=True):
        row[ALPHABET.index(character)] = clear
    return Slots(np.log(chance), np.full(len(text), np.log(absent), np.float32))


@given(st.sampled_from(KNOWN), SERIALS)
@settings(max_examples=40, deadline=None)
def test_a_clear_number_is_found_first(owner: str, serial: str) -> None:
    right = number(owner + serial)
    slots = painted(right)
    best = DECODER.candidates(slots)[0]
    assert best.number == right
    assert best.cost == pytest.approx(-11 * np.log(0.97), abs=0.01)
    assert best.cost == pytest.approx(DECODER.costs(slots, [right])[0], abs=0.01)
    assert -bound(slots) == pytest.approx(best.cost, abs=0.01)


@given(STRANGERS, SERIALS)
@settings(max_examples=40, deadline=None)
def test_a_strange_owner_is_found_too_and_costs_more(owner: str, serial: str) -> None:
    right = number(owner + serial)
    costs = {c.number: c.cost for c in DECODER.candidates(painted(right))}
    assert costs[right] == pytest.approx(STRANGE - 11 * np.log(0.97), abs=0.01)


@given(st.text(ALPHABET, min_size=10, max_size=24))
@settings(max_examples=60, deadline=None)
def test_every_candidate_has_its_check_digit_and_none_beats_the_bound(text: str) -> None:
    slots = painted(text, 0.7)
    found = DECODER.candidates(slots)
    for candidate in found:
        assert int(candidate.number[10]) == check_digit(candidate.number[:10])
        assert candidate.cost >= -bound(slots) - 0.01
    assert [c.cost for c in found] == sorted(c.cost for c in found)
    assert len({c.number for c in found}) == len(found)


def test_what_stands_before_and_after_costs_little() -> None:
    right = number("MSKU413532")
    assert DECODER.candidates(painted(f"22G1{right}KG"))[0].number == right


def test_a_misread_letter_of_a_known_owner_is_repaired_when_it_is_doubtful() -> None:
    right = number("TRLU668957")
    slots = painted(right)
    slots.marks[1, :] = np.log(0.001)
    slots.marks[1, [ALPHABET.index("H"), ALPHABET.index("R")]] = np.log([0.6, 0.3])
    assert DECODER.candidates(slots)[0].number == right


def test_a_wrong_check_digit_is_dear() -> None:
    wrong = "MSKU4135320"
    assert int(wrong[10]) != check_digit(wrong[:10])
    assert DECODER.candidates(painted(wrong))[0].cost > 4


def test_too_short_and_too_long_lines_hold_no_number() -> None:
    assert DECODER.candidates(painted("MSKU41353")) == []
    assert DECODER.candidates(painted("8" * 41)) == []


@pytest.mark.parametrize("code", ["MSK", "MSKA", "M1KU", "mskü", ""])
def test_what_is_no_owner_code_is_named(code: str) -> None:
    with pytest.raises(ValueError, match="no owner code"):
        Owners.listed([code])
