"""Does the registry hold what this outbox holds? The head that it tells is compared with the chain here.

registry   1 2 3 4 5 6        together   the same so far; what it lacks is still on its way
outbox     1 2 3 4 5 6 7

registry   1 2 3              behind     it answered 4 once and does not hold it now: a backup was laid in
outbox     1 2 3 4 5 6

registry   1 2 3 4 5 6        ahead      it holds what was never here, or another 4: this file is an older
outbox     1 2 3 4'                      copy, or somebody else's twin
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from gateway.outbox.outbox import Outbox, State
from record.registry_state import Head, RegistryState, ServiceState

TOLD = 300
"""A registry names so many sources at most; where it names fewer, it holds no others."""


class Standing(Enum):
    """How the registry stands to this outbox."""

    UNKNOWN = "unknown"
    TOGETHER = "together"
    BEHIND = "behind"
    AHEAD = "ahead"


def standing(outbox: Outbox, state: RegistryState) -> Standing:
    """How a registry that says this stands to the present installation. Reads the outbox, changes nothing."""
    source = outbox.source
    held = state.heads.get(source)
    if held is None:
        knows_all = state.state is ServiceState.ONLINE and len(state.heads) < TOLD
        return _compared(outbox, source, 0, state.at) if knows_all else Standing.UNKNOWN
    if _is_ahead(outbox, source, held):
        return Standing.AHEAD
    return _compared(outbox, source, held.sequence, state.at)


def _is_ahead(outbox: Outbox, source: str, held: Head) -> bool:
    own = outbox.head()
    if own is None or held.sequence > own.sequence:
        return True
    kept = outbox.place(source, held.sequence)
    return bool(kept) and kept[0].hash != held.hash


def _compared(outbox: Outbox, source: str, held: int, at: datetime) -> Standing:
    """Whether the registry had answered the next event before it said that it does not hold it."""
    following = max(held, outbox.aged_through(source)) + 1
    answered = [
        datetime.fromisoformat(event.receipt["at"])
        for event in outbox.place(source, following)
        if event.state in (State.RECEIVED, State.REFUSED) and event.receipt
    ]
    return Standing.BEHIND if any(moment < at for moment in answered) else Standing.TOGETHER
