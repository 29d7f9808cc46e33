from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.identifiers import plate
from record.identifiers.remark import Code


def readings(text: str, **options: object) -> list[tuple[str, str]]:
    return [(p.parts["country"], p.parts["form"]) for p in plate.parse(text, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ABC-0123", [("EC", "current")]),
        ("pbc 1234", [("EC", "current")]),
        ("CC-123", [("EC", "special")]),
        ("IT-0123", [("EC", "special"), ("PE", "current")]),
        ("IS-123H", [("EC", "motorcycle")]),
        ("T1234", [("CO", "service")]),
        ("A1B-234", [("PE", "current")]),
        ("ABC-123", [("EC", "old"), ("CO", "current"), ("PE", "current")]),
        ("R12345", [("CO", "trailer"), ("PE", "current")]),
        ("S12345", [("CO", "trailer"), ("PE", "current")]),
        ("AB-12", []),
        ("7BC-234", []),
        ("ABCD123", []),
        ("123456", []),
        ("ABCBOB", []),
    ],
)
def test_every_country_that_a_plate_may_be_of(text: str, expected: list[tuple[str, str]]) -> None:
    assert readings(text) == expected


def test_only_the_sites_countries_in_its_order() -> None:
    assert readings("ABC123", countries=("PE", "CO")) == [("PE", "current"), ("CO", "current")]


@pytest.mark.parametrize("letter", "DF")
def test_a_letter_of_no_province_is_a_warning_and_comes_after_other_countries(letter: str) -> None:
    found = plate.parse(f"{letter}BC123")
    assert [p.parts["country"] for p in found] == ["CO", "PE", "EC"]
    assert found[-1].has(Code.PLATE_LETTER)
    assert plate.parse(f"{letter}BC1234")[0].has(Code.PLATE_LETTER)


def test_an_old_plate_is_padded_where_the_site_says_so() -> None:
    (found, *_) = plate.parse("ABC-012")
    assert (found.normal, found.parts["padded"]) == ("ABC012", "ABC0012")
    assert plate.parse("ABC-012", pad=True)[0].normal == "ABC0012"


@pytest.mark.parametrize(("text", "normal"), [("ABC-O12З", "ABC0123"), ("A8C-1234", "ABC1234")])
def test_look_alikes_by_position(text: str, normal: str) -> None:
    assert plate.parse(text)[0].normal == normal


def test_what_fits_as_it_stands_is_not_exchanged() -> None:
    assert readings("A1B234") == [("PE", "current")]
    (found,) = plate.parse("A1B234", countries=("EC",))
    assert (found.normal, found.has(Code.SWAPPED)) == ("AIB234", True)


@settings(deadline=None)
@given(st.from_regex(r"[A-Z]{3}[0-9]{3,4}", fullmatch=True))
def test_written_and_read_again_is_the_same(number: str) -> None:
    assert plate.parse(plate.written(number))[0].normal == number
