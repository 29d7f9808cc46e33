"""How values are written on the console's pages."""

from __future__ import annotations

from registry.web.words import identified


def test_a_scan_is_named_in_the_readers_language_and_an_unknown_kind_as_it_came():
    assert identified("access_key", "es") == "clave de acceso"
    assert identified("access_key", "en") == "access key"
    assert identified("of_next_year", "es") == "of_next_year"
