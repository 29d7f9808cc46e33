"""What the registry tells a depot: announcements and releases, each retained on a topic of its own.

    gate/v1/{depot}/preadvice/{id}     {"id": …, "version": …, "keys": {…}, "cargo": {…}, "proof": …}
    gate/v1/{depot}/release/{id}       {"id": …, "version": …, "keys": {…}, "reason": …, "proof": …}
    gate/v1/{depot}/preadvice/index    {"at": …, "preadvice": [id, …], "releases": [id, …], "proof": …}

Nothing but what the registry has signed is believed. An empty message withdraws; one that is older than what is
known changes nothing; one that has expired is kept, so that a truck that comes too late is remarked. What is
taken in lies in the gate's database, so that a gate that is offline, or starts without its broker, has it.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping

from gateway.link.hearing import hear
from gateway.memory_store import MemoryStore
from record.errors import BadRecord
from record.preadvice import Index, Preadvice
from record.proof import PublicKey
from record.release import Release
from record.topics import notice

log = logging.getLogger(__name__)

INDEX = "index"
TABLES = {"preadvice": "announcements", "release": "releases"}


class Notices:
    """Takes what the link hears into the gate's memory. Called by one thread only, the link's.

    ``refused`` counts what was not believed. ``missed`` names what the registry's newest index has and the gate
    has not; the index may be a little older or newer than the notices, so nothing is withdrawn because of it.
    """

    def __init__(self, depot: str, keys: Mapping[str, PublicKey], store: MemoryStore) -> None:
        self._depot, self._keys, self._store = depot, keys, store
        self.refused = 0
        self.missed: tuple[str, ...] = ()

    def hear(self, topic: str, payload: bytes) -> None:
        """One message. Never raises: what is not right is counted, and the first of it is told."""
        try:
            self._take(topic, payload)
        except BadRecord as error:
            self.refused += 1
            if self.refused == 1:
                log.error("%s: refused: %s; further ones are only counted", topic, error)
        except sqlite3.Error as error:
            log.error("%s: the gate's memory does not keep it: %s", topic, error)

    def _take(self, topic: str, payload: bytes) -> None:
        kind, identity = notice(self._depot, topic)
        if kind == "preadvice" and identity == INDEX:
            self._index(hear(payload, Index, self._keys) if payload else None)
        elif not payload:
            self._store.withdrawn(TABLES[kind], identity)
        else:
            self._keep(kind, identity, payload)

    def _keep(self, kind: str, identity: str, payload: bytes) -> None:
        told: Preadvice | Release
        if kind == "preadvice":
            told = hear(payload, Preadvice, self._keys)
        else:
            told = hear(payload, Release, self._keys)
        if told.id != identity:
            raise BadRecord(f"/id: {told.id[:80]!r}, but the topic says {identity[:80]!r}")
        self._store.announced(told)

    def _index(self, index: Index | None) -> None:
        if index is None:
            self.missed = ()
            return
        known = self._store.ids("announcements") | self._store.ids("releases")
        self.missed = tuple(sorted({*index.preadvice, *index.releases} - known))
        if self.missed:
            log.warning(
                "%s announcements or releases of the registry's index are not here: %s",
                len(self.missed),
                ", ".join(self.missed[:10]),
            )
