"""Times, numbers and records: what goes on the wire, what comes back, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from record.base import Number, Record, Timestamp, plain, pointer, timestamp, utc
from record.errors import BadRecord, IieError

ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001
NUMBERS = st.decimals(Decimal(-(10**20)), Decimal(10**20), places=6)


class Weighed(Record):
    at: Timestamp
    kg: Number | None = None
    axles: Annotated[tuple[Number, ...], Field(strict=False)] = ()


def weighed(**changes: Any) -> dict[str, Any]:
    return {"at": "2026-11-24T17:00:00.000Z", **changes}


@given(MOMENTS)
def test_a_moment_comes_back_as_the_millisecond_it_was_in(moment: datetime) -> None:
    written = Weighed(at=moment).to_wire()["at"]
    assert len(written) == 24
    assert written.endswith("Z")
    read = Weighed.from_wire({"at": written}).at
    assert read.tzinfo is UTC
    assert timedelta(0) <= moment - read < timedelta(milliseconds=1)
    assert timestamp(read) == written


@given(MOMENTS, MOMENTS)
def test_written_moments_sort_as_the_moments_do(one: datetime, other: datetime) -> None:
    assert (timestamp(one) < timestamp(other)) == (utc(one) < utc(other))


@given(NUMBERS)
def test_a_number_comes_back_with_all_its_digits(number: Decimal) -> None:
    wire = Weighed(at=datetime.now(UTC), kg=number).to_wire()
    assert set(wire["kg"]) <= set("-0123456789.")
    assert str(Weighed.from_wire(wire).kg) == str(number)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_a_number_is_written_without_exponent(number: Decimal) -> None:
    assert set(plain(number)) <= set("-0123456789.")
    assert Decimal(plain(number)) == number


@pytest.mark.parametrize(
    "written",
    ["1e5", "1E999999999", "1_000", " 5", "5 ", "5.", ".5", "٥", "NaN", "Infinity", "0x10", "", "1" * 31],
)
def test_a_text_that_is_no_plain_number_is_refused_with_place_and_value(written: str) -> None:
    with pytest.raises(BadRecord, match="/kg") as refused:
        Weighed.from_wire(weighed(kg=written))
    assert repr(written) in str(refused.value)


@pytest.mark.parametrize("value", [True, None, [], {}])
def test_what_is_no_number_at_all_is_refused(value: object) -> None:
    with pytest.raises(BadRecord, match="/axles/1"):
        Weighed.from_wire(weighed(axles=["1", value]))


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-24",
        "17:00",
        "1700000000",
        "2026-11-24T17:00:00",
        "2026-11-24T25:00:00Z",
        "2026-02-30T17:00:00Z",
        "2026-11-24T17:00:60Z",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "2026-11-24T17:00:00+25:00",
        "2026-11-24T17:00:00Zulu",
        "",
    ],
)
def test_a_text_that_is_no_moment_is_refused_with_place_and_value(written: str) -> None:
    with pytest.raises(BadRecord, match="/at") as refused:
        Weighed.from_wire(weighed(at=written))
    assert repr(written) in str(refused.value)


@pytest.mark.parametrize("value", [1700000000, 1.5, True, None])
def test_a_moment_is_a_text(value: object) -> None:
    with pytest.raises(BadRecord, match="/at"):
        Weighed.from_wire(weighed(at=value))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-24T12:00:00-05:00", "2026-11-24T17:00:00.000Z"),
        ("2026-11-24t17:00:00z", "2026-11-24T17:00:00.000Z"),
        ("2026-11-24 17:00Z", "2026-11-24T17:00:00.000Z"),
        ("2026-11-24T17:00:00.123999999Z", "2026-11-24T17:00:00.123Z"),
    ],
)
def test_other_ways_of_rfc_3339_mean_the_same_moment(written: str, meant: str) -> None:
    assert Weighed.from_wire(weighed(at=written)).to_wire()["at"] == meant


def test_a_program_has_to_give_moments_and_decimals_not_texts_or_floats() -> None:
    for wrong in ({"at": "2026-11-24T17:00:00Z"}, {"at": datetime.now(UTC), "kg": 1.5}):
        with pytest.raises(ValidationError):
            Weighed(**wrong)


def test_a_program_has_to_give_the_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        utc(datetime(2026, 11, 24))  # noqa: DTZ001


def test_what_is_empty_is_not_written_and_what_is_unknown_is_not_read() -> None:
    read = Weighed.from_wire(weighed(colour="red"))
    assert read.to_wire() == {"at": "2026-11-24T17:00:00.000Z", "axles": []}


def test_a_record_never_changes() -> None:
    with pytest.raises(ValidationError):
        Weighed(at=datetime.now(UTC)).kg = Decimal(5)  # type: ignore[misc]


def test_every_wrong_field_is_named_in_one_line() -> None:
    with pytest.raises(BadRecord) as refused:
        Weighed.from_wire({"kg": "much", "axles": "all"})
    told = str(refused.value)
    assert all(place in told for place in ("/at", "/kg", "'much'", "/axles", "'all'"))
    assert "\n" not in told


def test_a_long_value_is_cut_in_what_is_told() -> None:
    with pytest.raises(BadRecord) as refused:
        Weighed.from_wire(weighed(kg="9" * 60_000))
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("data", [None, 5, "text", [], [1], True])
def test_what_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(BadRecord, match="Weighed"):
        Weighed.from_wire(data)


def test_a_pointer_escapes_what_its_own_syntax_uses() -> None:
    assert pointer(("items", 0, "a/b~c")) == "/items/0/a~1b~0c"
    assert pointer(()) == ""


def test_a_broken_record_is_never_worth_a_second_try() -> None:
    assert not BadRecord.retry
    assert issubclass(BadRecord, IieError)
