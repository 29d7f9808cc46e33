"""What the database holds already of the events and drafts that a batch speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from record.event import EventType
from registry.intake import Finding, Parked, Sound
from registry.tables import drafts, events, receipts

IDS: BindParameter[Any] = bindparam("ids", expanding=True)
HASHES = select(events.c.id, events.c.hash).where(events.c.id.in_(IDS))
PLACES = select(events.c.sequence, events.c.id).where(
    events.c.source == bindparam("source"), events.c.sequence.in_(bindparam("sequences", expanding=True))
)
DRAFTS = select(drafts).where(drafts.c.draft.in_(IDS)).order_by(drafts.c.draft).with_for_update()
"""Locked where the database locks rows; SQLite's writing transaction has locked all."""

CANCELLED = select(events.c.draft).where(
    events.c.draft.in_(IDS), events.c.type == EventType.DRAFT_CANCELLED.value
)
RECEIPT = select(receipts.c.body).where(receipts.c.event == bindparam("id"))


class Held:
    """Hashes by id, ids by place in the chain, drafts by id, and which drafts are cancelled.

    A batch adds what it accepts, so that a later event of the same batch sees it.
    """

    def __init__(self, connection: Connection, findings: Sequence[Finding]) -> None:
        self._connection = connection
        sound = [finding for finding in findings if isinstance(finding, Sound)]
        identities = [each.identity for each in findings if not isinstance(each, Parked) and each.identity]
        of_drafts = {each.draft for each in sound if each.draft}
        self.hashes = self._hashes(identity.event for identity in identities)
        self.places = self._places(sound)
        self.drafts = self._drafts(of_drafts)
        self.cancelled = self._cancellations(of_drafts)
        self._receipts: dict[str, bytes] = {}

    def add(self, sound: Sound, receipt: bytes) -> None:
        """An event that the batch has accepted, with its receipt."""
        event = sound.event
        self.hashes[event.id] = sound.hash
        self.places[event.source, event.sequence] = event.id
        self._receipts[event.id] = receipt

    def receipt(self, event: str) -> bytes:
        """The first receipt of an accepted event."""
        known = self._receipts.get(event)
        if known is None:
            known = self._receipts[event] = self._connection.execute(RECEIPT, {"id": event}).scalar_one()
        return known

    def _hashes(self, ids: Iterable[str]) -> dict[str, str]:
        rows = self._connection.execute(HASHES, {"ids": sorted(set(ids))}).all()
        return {row.id: row.hash for row in rows}

    def _places(self, sound: Sequence[Sound]) -> dict[tuple[str, int], str]:
        wanted: dict[str, list[int]] = {}
        for each in sound:
            wanted.setdefault(each.event.source, []).append(each.event.sequence)
        held: dict[tuple[str, int], str] = {}
        for source, sequences in wanted.items():
            rows = self._connection.execute(PLACES, {"source": source, "sequences": sequences}).all()
            held |= {(source, row.sequence): row.id for row in rows}
        return held

    def _drafts(self, ids: set[str]) -> dict[str, dict[str, Any]]:
        if not ids:
            return {}
        rows = self._connection.execute(DRAFTS, {"ids": sorted(ids)}).mappings().all()
        return {row["draft"]: dict(row) for row in rows}

    def _cancellations(self, ids: set[str]) -> set[str]:
        if not ids:
            return set()
        return set(self._connection.execute(CANCELLED, {"ids": sorted(ids)}).scalars())
