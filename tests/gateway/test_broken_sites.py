"""Sites with one mistake each: the first line of a file says where it must be shown, and as what.

# expect: 14:7 config.expected_int                 one place, or several joined by commas
# expect: ok                                       a right site
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.site.checks import CHECKS
from gateway.site.site import Site
from record.yamlfile import Problem, check

SITES = sorted((Path(__file__).parent / "broken_sites").glob("*.yaml"))
EXPECT = re.compile(rb"# expect: (ok|(?:\d+:\d+ [a-z0-9_.]+(?:, )?)+)\n")


def expected(site: Path) -> list[str]:
    match = EXPECT.match(site.read_bytes())
    assert match, f"{site.name} does not begin with what is expected"
    words = match[1].decode()
    return [] if words == "ok" else words.split(", ")


def shown(problem: Problem) -> str:
    return f"{problem.line}:{problem.column} {problem.code}"


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.stem)
def test_a_mistake_is_shown_where_it_is_made(site: Path) -> None:
    _, problems = check(site, Site, CHECKS)
    assert [shown(problem) for problem in problems] == expected(site), [p.line_text("en") for p in problems]


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.stem)
def test_it_is_told_in_both_languages(site: Path) -> None:
    for problem in check(site, Site, CHECKS)[1]:
        spanish, english = problem.line_text("es"), problem.line_text("en")
        assert spanish.startswith(f"{site}:{problem.line}:{problem.column}: ")
        assert spanish != english
        assert spanish.isprintable()


def test_the_collection_is_a_collection() -> None:
    codes = {word.split()[1] for site in SITES for word in expected(site)}
    assert len(SITES) >= 60
    assert len(codes) >= 40
