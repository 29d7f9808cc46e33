"""No reading of an ambiguous text is hidden, the likeliest is first: held against each kind's own parser."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from record.codes import shipped
from record.identifiers import (
    access_key,
    air,
    base_document,
    booking,
    cedula,
    container,
    dae,
    mrn,
    passport,
    plate,
    ruc,
    seal,
    sscc,
    ticket,
)
from record.identifiers.identifier import Identifier, Kind
from record.identifiers.identify import MOST_ALTERNATIVES, Site, identify
from record.identifiers.rank import Rank, certain, rank
from record.identifiers.remark import Code, Severity

ONE = (
    access_key.parse,
    sscc.parse,
    dae.parse,
    container.parse,
    ruc.parse,
    cedula.parse,
    air.parse_awb,
    air.parse_uld,
    mrn.parse,
    ticket.parse,
    base_document.parse,
    booking.parse,
    passport.parse,
    seal.parse,
    air.parse_hawb,
)

TEXTS = (
    st.from_regex(r"[A-Z]{0,5}[0-9]{3,12}[A-Z]{0,2}", fullmatch=True)
    | st.from_regex(r"(DAS|DJT|TRS|TKT|CEC2026|PMC|AKE|EBKG)[0-9A-Z]{3,10}", fullmatch=True)
    | st.from_regex(r"[OISBZ0-9A]{5,13}", fullmatch=True)
    | st.from_regex(r"[A-Z]{3}[UJZR][0-9]{7}", fullmatch=True)
    | st.from_regex(r"(028|019)20(1[2-9]|2[0-6])(40|94|95)[0-9]{8}", fullmatch=True)
)


def every_reading(text: str) -> Iterator[Identifier]:
    yield from filter(None, (parse(text) for parse in ONE))
    yield from plate.parse(text)


def key(reading: Identifier) -> tuple[Kind, str, str]:
    return reading.kind, reading.normal, reading.parts.get("country", "")


@settings(deadline=None)
@given(TEXTS)
def test_no_reading_is_hidden_beside_one_that_is_not_certain(text: str) -> None:
    found = identify(text)
    told = {key(reading) for reading in found.readings()}
    if len(found.alternatives) == MOST_ALTERNATIVES:
        return
    for reading in every_reading(text):
        beaten = certain(found) and (reading.has(Code.BY_SHAPE) or reading.has(Code.SWAPPED))
        assert beaten or key(reading) in told


@settings(deadline=None)
@given(TEXTS)
def test_nothing_is_told_that_no_parser_says(text: str) -> None:
    said = {key(reading) for reading in every_reading(text)}
    for reading in identify(text).readings():
        twin = reading.kind is Kind.DAS and (Kind.DAE, reading.parts["number"], "") in said
        assert twin or reading.kind is Kind.SIZE_TYPE or key(reading) in said


@settings(deadline=None)
@given(TEXTS)
def test_readings_stand_in_the_order_of_their_ranks(text: str) -> None:
    found = identify(text)
    ranks = [rank(reading, (), shipped()["booking_prefixes"]) for reading in found.readings()]
    assert ranks == sorted(ranks)
    if not found and ranks and ranks[0] < Rank.POSSIBLE:
        assert any(remark.severity is Severity.ERROR for remark in found.remarks)


@settings(deadline=None)
@given(st.from_regex(r"[A-Z][A-Z0-9]{2}[0-9]{3,4}", fullmatch=True), st.permutations(plate.COUNTRIES))
def test_the_order_of_countries_changes_the_order_and_nothing_else(text: str, countries: list[str]) -> None:
    usual = {key(reading) for reading in identify(text).readings()}
    found = identify(text, site=Site(countries=tuple(countries)))
    assert {key(reading) for reading in found.readings()} == usual
    plates = [r for r in found.readings() if r.kind is Kind.PLATE and not r.has(Code.PLATE_LETTER)]
    assert [r.parts["country"] for r in plates] == [
        c for c in countries if c in {p.parts["country"] for p in plates}
    ]


@settings(deadline=None)
@given(TEXTS, st.sampled_from(Kind))
def test_what_is_expected_comes_first_where_it_can_be_and_changes_nothing_where_not(
    text: str, expected: Kind
) -> None:
    usual = identify(text)
    found = identify(text, expected=expected)
    possible = any(reading.kind is expected for reading in every_reading(text))
    if possible:
        assert found.kind is expected
    elif expected is not Kind.SIZE_TYPE and expected is not Kind.DAS:
        assert found == usual
