"""Numbers and units in frames, read strictly and written right-aligned."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.readings import Unit
from drivers.scale.fields import digits, implied, number, padded, plain, scaled, unit, unit_or
from drivers.scale.protocol import CannotEncode


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"  12.50", "12.50"),
        (b"+0012.345", "12.345"),
        (b"-   12.5", "-12.5"),
        (b"- 0.0", "0.0"),
        (b"12345", "12345"),
        (b"12345.", "12345"),
        (b".5 ", "0.5"),
        (b"0000", "0"),
    ],
)
def test_a_number(text: bytes, value: str) -> None:
    found = number(text)
    assert found is not None
    assert plain(found) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"   ",
        b"-",
        b"1.2.3",
        b"12 34",
        b"1e3",
        b"--5",
        b"5-",
        b"12,5",
        b"1" * 13,
        b"\xb2",
        b"nan",
        b"0x1",
    ],
)
def test_no_number(text: bytes) -> None:
    assert number(text) is None


def test_implied_decimals_count_only_without_a_point() -> None:
    assert number(b"12345", 2) == Decimal("123.45")
    assert number(b"12.345", 2) == Decimal("12.345")


def test_digits_take_no_sign() -> None:
    assert (digits(b" 123", 1), digits(b"-123"), digits(b"")) == (Decimal("12.3"), None, None)


def test_negative_places_append_zeros() -> None:
    assert plain(scaled(Decimal(1234), -2)) == "123400"


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b" KG", Unit.KG), (b"lb ", Unit.LB), (b"t\x00", Unit.T), (b"pcs", None), (b"", None)],
)
def test_a_unit(text: bytes, expected: Unit | None) -> None:
    assert unit(text) is expected


def test_a_blank_unit_is_the_sites() -> None:
    assert (unit_or(b"  ", Unit.T), unit_or(b"%", Unit.T)) == (Unit.T, None)


@given(st.decimals(min_value=-99999, max_value=99999, places=2))
def test_what_is_padded_is_read(value: Decimal) -> None:
    for fill in " 0":
        text = padded(value, 10, fill)
        assert len(text) == 10
        assert number(text) == value


@given(st.integers(0, 10**6 - 1), st.integers(0, 4))
def test_what_is_implied_is_read(whole: int, places: int) -> None:
    value = Decimal(whole).scaleb(-places)
    assert digits(implied(value, 6, places), places) == value


@pytest.mark.parametrize(("value", "places"), [("-1", 0), ("1000000", 0), ("0.5", 0)])
def test_what_does_not_fit_is_refused(value: str, places: int) -> None:
    with pytest.raises(CannotEncode, match=value):
        implied(Decimal(value), 6, places)


def test_a_number_too_wide_is_refused() -> None:
    with pytest.raises(CannotEncode, match="4 places"):
        padded(Decimal(12345), 4)
    with pytest.raises(CannotEncode, match="without a sign"):
        padded(Decimal(-1), 4, sign=False)
