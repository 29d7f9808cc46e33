"""The ledger: what was received under a document before a draft, whatever its revisions said since."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

from gateway.clerk.ledger import Entry, Ledger, Total
from record.draft import BaseDocument, DocumentType

ONE, OTHER = (BaseDocument(type=DocumentType.DAE, number=f"0282026400000000{n}") for n in (1, 2))
DAY = date(2026, 1, 15)


def entry(
    draft: str, document: BaseDocument = ONE, packages: int = 10, day: int = 15, box: str = ""
) -> Entry:
    return Entry(document, draft, date(2026, 1, day), packages, Decimal("2.5"), (box,) if box else ())


def test_a_draft_is_not_before_itself() -> None:
    ledger = Ledger([entry("d-1"), entry("d-2", packages=5, day=16, box="CSQU3054383")])
    assert ledger.before(ONE, "d-1") == Total(
        5, Decimal("2.5"), frozenset({"CSQU3054383"}), date(2026, 1, 16)
    )
    assert ledger.before(ONE, None).packages == 15
    assert ledger.before(OTHER, None) == Total()
    assert ledger.before(None, None) == Total()


def test_a_revision_replaces_what_was_said_before() -> None:
    ledger = Ledger()
    ledger.put(entry("d-1"))
    ledger.put(entry("d-1", packages=7))
    assert ledger.before(ONE, None).packages == 7
    ledger.put(entry("d-1", OTHER))
    assert ledger.before(ONE, None) == Total()
    assert ledger.before(OTHER, None).packages == 10


def test_a_cancelled_draft_was_not_received() -> None:
    told: list[tuple[str, bool]] = []
    ledger = Ledger(on_change=lambda entry, is_kept: told.append((entry.draft, is_kept)))
    ledger.put(entry("d-1"))
    ledger.remove("d-1")
    ledger.remove("d-1")
    ledger.remove("never")
    assert ledger.before(ONE, None) == Total()
    assert told == [("d-1", True), ("d-1", False)]


def test_lanes_write_at_once() -> None:
    ledger = Ledger()
    with ThreadPoolExecutor(8) as lanes:
        list(lanes.map(lambda number: ledger.put(entry(f"d-{number % 50}")), range(400)))
    assert ledger.before(ONE, None).packages == 500
