from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.identifiers import access_key
from record.identifiers.identifier import Kind
from record.identifiers.remark import Code

FIRST = "0403201301179226110400110015010000000081234567816"
SECOND = "0312202201019007200200120029020004874985766297216"


def with_check(first_48: str) -> str:
    return first_48 + str(access_key.check_digit(first_48))


@pytest.mark.parametrize("key", [FIRST, SECOND])
def test_published_keys(key: str) -> None:
    found = access_key.parse(key)
    assert found.kind is Kind.ACCESS_KEY
    assert found.normal == key


def test_the_fields() -> None:
    assert access_key.parse(FIRST).parts == {
        "date": "2013-03-04",
        "document": "01",
        "ruc": "1792261104001",
        "environment": "1",
        "establishment": "001",
        "point": "501",
        "sequence": "000000008",
        "code": "12345678",
        "emission": "1",
        "check": "6",
        "number": "001-501-000000008",
    }


def test_the_fields_are_only_warned_about() -> None:
    found = access_key.parse(with_check("31022026" + "99" + SECOND[10:23] + "3" + SECOND[24:47] + "2"))
    assert found.kind is Kind.ACCESS_KEY
    assert {r.code for r in found.remarks} == {
        Code.IMPOSSIBLE_DATE,
        Code.UNKNOWN_DOCUMENT,
        Code.UNKNOWN_ENVIRONMENT,
        Code.UNKNOWN_EMISSION,
    }


def test_a_key_of_the_test_environment_says_so() -> None:
    assert access_key.parse(FIRST).has(Code.TEST_ENVIRONMENT)
    assert not access_key.parse(SECOND).has(Code.TEST_ENVIRONMENT)


def test_a_wrong_check_digit_is_unknown_and_says_which_was_expected() -> None:
    found = access_key.parse(FIRST[:48] + "7")
    assert found.kind is Kind.UNKNOWN
    assert dict(found.remarks[0].parameters) == {"kind": "access_key", "found": "7", "expected": "6"}


@pytest.mark.parametrize("text", ["", FIRST[:48], FIRST + "0", FIRST[:20] + "X" + FIRST[21:]])
def test_what_has_not_the_shape_is_unknown(text: str) -> None:
    assert access_key.parse(text).kind is Kind.UNKNOWN


@settings(deadline=None)
@given(st.text(string.digits, min_size=48, max_size=48))
def test_every_key_with_its_check_digit_is_a_key(first_48: str) -> None:
    assert access_key.parse(with_check(first_48)).kind is Kind.ACCESS_KEY


@settings(deadline=None)
@given(
    st.text(string.digits, min_size=48, max_size=48),
    st.integers(0, 48),
    st.sampled_from(string.digits),
)
def test_another_digit_is_found_unless_ten_and_one_fall_together(
    first_48: str, place: int, digit: str
) -> None:
    key = with_check(first_48)
    other = key[:place] + digit + key[place + 1 :]
    if other == key:
        return
    assert access_key.parse(other).kind is Kind.UNKNOWN or key[48] == "1"
