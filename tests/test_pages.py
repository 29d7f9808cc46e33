"""Pages that name commands and modules name ones that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.cli import COMMANDS
from registry.cli import COMMANDS as OF_REGISTRY

HOUSE = Path(__file__).resolve().parents[1]
PAGES = [HOUSE / "README.md", *sorted((HOUSE / "docs").glob("*.md"))]
FILE = r"`((?:record|drivers|ocr|gateway|registry|tests|config|docs)/(?:[\w.-]+/)*(?:[\w-]+\.[a-z]+)?)`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_commands_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"`iie-gateway ([a-z][a-z-]*)", text)) <= set(COMMANDS)
    assert set(re.findall(r"`iie-registry ([a-z][a-z-]*)", text)) <= set(OF_REGISTRY)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_files_that_exist(page: Path) -> None:
    named = re.findall(FILE, page.read_text(encoding="utf-8"))
    assert [name for name in named if not (HOUSE / name).exists()] == []
