"""How values are written on the console's pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from registry.web.words import FIGURE_SPACE, grouped, identified, short_day


def test_a_scan_is_named_in_the_readers_language_and_an_unknown_kind_as_it_came():
    assert identified("access_key", "es") == "clave de acceso"
    assert identified("access_key", "en") == "access key"
    assert identified("of_next_year", "es") == "of_next_year"


def test_decimals_stand_after_the_mark_of_the_readers_language():
    assert grouped(Decimal("-21350.5"), "es") == f"-21{FIGURE_SPACE}350,5"
    assert grouped(Decimal("21350.5"), "en") == f"21{FIGURE_SPACE}350.5"
    assert (grouped(1080), grouped(None)) == (f"1{FIGURE_SPACE}080", "")


def test_a_day_without_its_year_cannot_be_read_as_a_month():
    assert (short_day(date(2026, 11, 5), "es"), short_day(date(2026, 11, 5), "en")) == ("05/11", "05 Nov")
