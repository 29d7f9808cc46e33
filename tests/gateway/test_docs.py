"""The examples of the documents are right."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.preadvice.book import Announcements
from gateway.site.site import Site
from gateway.story.book import parse
from gateway.story.story import tell
from record.announcing import files as announcing
from record.event import EventType
from record.finding import Code
from record.yamltree import parse as yaml

DOCS = Path(__file__).resolve().parents[2] / "docs"
BOOK = Path(__file__).parent / "stories"


def example(name: str, kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_of_a_story_is_one() -> None:
    site = Site.model_validate(yaml((BOOK / "site.yaml").read_bytes()).root.data())
    told = tell(parse(example("stories.md", "jsonl")), site, Announcements.read(BOOK / "preadvice.yaml"))
    drafts = [each.letter.data for each in told if each.letter.type is EventType.DRAFT]
    assert drafts[-1]["payload"]["items"][0]["weight_kg"] == "21320"
    assert drafts[-1]["payload"]["items"][0]["seals"] == ["AB1"]


def test_the_example_of_a_table_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(example("preadvice.md", "csv"), encoding="utf-8")
    batch = announcing.read(path)
    assert batch.problems == ()
    assert len(batch.notices) == 1


def test_every_column_and_finding_that_is_named_is_known() -> None:
    text = (DOCS / "preadvice.md").read_text(encoding="utf-8")
    rows = text.partition("## Findings")[2].splitlines()
    named = [
        name for row in rows if row.startswith("| `") for name in re.findall("`(.+?)`", row.split("|")[1])
    ]
    assert len({Code(name) for name in named}) > 15
