from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.identifiers.folding import LIMIT, fold, swapped
from record.identifiers.remark import Code

ANY = st.text(st.characters(codec=None), max_size=60)


@pytest.mark.parametrize(
    ("text", "compact"),
    [
        ("МЅКU 601167-2", "MSKU6011672"),
        ("ΜΑΕU", "MAEU"),
        ("ＣＳＱＵ３０５４３８３", "CSQU3054383"),
        ("٠٢٨-٢٠٢٦", "0282026"),
        ("\u202e028\u200b2026\u202c", "0282026"),
        ("028‑2026–40—1", "0282026401"),
        ("*AB123*", "AB123"),
        ("\x02AB123\x03\r\n", "AB123"),
        ("\ufeffab\u00a0123\t", "AB123"),
    ],
)
def test_what_looks_alike_is_matched_alike(text: str, compact: str) -> None:
    folded = fold(text)
    assert folded.compact == compact
    assert folded.raw == text


@pytest.mark.parametrize("text", ["МSKU", "ＭSKU", "MSKU٣"])
def test_other_alphabets_and_forms_are_remarked(text: str) -> None:
    assert [r.code for r in fold(text).remarks] == [Code.FOLDED]


@pytest.mark.parametrize("text", ["cédula", "Nº 1", "mañana", "028‑2026"])
def test_spanish_and_typography_are_not(text: str) -> None:
    assert not fold(text).remarks


def test_the_aim_identifier_is_taken_off() -> None:
    folded = fold("]C1CSQU3054383\r")
    assert (folded.aim, folded.compact) == ("]C1", "CSQU3054383")


@pytest.mark.parametrize("separator", ["\x1d", "<GS>", "{gs}", "<FNC1>"])
def test_group_separators_are_kept_for_element_strings(separator: str) -> None:
    folded = fold(f"]C110AB{separator}3712")
    assert folded.elements == "10AB\x1d3712"
    assert folded.compact == "10AB3712"


def test_a_long_text_is_cut_and_remarked() -> None:
    folded = fold("A" * 10_000_000)
    assert len(folded.raw) == LIMIT
    assert [r.code for r in folded.remarks] == [Code.TOO_LONG]


@settings(deadline=None)
@given(ANY)
def test_folding_never_raises_and_leaves_nothing_invisible(text: str) -> None:
    folded = fold(text)
    assert folded.raw == text
    assert folded.plain.isprintable()
    assert fold(folded.compact).compact == folded.compact


@pytest.mark.parametrize(
    ("text", "grammar", "taken"),
    [
        ("O1", "99", "01"),
        ("I5B2Z", "99999", "15822"),
        ("0158", "AAAA", "OISB"),
        ("2", "A", "Z"),
        ("A1", "??", "A1"),
    ],
)
def test_digits_and_letters_change_places_where_the_grammar_says_so(
    text: str, grammar: str, taken: str
) -> None:
    fitted = swapped(text, grammar, most=9)
    assert fitted is not None
    assert fitted[0] == taken


@pytest.mark.parametrize(
    ("text", "grammar"), [("7", "A"), ("A", "9"), ("Q", "9"), ("1", "99"), ("OOOO", "9999")]
)
def test_what_does_not_fit_is_not_made_to_fit(text: str, grammar: str) -> None:
    assert swapped(text, grammar) is None


@settings(deadline=None)
@given(st.text(string.digits, min_size=1, max_size=20))
def test_what_fits_is_left_as_it_is(digits: str) -> None:
    assert swapped(digits, "9" * len(digits)) == (digits, ())
