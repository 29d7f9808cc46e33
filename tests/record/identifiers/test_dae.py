from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.identifiers import dae
from record.identifiers.identifier import Kind
from record.identifiers.remark import Code

DISTRICTS = {"028", "019"}
REGIMES = {"40"}


@pytest.mark.parametrize(
    "text",
    [
        "02820264000123456",
        "028-2026-40-00123456",
        "028 2026 40 00123456",
        "DAE: 028-2026-40-00123456",
        "028–2026–40–00123456",
    ],
)
def test_written_in_many_ways(text: str) -> None:
    found = dae.parse(text, districts=DISTRICTS, regimes=REGIMES)
    assert found.kind is Kind.DAE
    assert found.normal == "02820264000123456"
    assert found.parts == {"district": "028", "year": "2026", "regime": "40", "sequence": "00123456"}
    assert not found.remarks


def test_an_unknown_district_and_regime_are_warnings() -> None:
    found = dae.parse("99920269900123456", districts=DISTRICTS, regimes=REGIMES)
    assert found.kind is Kind.DAE
    assert [r.code for r in found.remarks] == [Code.UNKNOWN_DISTRICT, Code.UNKNOWN_REGIME]


@pytest.mark.parametrize("year", ["0000", "1999", "2100", "9999"])
def test_an_impossible_year_is_no_dae(year: str) -> None:
    found = dae.parse(f"028{year}4000123456")
    assert found.kind is Kind.UNKNOWN
    assert found.has(Code.IMPOSSIBLE_YEAR)


def test_a_year_before_ecuapass_or_after_today_is_a_warning() -> None:
    assert dae.parse("02820114000123456").has(Code.YEAR_BEFORE_ECUAPASS)
    today = date(2026, 1, 15)
    assert dae.parse("02820274000123456", today=today).has(Code.YEAR_IN_FUTURE)
    assert not dae.parse("02820264000123456", today=today).remarks


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    found = dae.parse("O28-2026-4O-OO123456")
    assert found.normal == "02820264000123456"
    assert found.has(Code.SWAPPED)
    assert dae.parse("OOOOOOOOOOOOOOOOO").kind is Kind.UNKNOWN


@pytest.mark.parametrize("text", ["0282026400012345", "028202640001234567", "0282026400012345X", ""])
def test_what_has_not_the_shape_is_unknown(text: str) -> None:
    assert dae.parse(text).kind is Kind.UNKNOWN


@pytest.mark.parametrize("text", ["028-2026-40-123456", "DAE 028 2026 40 123456", "028-2026-40-001234567"])
def test_a_sequence_of_another_length_is_unknown_and_told(text: str) -> None:
    found = dae.parse(text)
    assert found.kind is Kind.UNKNOWN
    assert [r.code for r in found.remarks] == [Code.LENGTH]


@settings(deadline=None)
@given(
    st.text(string.digits, min_size=3, max_size=3),
    st.integers(2000, 2099),
    st.text(string.digits, min_size=10, max_size=10),
)
def test_written_and_read_again_is_the_same(district: str, year: int, rest: str) -> None:
    normal = f"{district}{year}{rest}"
    assert dae.parse(dae.written(normal)).normal == normal
