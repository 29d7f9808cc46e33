"""When this file and the registry part: the registry holds other events of a chain than are here, or takes no more by
the key that signed them. What was stored here is issued anew in a new installation, under its own ids and times.

    before   A 1 … 40 │ 41   42 key.changed   43 …       41 and on: the registry has others, or wants none
    after    B 1      │ 41   42 key.changed   43 …       each as it was made, with its place in B

While the registry has not received the change of keys, it knows the old key only: B begins with that, as far as the
old key's file is still there, and the new key signs from the change on, as it did in A.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from sqlite3 import Connection

from gateway.outbox.chain import Chain, letter_of, rows
from gateway.outbox.letter import WAITING, Stored
from record.event import EventType
from record.proof import Proof, SigningKey

Former = Callable[[str], SigningKey | None]
"""The gate's earlier key with that id, where it is still kept."""

UNQUEUE = "DELETE FROM queue WHERE row IN (SELECT row FROM events WHERE row = ? OR stands_for = ?)"
REMOVE = "DELETE FROM events WHERE row = ? OR stands_for = ?"
MOVED = f"source = ? AND sequence >= ? AND stands_for IS NULL AND state IN ({WAITING}, 'dead') ORDER BY row"
CHANGE = f"type = ? AND state IN ({WAITING}) ORDER BY row DESC LIMIT 2"

AHEAD, KEY_ENDED = "registry_ahead", "key_ended"
"""Why the new installation begins, as its first event says."""


def no_former(_key: str) -> SigningKey | None:
    """Of a gate that keeps no earlier key."""
    return None


@dataclass(frozen=True, slots=True)
class Parting:
    """Issues events anew; every method runs in the caller's transaction."""

    chain: Chain
    former: Former = no_former

    def part(self, db: Connection, source: str, first: int, *, key_ended: bool = False) -> int:
        """Issue anew what waits of ``source`` from ``first`` on; how many events that were.

        ``key_ended``: the registry takes no more by the key that signed them, so the key in force signs them all.
        """
        moved = rows(db, MOVED, [source, first])
        earlier = None if key_ended else self._before_change(db)
        for event in moved:
            db.execute(UNQUEUE, [event.row, event.row])
            db.execute(REMOVE, [event.row, event.row])
        if source == self.chain.source(db):
            (earlier or self.chain).open(db, KEY_ENDED if key_ended else AHEAD)
        for event in moved:
            by_earlier = earlier is not None and signer(event) == earlier.key.public.id
            chain = earlier if earlier is not None and by_earlier else self.chain
            chain.add(db, letter_of(event), event=event.id, time=event.created_at)
        return len(moved)

    def _before_change(self, db: Connection) -> Chain | None:
        """The chain's writer with the key that the registry still knows us by, if that is not the one in force."""
        present = self.chain.key.public
        for event in rows(db, CHANGE, [EventType.KEY_CHANGED.value]):
            old = signer(event)
            if old != present.id and json.loads(event.body)["data"]["key"] == str(present):
                key = self.former(old)
                return None if key is None else replace(self.chain, key=key)
        return None


def signer(event: Stored) -> str:
    """The id of the key that signed an event."""
    return Proof.parse(json.loads(event.body)["proof"]).key
