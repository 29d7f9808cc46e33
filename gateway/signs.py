"""The signals of a lane at work: lights that follow the visit, and the barrier.

    board ──Signal──▶ heard: the button opens at once, whatever else the lane does ──▶ the lane's inbox, the tape
    visit ──────────▶ follow: lights by aspect; the barrier once, if the site says ``open_on: complete``

The button is answered in its board's own thread: a draft that is incomplete, a disk that is full or a lane that
hangs do not keep a barrier shut. The machine opens once for a truck and never after a person has; how an input
is when its board is opened is no deed of anybody.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from drivers.errors import DeviceError
from drivers.readings import Signal, Stamped
from drivers.signal.device import Signals
from gateway.clerk.aspect import Aspect, aspect
from gateway.clerk.draft import Content
from gateway.clerk.visit import Visit
from gateway.site.signals import BarrierPart, OpenOn

log = logging.getLogger(__name__)


class Signs:
    """What a lane shows and opens. `heard` is called in the boards' threads, `follow` in the lane's."""

    def __init__(self, lane: str, boards: Sequence[Signals], barrier: BarrierPart | None) -> None:
        self._lane = lane
        self._boards = boards
        self._barrier = barrier
        self._release = _release(boards, barrier)
        self._lock = threading.Lock()
        self._present: str | None = None
        self._opened: str | None = None
        self._held = barrier is not None and barrier.hold is not None
        self._shown: Aspect | None = None

    def known(self, visit: Visit | None) -> None:
        """A truck that was there before this lane began: the barrier is not opened for it again by itself."""
        with self._lock:
            self._opened = visit.id if visit else None

    def heard(self, stamped: Stamped) -> None:
        """An input is or was changed. A person's button opens the barrier."""
        signal, barrier = stamped.reading, self._barrier
        if barrier is None or not isinstance(signal, Signal):
            return
        if signal.name == barrier.hold:
            with self._lock:
                self._held = signal.on
        if signal.name == barrier.button and signal.on and not signal.initial:
            with self._lock:
                self._opened = self._present
            self._open("a person pressed the button")

    def follow(
        self,
        visit: Visit | None,
        made: Sequence[Content],
        now: float,
        *,
        doubted: bool = False,
        masked_since: float | None = None,
    ) -> Aspect:
        """Show what is to be shown at ``now`` of the truck that is there, and open if it is time.

        ``doubted``: the program has failed at this truck, so a person has to look whatever its drafts say.
        ``masked_since``: as `gateway.clerk.aspect.aspect` takes it.
        """
        shown = Aspect.REVIEW if doubted else aspect(visit, made, now, masked_since)
        if shown is not self._shown:
            self._shown = shown
            for board in self._boards:
                if shown in board.aspects:
                    board.show(shown)
        if self._is_time(visit, shown):
            self._open("the draft is complete")
        return shown

    def _is_time(self, visit: Visit | None, shown: Aspect) -> bool:
        """Whether the machine opens now. It is asked once for each truck, also where it then cannot open."""
        with self._lock:
            self._present = visit.id if visit else None
            if visit is None or shown is not Aspect.READY or visit.id == self._opened or self._held:
                return False
            if self._barrier is None or self._barrier.open_on is not OpenOn.COMPLETE:
                return False
            self._opened = visit.id
            return True

    def _open(self, why: str) -> None:
        """Release the barrier; where its board is away nothing happens, now or later, and that is told."""
        if self._barrier is None or self._release is None:
            return
        try:
            self._release(self._barrier.output, self._barrier.open_s)
        except DeviceError as error:
            log.error("lane %s: the barrier stays shut although %s: %s", self._lane, why, error)
        else:
            log.info("lane %s: the barrier is opened: %s", self._lane, why)


def _release(boards: Sequence[Signals], barrier: BarrierPart | None) -> Callable[[str, float], None] | None:
    """What releases the barrier: the pulse of the board that it hangs on."""
    if barrier is None:
        return None
    return next((board.pulse for board in boards if barrier.output in board.outputs), None)
