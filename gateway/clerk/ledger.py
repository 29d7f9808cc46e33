"""The ledger: what the gate has received under each document so far, in all visits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from threading import RLock

from record.draft import BaseDocument


@dataclass(frozen=True, slots=True)
class Entry:
    """What one draft received under one document."""

    document: BaseDocument
    draft: str
    day: date
    packages: int
    kg: Decimal
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """What was received under a document before a draft."""

    packages: int = 0
    kg: Decimal = Decimal(0)
    containers: frozenset[str] = frozenset()
    last_day: date | None = None


class Ledger:
    """Everything received, by draft. Safe for several threads.

    ``on_change`` is told of every entry that is made or changed (True) or taken out (False), to keep them.
    """

    def __init__(
        self,
        entries: Iterable[Entry] = (),
        on_change: Callable[[Entry, bool], None] = lambda entry, is_kept: None,
    ) -> None:
        self._lock = RLock()
        self._by_document: dict[BaseDocument, dict[str, Entry]] = {}
        self._document_of: dict[str, BaseDocument] = {}
        self._on_change = on_change
        for entry in entries:
            self._put(entry)

    def put(self, entry: Entry) -> None:
        """What a draft says now; a later revision replaces what an earlier one said."""
        with self._lock:
            self._put(entry)
            self._on_change(entry, True)

    def remove(self, draft: str) -> None:
        """A draft was cancelled: what it said was not received."""
        with self._lock:
            entry = self._take_out(draft)
            if entry is not None:
                self._on_change(entry, False)

    def before(self, document: BaseDocument | None, draft: str | None) -> Total:
        """What all other drafts have received under a document."""
        with self._lock:
            entries = list(self._by_document.get(document, {}).values()) if document else []
        others = [entry for entry in entries if entry.draft != draft]
        return Total(
            packages=sum(entry.packages for entry in others),
            kg=sum((entry.kg for entry in others), Decimal(0)),
            containers=frozenset(number for entry in others for number in entry.containers),
            last_day=max((entry.day for entry in others), default=None),
        )

    def _put(self, entry: Entry) -> None:
        self._take_out(entry.draft)
        self._document_of[entry.draft] = entry.document
        self._by_document.setdefault(entry.document, {})[entry.draft] = entry

    def _take_out(self, draft: str) -> Entry | None:
        """A draft has one document at a time: a person may have named another one since."""
        document = self._document_of.pop(draft, None)
        return self._by_document[document].pop(draft) if document else None
