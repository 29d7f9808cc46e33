"""The gate's memory survives a restart, and sees what another process changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.clerk.codec import ENTRY, STAY
from gateway.clerk.learnt_tare import LearntTare
from gateway.clerk.ledger import Entry
from gateway.clerk.stay import OpenDraft, OpenStay
from gateway.clerk.visit import Visit
from gateway.memory_store import MemoryStore
from record.draft import BaseDocument, DocumentType
from record.preadvice import Preadvice

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
DAE = BaseDocument(type=DocumentType.DAE, number="02820264000123456")
OTHER = BaseDocument(type=DocumentType.DAE, number="02820264000777777")


def stay(name: str = "s-1") -> OpenStay:
    return OpenStay(Visit("v-" + name, name, "c1", NOON, 0.0), (OpenDraft(DAE, "d-1", 2),))


def entry(document: BaseDocument = DAE, draft: str = "d-1") -> Entry:
    return Entry(document, draft, date(2026, 1, 15), 10, Decimal("2.5"), ("CSQU3054383",))


def notice(**changes: object) -> Preadvice:
    keys = {"document": {"type": "DAE", "number": DAE.number}}
    return Preadvice.from_wire({"id": "a-1", "keys": keys, "cargo": {}, **changes})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "gateway.db"


@pytest.fixture
def store(path: Path) -> Iterator[MemoryStore]:
    store = MemoryStore(path)
    yield store
    store.close()


def test_a_restart_keeps_stays_and_ledger(store: MemoryStore, path: Path) -> None:
    memory = store.memory()
    memory.entered(stay())
    memory.entered(stay("s-2"))
    memory.left("s-2")
    memory.received(entry())
    memory.received(entry(draft="d-2"))
    memory.cancelled("d-2")
    store.close()
    again = MemoryStore(path)
    known = again.memory()
    again.close()
    assert list(known.stays) == [stay()]
    assert known.before(DAE, None).packages == 10
    assert known.before(DAE, "d-1").packages == 0


def test_a_restart_keeps_learnt_tares(store: MemoryStore, path: Path) -> None:
    first, second = (
        LearntTare(("GBA1234", "GBR4321"), Decimal(kg), NOON.date(), f"v-{kg}", "s", "balanza")
        for kg in (12000, 12040)
    )
    for each in (first, second):
        store.memory().weighed_empty(each, date(2025, 1, 1))
    store.close()
    again = MemoryStore(path)
    found = again.memory().tare(("GBA1234", "GBR4321"), date(2025, 1, 1))
    again.close()
    assert found == replace(second, before_kg=first.kg)


def test_another_document_of_a_draft_takes_it_out_of_the_first(store: MemoryStore) -> None:
    memory = store.memory()
    memory.received(entry())
    memory.received(entry(OTHER))
    for known in (memory, store.memory()):
        assert known.before(DAE, None).packages == 0
        assert known.before(OTHER, None).packages == 10


def test_what_another_process_imports_or_withdraws_is_known_at_once(store: MemoryStore, path: Path) -> None:
    memory = store.memory()
    memory.announcements.add(notice(id="of-the-file", keys={"containers": ["TEXU3070079"]}))
    other = MemoryStore(path)
    assert other.announced(notice()) == 1
    assert other.announced(notice()) == 0
    assert memory.preadvice(DAE) == notice()
    other.withdrawn("announcements", "a-1")
    other.close()
    assert memory.preadvice(DAE) is None
    assert memory.announcements.containers() == {"TEXU3070079"}


def test_long_expired_announcements_are_forgotten(store: MemoryStore) -> None:
    store.announced(notice(id="old", valid_until="2026-01-01T00:00:00Z"), notice(id="new"))
    assert store.forget_expired(NOON) == 1
    assert store.ids("announcements") == {"new"}
    assert store.forget_expired(NOON + timedelta(days=999)) == 0


def test_a_stay_that_a_visit_ends_is_no_other_visits_after_a_restart(store: MemoryStore, path: Path) -> None:
    memory = store.memory()
    memory.entered(stay())
    assert memory.taken("s-1", "v-9")
    store.close()
    again = MemoryStore(path)
    known = again.memory()
    assert not known.taken("s-1", "v-8")
    assert known.taken("s-1", "v-9")
    known.left("s-1")
    assert list(known.stays) == list(again.memory().stays) == []
    again.close()


def test_stays_and_entries_come_back_exactly() -> None:
    assert STAY.load(STAY.dump(stay())) == stay()
    assert ENTRY.load(ENTRY.dump(entry())) == entry()
