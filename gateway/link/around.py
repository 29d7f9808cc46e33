"""What one connection's work is done with, and what is kept from one connection to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.link.flight import Flight
from gateway.link.learnt import Learnt
from gateway.link.orders import Orders
from gateway.link.status import Status
from gateway.outbox.outbox import Outbox
from record.proof import PublicKey
from record.topics import Gate


@dataclass(slots=True)
class Memory:
    """What is kept from one connection to the next.

    ``sure``: this file is no older copy of what the registry holds. ``careful``: the connection before ended over
    something that was sent; ``suspects`` counts by row how often that was one event alone.
    """

    sure: bool = False
    careful: bool = False
    suspects: Counter[int] = field(default_factory=Counter)

    @property
    def one_by_one(self) -> bool:
        """Whether the next event waits for the receipt of the one before."""
        return self.careful or not self.sure


@dataclass(frozen=True, slots=True)
class Around:
    """What a delivery works with, the same for all connections of a link."""

    outbox: Outbox
    gate: Gate
    keys: Mapping[str, PublicKey]
    orders: Orders
    status: Status
    on_message: Callable[[str, bytes], None]
    window: int
    resend_after_s: float
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Busy:
    """Rows that are on their way, or have their receipt already."""

    flight: Flight
    learnt: Learnt

    def __contains__(self, row: object) -> bool:
        return row in self.flight or row in self.learnt
