"""The page ``docs/identifiers.md`` says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from record.identifiers.identifier import Kind
from record.identifiers.identify import identify

PAGE = (Path(__file__).parents[3] / "docs" / "identifiers.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if "|" in line]
KINDS = [row for row in ROWS if len(row) == 4 and row[0].startswith("`")]
AMBIGUITIES = [row for row in ROWS if len(row) == 3 and row[0].startswith("`")]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_kind_has_its_row() -> None:
    assert {quoted(row[0])[0] for row in KINDS} == set(Kind)


@pytest.mark.parametrize("row", KINDS, ids=lambda row: row[0])
def test_an_example_is_what_its_row_says(row: list[str]) -> None:
    found = identify(quoted(row[1])[0])
    assert [found.kind] == quoted(row[0])
    assert [found.normal] == quoted(row[3])


@pytest.mark.parametrize("row", AMBIGUITIES, ids=lambda row: row[0])
def test_an_ambiguity_is_what_its_row_says(row: list[str]) -> None:
    found = identify(quoted(row[0])[0])
    assert [found.kind] == quoted(row[1])
    assert [other.kind for other in found.alternatives] == quoted(row[2])
