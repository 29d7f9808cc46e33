from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.identifiers import container
from record.identifiers.identifier import Kind
from record.identifiers.remark import Code

CLASSES = ["AKU", "BLV", "CMW", "DNX", "EOY", "FPZ", "GQ", "HR", "IS", "JT"]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    owner = draw(st.text(string.ascii_uppercase, min_size=3, max_size=3))
    ten = owner + draw(st.sampled_from("UJZ")) + draw(st.text(string.digits, min_size=6, max_size=6))
    return ten + str(container.check_digit(ten))


@pytest.mark.parametrize("number", ["CSQU3054383", "TEXU3070079", "MSKU6011672"])
def test_published_numbers(number: str) -> None:
    found = container.parse(number)
    assert found.kind is Kind.CONTAINER
    assert found.normal == number
    assert not found.remarks


@pytest.mark.parametrize("number", ["MSCU3000090", "MSCU3000130"])
def test_a_remainder_of_ten_is_a_container_that_proves_little(number: str) -> None:
    found = container.parse(number)
    assert found.kind is Kind.CONTAINER
    assert found.has(Code.REMAINDER_TEN)
    assert found.doubtful


def test_the_sum_of_the_standards_own_example() -> None:
    assert container.check_digit("CSQU305438") == 3


@pytest.mark.parametrize("text", ["csqu3054383", "CSQU 305438-3", "CSQU 305438 [3]", "\tCSQU305438 3\r\n"])
def test_written_in_other_ways(text: str) -> None:
    found = container.parse(text)
    assert found.normal == "CSQU3054383"
    assert found.raw == text


def test_a_wrong_check_digit_is_unknown_and_says_which_was_expected() -> None:
    found = container.parse("CSQU3054384")
    assert found.kind is Kind.UNKNOWN
    assert [r.code for r in found.remarks] == [Code.CHECK_DIGIT]
    assert dict(found.remarks[0].parameters) == {"kind": "container", "found": "4", "expected": "3"}


@pytest.mark.parametrize("text", ["C5QU3O54383", "CSQU3O54383"])
def test_look_alikes_are_exchanged_by_position_with_a_remark(text: str) -> None:
    found = container.parse(text)
    assert found.normal == "CSQU3054383"
    assert found.has(Code.SWAPPED)


def test_cyrillic_letters_are_folded_and_the_raw_text_kept() -> None:
    text = "МЅКU6011672"
    found = container.parse(text)
    assert found.normal == "MSKU6011672"
    assert found.raw == text
    assert found.has(Code.FOLDED)


def test_a_missing_check_digit_is_unknown_and_told() -> None:
    found = container.parse("CSQU 305438")
    assert found.kind is Kind.UNKNOWN
    assert [(r.code, dict(r.parameters)["expected"]) for r in found.remarks] == [(Code.NO_CHECK_DIGIT, "3")]


@pytest.mark.parametrize("text", ["", "CSQX3054383", "CSQU30543", "CSQU30543830", "CSQ£3054383"])
def test_what_has_not_the_shape_is_unknown(text: str) -> None:
    assert container.parse(text).kind is Kind.UNKNOWN


@settings(deadline=None)
@given(numbers())
def test_written_and_read_again_is_the_same(number: str) -> None:
    assert container.parse(container.written(number)).normal == number


@settings(deadline=None)
@given(numbers(), st.integers(4, 10), st.sampled_from(string.digits))
def test_another_digit_is_found_unless_a_remainder_of_ten_is_written_zero(
    number: str, place: int, digit: str
) -> None:
    other = number[:place] + digit + number[place + 1 :]
    if other == number:
        return
    tens = {container.remainder(number[:10]), container.remainder(other[:10])}
    assert container.parse(other).kind is Kind.UNKNOWN or tens == {0, 10}


@settings(deadline=None)
@given(numbers(), st.integers(0, 2), st.sampled_from(string.ascii_uppercase))
def test_another_letter_is_found_unless_it_is_of_the_same_class(number: str, place: int, letter: str) -> None:
    other = number[:place] + letter + number[place + 1 :]
    same_class = any(letter in letters and number[place] in letters for letters in CLASSES)
    tens = {container.remainder(number[:10]), container.remainder(other[:10])}
    assert (container.parse(other).kind is Kind.CONTAINER) == (same_class or tens == {0, 10})


def test_the_check_digit_wants_ten_characters() -> None:
    with pytest.raises(ValueError, match="ten capital letters"):
        container.check_digit("CSQU30543")
