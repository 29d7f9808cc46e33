"""Rows of the commands that list something: for a person, and for a program."""

from __future__ import annotations

from registry.cli_rows import columns, tell

ROWS = [("depot/g1", "41de85a4c48a4e9f", "ed25519:" + "d" * 43), ("puerto/g10", "-", "")]


def test_columns_are_aligned_where_they_fit():
    wide = columns(ROWS, 120)
    assert wide[0] == f"depot/g1    41de85a4c48a4e9f  {ROWS[0][2]}"
    assert wide[1] == "puerto/g10  -"


def test_what_does_not_fit_stands_whole_beneath():
    assert columns(ROWS, 60) == ["depot/g1    41de85a4c48a4e9f", f"  {ROWS[0][2]}", "puerto/g10  -"]


def test_a_program_reads_codes_divided_by_tabs_and_a_person_hears_of_nothing(capsys):
    tell([("g1", ("-", "sin clave"))], "ninguna")
    tell([], "ninguna")
    assert capsys.readouterr() == ("g1\t-\n", "ninguna\n")
