"""The chain's tip: where the next event goes, remembered while nobody has written in between.

    this connection   has changed no row since (sqlite3's ``total_changes``; what was rolled back counts too)
    all others        have committed nothing since (SQLite's ``PRAGMA data_version``)

Where either has moved, the database is asked.
"""

from __future__ import annotations

from sqlite3 import Connection

from gateway.outbox.chain import Chain
from gateway.outbox.event import Place

VERSION = "PRAGMA data_version"

Known = tuple[int, int, Place]
"""Version and changes of the database, and the place of the next event when they were so."""


class Tip:
    """Remembers the place after the last event of one `Chain`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._version = 0
        self._known: Known | None = None

    def next(self, db: Connection) -> Place:
        """The place of the next event; call it inside the transaction that writes it."""
        known = self._known
        self._version = db.execute(VERSION).fetchone()[0]
        if known is not None and known[0] == self._version and known[1] == db.total_changes:
            return known[2]
        return self._chain.next(db)

    def reached(self, db: Connection, following: Place) -> Known:
        """What is to be remembered once the same transaction, which `next` was asked in, is committed."""
        return self._version, db.total_changes, following

    def remember(self, db: Connection, known: Known) -> None:
        """The transaction is over. Where it was part of another one that is not, nothing is remembered."""
        if not db.in_transaction:
            self._known = known
