"""Cédula, RUC and passport."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.ec import ci
from stdnum.ec import ruc as stdnum_ruc

from record.identifiers import cedula, passport, ruc
from record.identifiers.identifier import Kind
from record.identifiers.remark import Code


@st.composite
def cedulas(draw: st.DrawFn) -> str:
    nine = (
        draw(st.sampled_from(sorted(cedula.PROVINCES - cedula.DOUBTFUL)))
        + draw(st.sampled_from("012345"))
        + draw(st.text(string.digits, min_size=6, max_size=6))
    )
    return nine + str(cedula.check_digit(nine))


def changed(number: str, place: int, digit: str) -> str:
    return number[:place] + digit + number[place + 1 :]


def test_the_published_cedula() -> None:
    found = cedula.parse("171003406-5")
    assert (found.kind, found.normal, found.remarks) == (Kind.CEDULA, "1710034065", ())


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("1710034066", Code.CHECK_DIGIT),
        ("2510034065", Code.UNKNOWN_PROVINCE),
        ("0010034065", Code.UNKNOWN_PROVINCE),
        ("1760034065", Code.THIRD_DIGIT),
    ],
)
def test_a_cedula_is_strict(number: str, code: Code) -> None:
    found = cedula.parse(number)
    assert found.kind is Kind.UNKNOWN
    assert [r.code for r in found.remarks] == [code]


def test_a_province_of_some_sources_is_a_warning() -> None:
    nine = "500000001"
    found = cedula.parse(nine + str(cedula.check_digit(nine)))
    assert found.kind is Kind.CEDULA
    assert found.has(Code.DOUBTFUL_PROVINCE)


@settings(deadline=None)
@given(cedulas())
def test_the_library_agrees_and_writing_is_reading(number: str) -> None:
    assert ci.is_valid(number)
    assert cedula.parse(cedula.written(number)).normal == number


@settings(deadline=None)
@given(cedulas(), st.integers(0, 9), st.sampled_from(string.digits))
def test_another_digit_is_never_a_cedula(number: str, place: int, digit: str) -> None:
    other = changed(number, place, digit)
    assert (cedula.parse(other).kind is Kind.CEDULA) == (other == number)


@pytest.mark.parametrize(
    ("number", "holder"),
    [
        ("1790085783001", "company"),
        ("1760001550001", "public"),
        ("1768153530001", "public"),
        ("0992506717001", "company"),
        ("1710034065001", "natural"),
    ],
)
def test_published_rucs(number: str, holder: str) -> None:
    found = ruc.parse(number)
    assert (found.kind, found.normal, found.remarks) == (Kind.RUC, number, ())
    assert found.parts["holder"] == holder
    assert ruc.parse(ruc.written(number)).normal == number


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("1710034066001", Code.CHECK_DIGIT),
        ("1710034065000", Code.ESTABLISHMENT),
        ("1790085783000", Code.ESTABLISHMENT),
        ("1760001550000", Code.ESTABLISHMENT),
        ("1770085783001", Code.THIRD_DIGIT),
        ("9990085783001", Code.UNKNOWN_PROVINCE),
        ("9999999999999", Code.FINAL_CONSUMER),
    ],
)
def test_what_is_no_ruc_says_why(number: str, code: Code) -> None:
    found = ruc.parse(number)
    assert found.kind is Kind.UNKNOWN
    assert [r.code for r in found.remarks] == [code]


@settings(deadline=None)
@given(
    st.sampled_from(["179", "096", "249"]).flatmap(
        lambda head: st.text(string.digits, min_size=7, max_size=7).map(lambda tail: head + tail)
    )
)
def test_a_company_that_fails_its_check_digit_is_a_ruc_with_a_warning(ten: str) -> None:
    number = ten + "001"
    found = ruc.parse(number)
    assert found.kind is Kind.RUC
    if ten[2] == "9":
        digit = ruc.mod_11(ten[:9], ruc.COMPANY_WEIGHTS)
        assert found.has(Code.COMPANY_CHECK_DIGIT) == (str(digit) != ten[9])
    if not found.has(Code.COMPANY_CHECK_DIGIT):
        assert stdnum_ruc.is_valid(number)


@settings(deadline=None)
@given(cedulas(), st.integers(0, 9), st.sampled_from(string.digits))
def test_a_natural_person_is_strict(number: str, place: int, digit: str) -> None:
    other = changed(number, place, digit) + "001"
    found = ruc.parse(other)
    natural = found.parts.get("holder") == "natural"
    assert natural == (other == number + "001")


ZONE = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
"""The specimen of ICAO 9303, part 4."""


def test_a_machine_readable_zone_gives_number_and_country_and_nothing_of_the_person() -> None:
    name = "P<UTOERIKSSON<<ANNA<MARIA".ljust(44, "<")
    for text in (ZONE, f"{name}\r\n{ZONE}"):
        found = passport.parse(text)
        assert (found.kind, found.normal) == (Kind.PASSPORT, "L898902C3")
        assert dict(found.parts) == {"country": "UTO"}


@settings(deadline=None)
@given(st.integers(0, 43), st.sampled_from(string.digits))
def test_another_digit_in_the_zone_is_no_passport(place: int, digit: str) -> None:
    if not ZONE[place].isdigit() or digit == ZONE[place]:
        return
    found = passport.parse(changed(ZONE, place, digit))
    assert found.kind is Kind.UNKNOWN
    assert found.has(Code.MRZ)


def test_a_number_alone_is_a_passport_by_its_shape_only() -> None:
    found = passport.parse("A1234567")
    assert found.kind is Kind.PASSPORT
    assert found.has(Code.BY_SHAPE)
    assert not passport.parse("A123456789")
