"""The book of stories: what a lane heard, and what must come of it. Each file is a story that can be read.

A story's first lines are its title and what is expected: the latest revision of every draft in the order of their
beginning, and the outcome of every visit. What is not named of a draft is not compared; its findings are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.clerk.entry import RefusedDeed
from gateway.clerk.provenance import pointers
from gateway.preadvice.book import Announcements, Releases
from gateway.site.checks import CHECKS
from gateway.site.site import Site
from gateway.story.book import read
from gateway.story.story import Told, tell
from record.codes import shipped
from record.draft import Draft, Outcome, VisitClosed
from record.errors import BadRecord
from record.event import EventType
from record.release import Release
from record.yamlfile import check_text

BOOK = Path(__file__).parent / "stories"
STORIES = sorted(BOOK.glob("*.jsonl"))


def tell_file(path: Path, refused: list[str] | None = None) -> list[Told]:
    """A story of the book; the codes of deeds that were refused are added to ``refused``."""

    def note(place: int, error: BadRecord) -> None:
        assert isinstance(error, RefusedDeed), error
        codes.append(error.code)

    codes = [] if refused is None else refused
    announcements = Announcements.read(BOOK / "preadvice.yaml")
    releases = Releases(Release.from_wire(each) for each in header(path, "releases") or [])
    return tell(read(path), site_of(path), announcements, shipped(), releases, note)


def site_of(path: Path) -> Site:
    """The book's site, with what the story says is other: groups are joined, the rest is replaced."""
    base = yaml.safe_load((BOOK / "site.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump({**base, **(header(path, "site") or {})}, sort_keys=False)
    site, problems = check_text(text, Site, CHECKS)
    assert site is not None, problems
    return site


def header(path: Path, name: str) -> Any:
    """What a story's comment ``# name: …`` holds, None where it has none."""
    mark = f"# {name}: "
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((json.loads(line.removeprefix(mark)) for line in lines if line.startswith(mark)), None)


def expected(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = header(path, "expect")
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
    """What a story may say of a draft."""
    item, payload = draft.payload.items[0], draft.payload
    return {
        "report": payload.report.value,
        "exit_reason": payload.exit_reason.value if payload.exit_reason else None,
        "dae": payload.document.number if payload.document else None,
        "container": item.container,
        "weight_kg": int(item.weight_kg) if item.weight_kg is not None else None,
        "packages": item.packages,
        "status": draft.status.value,
        "findings": sorted(finding.code.value for finding in draft.findings),
        "procedure": draft.evidence.procedure,
        "plates": [plate.plate for plate in draft.evidence.plates],
        "parts": [plate.part for plate in draft.evidence.plates],
        "origins": [plate.origin for plate in draft.evidence.plates],
        "papers": [scan.kind for scan in draft.evidence.scans],
        "people": [field for field, source in draft.provenance.items() if source.person],
        "personal": draft.evidence.personal is not None,
    }


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path) -> None:
    refused: list[str] = []
    told = tell_file(path, refused)
    wanted = expected(path)
    closed = [VisitClosed.from_wire(t.letter.data) for t in told if t.letter.type is EventType.VISIT_CLOSED]
    found = drafts(told)
    assert len(found) == len(wanted["drafts"])
    for draft, want in zip(map(seen, found), wanted["drafts"], strict=True):
        assert {name: draft[name] for name in want} == {**want, "findings": sorted(want["findings"])}
    assert [visit.outcome.value for visit in closed] == wanted["visits"]
    assert refused == wanted.get("refused", [])


@pytest.mark.parametrize(
    ("story", "source", "day"),
    [("a_stored_tare", "site", "2025-12-01"), ("a_learnt_tare", "learnt", "2026-01-15")],
)
def test_a_stored_tare_is_named_with_plate_day_and_source(story: str, source: str, day: str) -> None:
    told = tell_file(BOOK / f"{story}.jsonl")
    data = drafts(told)[-1].to_wire()
    (tare,) = data["evidence"]["tares"]
    terms = {term["origin"]: term["kg"] for term in data["evidence"]["arithmetic"][0]["terms"]}
    assert (tare["source"], tare["day"]) == (source, day)
    assert "GBA1234" in tare["plates"]
    assert terms[tare["id"]] == f"-{tare['kg']}"
    assert tare["id"] in data["provenance"]["/items/0/weight_kg"]["evidence"]
    if source == "learnt":
        closed = [
            VisitClosed.from_wire(t.letter.data) for t in told if t.letter.type is EventType.VISIT_CLOSED
        ]
        weighed = [visit for visit in closed if visit.outcome is Outcome.SECOND_WEIGHING][-1]
        assert (tare["visit"], tare["stay"], tare["before_kg"]) == (weighed.visit, weighed.stay, "12000")


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_told_twice_is_the_same_to_the_byte_and_every_field_says_where_it_is_from(path: Path) -> None:
    told = tell_file(path)
    assert [t.letter.data for t in told] == [t.letter.data for t in tell_file(path)]
    for draft in drafts(told):
        data = draft.to_wire()
        entries = {
            entry["id"] for kind in data["evidence"].values() if isinstance(kind, list) for entry in kind
        }
        for pointer in pointers(data["payload"]):
            sources = data["provenance"][pointer]["evidence"]
            assert sources, pointer
            assert set(sources) <= entries | {"site", "visit"}, pointer
        assert set(data["provenance"]) == set(pointers(data["payload"]))
