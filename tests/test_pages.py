"""Pages that name commands and modules name ones that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.cli import COMMANDS
from registry.cli import main as registry

HOUSE = Path(__file__).resolve().parents[1]
PAGES = [HOUSE / "README.md", *sorted((HOUSE / "docs").glob("*.md"))]
FILE = r"`((?:record|drivers|ocr|gateway|registry|tests|config|docs)/(?:[\w.-]+/)*(?:[\w-]+\.[a-z]+)?)`"
OF_REGISTRY = {
    each.name or getattr(each.callback, "__name__", "") for each in registry.registered_commands
} | {each.typer_instance.info.name for each in registry.registered_groups if each.typer_instance}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_commands_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"`iie-gateway ([a-z][a-z-]*)", text)) <= set(COMMANDS)
    assert set(re.findall(r"`iie-registry ([a-z][a-z-]*)", text)) <= OF_REGISTRY


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_files_that_exist(page: Path) -> None:
    named = re.findall(FILE, page.read_text(encoding="utf-8"))
    assert [name for name in named if not (HOUSE / name).exists()] == []
