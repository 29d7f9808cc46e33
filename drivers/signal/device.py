"""Inputs and outputs of a lane: loops, barrier contacts and buttons in; lights, barrier releases and
displays out.

Two kinds of output differ in what happens when the board is away. A lasting one (a light) is wanted until
something else is wanted, and is set again when the board is back. A momentary one (a barrier's release) is
carried out at once or not at all: nothing opens a barrier minutes later because a cable was plugged in again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set

from drivers.device import Heard
from drivers.errors import Advice, CannotOpen, NotAvailable
from drivers.readings import Signal
from drivers.signal.board import Board

POLL = 0.1
"""Seconds between two looks at the inputs, where the board cannot say that one has changed."""

AT_ONCE = 1.0
"""Seconds within which a momentary output must begin, or it does not."""


class Signals:
    """The inputs and outputs of one board. Yields `Signal` for every input at the opening and when it
    changes.

    ``outputs`` are the names that may be set; each is off at the opening unless something is wanted of it,
    and off when the reading is stopped. ``aspects`` are what the board can show as a whole: a word and the
    outputs that are on for it, such as ``ready`` and the green lamp. ``hold`` is how many seconds an input
    must keep a new state before it counts. `set`, `show` and `pulse` may be called from any thread.
    """

    def __init__(
        self,
        name: str,
        opener: Callable[[], Board],
        outputs: Sequence[str] = (),
        aspects: Mapping[str, Set[str]] | None = None,
        *,
        hold: float = 0.0,
        poll: float = POLL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._opener = opener
        self._aspects = aspects or {}
        self._poll = poll
        self._hold = hold
        self._clock = clock
        self._lock = threading.Lock()
        self._wanted = dict.fromkeys(outputs, False)
        self._pulses: dict[str, Pulse] = {}
        self._open = False
        self.outputs, self.aspects = frozenset(outputs), frozenset(self._aspects)
        for aspect, members in self._aspects.items():
            for member in members:
                self._known(member, f"aspect {aspect!r}")

    def set(self, output: str, on: bool) -> None:
        """Want a lasting output on or off, now and whenever the board comes back."""
        self._known(output, self.name)
        with self._lock:
            self._wanted[output] = on

    def show(self, aspect: str) -> None:
        """Want the board to show this aspect: its outputs on, those of the other aspects off."""
        if aspect not in self._aspects:
            raise self._unknown(aspect, f"{self.name}: aspect", sorted(self._aspects))
        with self._lock:
            for member in set().union(*self._aspects.values()):
                self._wanted[member] = member in self._aspects[aspect]

    def pulse(self, output: str, seconds: float = 1.0) -> None:
        """Switch a momentary output on for ``seconds``, at once.

        Raises `NotAvailable` when the board is away; then it will not happen later either.
        """
        self._known(output, self.name)
        with self._lock:
            if not self._open:
                raise NotAvailable(f"{self.name}: {output} cannot be switched, the board is away")
            self._pulses[output] = Pulse(seconds, self._clock() + AT_ONCE)

    def read(self, stop: threading.Event) -> Iterator[Heard]:
        """As `drivers.device.Device.read`."""
        board = self._opener()
        outputs = Outputs(board)
        settled = Settled(self._hold)
        try:
            self._now_open(True)
            while not stop.is_set():
                outputs.carry_out(*self._orders(), self._clock())
                yield from settled.changes(board.inputs(), self._clock())
                yield None
                board.wait(self._poll)
            outputs.rest()
        finally:
            self._now_open(False)
            board.close()

    def _now_open(self, is_open: bool) -> None:
        with self._lock:
            self._open = is_open
            self._pulses.clear()

    def _orders(self) -> tuple[dict[str, bool], dict[str, Pulse]]:
        with self._lock:
            pulses, self._pulses = self._pulses, {}
            return dict(self._wanted), pulses

    def _known(self, output: str, where: str) -> None:
        if output not in self._wanted:
            raise self._unknown(output, f"{where}: output", sorted(self._wanted))

    @staticmethod
    def _unknown(value: str, what: str, known: list[str]) -> CannotOpen:
        message = f"{what} {value!r} is unknown; known are {', '.join(known) or 'none'}"
        return CannotOpen(message, advice=Advice.CHECK_SETTINGS, retry=False)


class Pulse:
    """A momentary order: for how long, and until when it may begin."""

    def __init__(self, seconds: float, begin_by: float) -> None:
        self.seconds = seconds
        self.begin_by = begin_by


class Outputs:
    """What has been set on one board since it was opened, and which pulses run."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._is: dict[str, bool] = {}
        self._ends: dict[str, float] = {}

    def carry_out(self, wanted: Mapping[str, bool], pulses: Mapping[str, Pulse], now: float) -> None:
        """Set what differs; begin and end pulses."""
        for name, pulse in pulses.items():
            if now <= pulse.begin_by:
                self._ends[name] = now + pulse.seconds
        self._ends = {name: end for name, end in self._ends.items() if now < end}
        for name, on in wanted.items():
            self._set(name, on or name in self._ends)

    def rest(self) -> None:
        """Everything off, because nobody attends the board any more."""
        for name in self._is:
            self._set(name, False)

    def _set(self, name: str, on: bool) -> None:
        if self._is.get(name) is not on:
            self._board.set(name, on)
            self._is[name] = on


class Settled:
    """Inputs that change only when a new state has held for ``hold`` seconds."""

    def __init__(self, hold: float) -> None:
        self._hold = hold
        self._known: dict[str, bool] = {}
        self._since: dict[str, float] = {}

    def changes(self, inputs: Mapping[str, bool], now: float) -> Iterator[Signal]:
        """The inputs whose settled state is new at ``now``; all of them the first time."""
        for name, on in inputs.items():
            if self._known.get(name) is on:
                self._since.pop(name, None)
            elif name not in self._known or now - self._since.setdefault(name, now) >= self._hold:
                initial = name not in self._known
                self._known[name] = on
                self._since.pop(name, None)
                yield Signal(name, on, initial)
