"""The book of stories: what a lane heard, and what must come of it. Each file is a story that can be read.

A story's first lines are its title and what is expected: the latest revision of every draft in the order of their
beginning, and the outcome of every visit. What is not named of a draft is not compared; its findings are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.preadvice import Announcements
from gateway.site_checks import read_site
from gateway.story import Told, read, tell
from record.codes import shipped
from record.draft import Draft, VisitClosed
from record.event import EventType

BOOK = Path(__file__).parent / "stories"
STORIES = sorted(BOOK.glob("*.jsonl"))
EXPECT = "# expect: "


def tell_file(path: Path) -> list[Told]:
    site = read_site(BOOK / "site.yaml")
    return tell(read(path), site, Announcements.read(BOOK / "preadvice.yaml"), shipped())


def expected(path: Path) -> dict[str, Any]:
    line = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(EXPECT))
    found: dict[str, Any] = json.loads(line.removeprefix(EXPECT))
    return found


def drafts(told: list[Told]) -> list[Draft]:
    """The latest revision of each draft."""
    latest: dict[str, Draft] = {}
    for each in told:
        if each.letter.type is EventType.DRAFT:
            draft = Draft.from_wire(each.letter.data)
            latest[draft.draft] = draft
    return list(latest.values())


def seen(draft: Draft) -> dict[str, Any]:
    item = draft.payload.items[0]
    return {
        "dae": draft.payload.document.number if draft.payload.document else None,
        "container": item.container,
        "weight_kg": int(item.weight_kg) if item.weight_kg is not None else None,
        "status": draft.status.value,
        "findings": sorted(finding.code.value for finding in draft.findings),
    }


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path) -> None:
    told = tell_file(path)
    wanted = expected(path)
    closed = [VisitClosed.from_wire(t.letter.data) for t in told if t.letter.type is EventType.VISIT_CLOSED]
    assert [seen(draft) for draft in drafts(told)] == [
        {**draft, "findings": sorted(draft["findings"])} for draft in wanted["drafts"]
    ]
    assert [visit.outcome.value for visit in closed] == wanted["visits"]


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_told_twice_is_the_same_to_the_byte(path: Path) -> None:
    assert [t.letter.data for t in tell_file(path)] == [t.letter.data for t in tell_file(path)]


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_every_field_says_where_it_is_from(path: Path) -> None:
    for draft in drafts(tell_file(path)):
        data = draft.to_wire()
        entries = {entry["id"] for kind in data["evidence"].values() if isinstance(kind, list) for entry in kind}
        for pointer in leaves(data["payload"]):
            sources = data["provenance"][pointer]["evidence"]
            assert sources, pointer
            assert set(sources) <= entries | {"site", "visit"}, pointer
        assert set(data["provenance"]) == set(leaves(data["payload"]))


def leaves(value: Any, pointer: str = "") -> list[str]:
    """JSON Pointers of all values of a payload that are no objects or lists."""
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves(inner, f"{pointer}/{name}")]
    if isinstance(value, list):
        return [leaf for index, inner in enumerate(value) for leaf in leaves(inner, f"{pointer}/{index}")]
    return [pointer]
