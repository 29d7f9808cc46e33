"""Between the outbox and the window: what comes next, read ahead; what was learnt, written in one go."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Container
from dataclasses import dataclass, field

from gateway.outbox.outbox import Change, Outbox, Settled, State, Stored
from record.receipt import Receipt

READ_AHEAD = 100
RESCAN_S = 5.0
"""Another process may have queued an older event again: so often the queue is read from its beginning."""


class Ahead:
    """The events that wait, oldest first, each once."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._read: deque[Stored] = deque()
        self._after = 0
        self._rescan_at = time.monotonic() + RESCAN_S

    def rewind(self) -> None:
        """Begin with the oldest again: events were queued anew, or have gone."""
        self._read.clear()
        self._after = 0

    def next(self, busy: Container[int]) -> Stored | None:
        """The next event that waits, but none of the rows that are ``busy`` when it is read."""
        if not self._read:
            self._fill(busy)
        return self._read.popleft() if self._read else None

    def _fill(self, busy: Container[int]) -> None:
        moment = time.monotonic()
        if moment >= self._rescan_at:
            self._rescan_at = moment + RESCAN_S
            self._after = 0
        found = self._outbox.waiting(READ_AHEAD, after=self._after)
        if found:
            self._after = found[-1].row
        self._read.extend(each for each in found if each.row not in busy)


@dataclass(slots=True)
class Learnt:
    """What was learnt of events and is not yet written, the newest of each."""

    changes: dict[int, Change] = field(default_factory=dict)
    receipts: dict[int, Settled] = field(default_factory=dict)
    since: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.changes or self.receipts)

    def __contains__(self, row: object) -> bool:
        return row in self.receipts

    def note(self, row: int, state: State, reason: str | None = None, *, sends: int = 0) -> None:
        """One step of an event."""
        before = self.changes.get(row)
        if before is not None:
            reason, sends = reason or before.reason, sends + before.sends
        else:
            self._begin()
        self.changes[row] = Change(row, state, reason, sends)

    def settle(self, row: int, receipt: Receipt, text: str) -> None:
        """An event has its receipt, which came as this text; what is received stays so, whatever comes later."""
        self._begin()
        change, earlier = self.changes.pop(row, None), self.receipts.get(row)
        sends = (change.sends if change else 0) + (earlier.sends if earlier else 0)
        if earlier is not None and earlier.receipt.answer.received:
            receipt, text = earlier.receipt, earlier.text
        self.receipts[row] = Settled(row, receipt, text, sends)

    def is_older_than(self, seconds: float) -> bool:
        """Whether the first of it was learnt so long ago."""
        return time.monotonic() - self.since > seconds

    def write(self, outbox: Outbox) -> None:
        """Write it all, in one transaction. Raises `OutboxBroken`, and then nothing of it is forgotten."""
        with outbox.file.writing():
            if self.changes:
                outbox.mark(self.changes.values())
            if self.receipts:
                outbox.settled(self.receipts.values())
        self.changes.clear()
        self.receipts.clear()

    def _begin(self) -> None:
        if not self.changes and not self.receipts:
            self.since = time.monotonic()
