"""The gate's condition, told to all over the topic ``health``: looked at every ten seconds, said when it differs.

Ages are told as the moment that they count from, and room in whole percent, so that a gate at which nothing
happens says nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.board import GateView
from gateway.clock import ClockState, clock_state
from gateway.outbox.outbox import Outbox, OutboxBroken
from record.health import GateHealth, OutboxHealth

HEALTH_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Examined:
    """What is looked at: one gate. ``data`` is the folder of its outbox, ``now`` the time in UTC."""

    view: Callable[[], GateView]
    outbox: Outbox
    data: Path
    now: Callable[[], datetime]
    clock: Callable[[], ClockState] = clock_state

    def health(self) -> GateHealth:
        """The gate's condition now. Raises nothing: what does not answer is left out."""
        return GateHealth(
            at=self.now(),
            devices={
                lane.name: {name: status.state.value for name, status in sorted(lane.devices.items())}
                for lane in self.view().lanes.values()
            },
            outbox=outbox_health(self.outbox),
            clock=self.clock().value,
            disk_free_percent=free_percent(self.data),
        )


def outbox_health(outbox: Outbox) -> OutboxHealth | None:
    """How much waits and since when; None where the database does not answer."""
    try:
        counts, oldest, aside = outbox.counts(), outbox.waiting(1), len(outbox.aside())
    except OutboxBroken:
        return None
    waiting = sum(count for state, count in counts.items() if state.waiting)
    since = datetime.fromisoformat(oldest[0].created_at) if oldest else None
    return OutboxHealth(waiting=waiting, oldest=since, aside=aside)


def free_percent(folder: Path) -> int | None:
    """Room on a folder's disk in whole percent, rounded down; None where the system does not say."""
    try:
        disk = shutil.disk_usage(folder)
    except OSError:
        return None
    return disk.free * 100 // disk.total if disk.total else None


class Health:
    """Gives ``tell`` the gate's condition where it is another than was told last, at each `look`."""

    def __init__(self, examined: Examined, tell: Callable[[bytes], None]) -> None:
        self._examined, self._tell = examined, tell
        self._told: GateHealth | None = None

    def look(self) -> bool:
        """Look, and tell; whether there was something to tell."""
        found, told = self._examined.health(), self._told
        if told is not None and found.model_copy(update={"at": told.at}) == told:
            return False
        self._told = found
        self._tell(json.dumps(found.to_wire()).encode())
        return True
