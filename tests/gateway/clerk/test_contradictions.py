"""A courier's number follows its announcement; a release is looked for by container too."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.preadvice.book import Announcements, Releases
from gateway.site.checks import read_site
from gateway.story.book import read
from gateway.story.story import tell
from record.announcing.document import courier
from record.codes import shipped
from record.draft import BaseDocument, DocumentType, Draft
from record.event import EventType
from record.preadvice import Preadvice
from record.release import Release

BOOK = Path(__file__).parents[1] / "stories"
NUMBER = "05520269400000123"


@pytest.mark.parametrize("kind", ["DAE", "DAS"])
def test_a_couriers_number_is_what_it_was_announced_as(kind: str) -> None:
    keys = {"document": {"type": kind, "number": NUMBER}, "containers": ["CSQU3054383"]}
    cargo = {"description": "PARTES", "packages": 3, "packaging": "035", "size_type": "22G1"}
    known = Announcements([Preadvice.from_wire({"id": "a", "keys": keys, "cargo": cargo})])
    told = tell(read(BOOK / "a_couriers_number.jsonl"), read_site(BOOK / "site.yaml"), known, shipped())
    draft = [Draft.from_wire(t.letter.data) for t in told if t.letter.type is EventType.DRAFT][-1]
    assert draft.payload.document == BaseDocument(type=DocumentType(kind), number=NUMBER)
    assert draft.provenance["/document/number"].evidence == ("scan-1",)
    assert {finding.code.value for finding in draft.findings} == set()


def test_only_regimes_of_courier_and_post_may_be_a_das() -> None:
    assert courier(BaseDocument(type=DocumentType.DAE, number="02820264000123456")) is None
    assert courier(BaseDocument(type=DocumentType.DAS, number=NUMBER)) is None
    assert courier(BaseDocument(type=DocumentType.DAE, number="x")) is None


def test_of_two_releases_of_a_document_the_one_of_the_container_counts() -> None:
    document = {"type": "DAE", "number": "02820264000123456"}
    releases = Releases(
        Release.from_wire({"id": name, "keys": {"document": document, "containers": [box]}})
        for name, box in (("r-1", "CSQU3054383"), ("r-2", "TEXU3070079"))
    )
    found = releases.of(
        BaseDocument.from_wire(document), frozenset({"CSQU3054383"}), datetime(2026, 1, 15, tzinfo=UTC)
    )
    assert found is not None
    assert found.id == "r-1"
