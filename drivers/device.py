"""A device, and the supervisor that attends it for ever in a thread of its own.

A device is a blocking iterator: it opens what it hangs on, yields what it hears, and raises a `DeviceError`
when that goes away. The supervisor reopens it with back-off, stamps the readings, and says in one word how
it fares:

==============  ===================================================================================
``missing``     not open: unplugged, wrong address, held by another program
``silent``      open, and no bytes arrive
``noise``       bytes arrive and none of them is a frame: speed, parity or protocol are wrong
``no_weight``   frames arrive and none carries a weight: overload, blanked display, error
``streaming``   a good reading within the last seconds; of a device that speaks only when it is used
                (scanner, button): it is open and ready
==============  ===================================================================================

The state follows from the ages of what was heard, never from a flag that somebody has to remember to clear.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from drivers.errors import Advice, DeviceError
from drivers.readings import Picture, Reading, Signal, Skip, Skipped, Stamped

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Aged:
    """A reading that is given out ``age`` seconds after it was made, because its device held it back."""

    reading: Reading
    age: float


Heard = Reading | Aged | Skipped | DeviceError | None
"""What a device yields. None is a heartbeat: still open, nothing heard. A `DeviceError` that is yielded and
not raised says that nobody is at the other end of a port that stays open and waits (a listening TCP port)."""


class Device(Protocol):
    """Something on a cable that yields readings."""

    @property
    def name(self) -> str:
        """The name that the site gave it."""

    def read(self, stop: threading.Event) -> Iterator[Heard]:
        """Open the device and yield what it says until ``stop`` is set, then what it still holds.

        Yields at least four times a second once it is open, and for the first time as soon as it is. Raises
        `DeviceError` when the device cannot be opened or goes away.
        """


class DeviceState(StrEnum):
    """How a device fares; the module says what each means."""

    MISSING = "missing"
    SILENT = "silent"
    NOISE = "noise"
    NO_WEIGHT = "no_weight"
    STREAMING = "streaming"


ADVICE = {
    DeviceState.SILENT: Advice.CHECK_OUTPUT,
    DeviceState.NOISE: Advice.CHECK_SPEED,
    DeviceState.NO_WEIGHT: Advice.CHECK_INDICATOR,
    DeviceState.STREAMING: Advice.NOTHING,
}
"""What to check next in each state; what to check of a missing device its error says."""

FRAMES_WITHOUT_WEIGHT = frozenset({Skip.OVER, Skip.UNDER, Skip.BLANK, Skip.ERROR})
"""Reasons that only an intact frame can give: the line works, the indicator has no weight."""


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """How a device fares, for people and for the health topic.

    ``since`` is when the state began, ``last_good`` when the last good reading came (both UTC). ``skips``
    counts the reasons since the supervisor was started. ``last_raw`` is the newest frame or skipped stretch
    as it came. ``advice`` is a code of `drivers.errors.Advice`: what to check next.
    """

    name: str
    state: DeviceState
    since: datetime
    last_good: datetime | None = None
    frames_per_second: float = 0.0
    skips: Mapping[Skip, int] = field(default_factory=dict)
    last_raw: bytes = b""
    error: str | None = None
    advice: str = Advice.NOTHING


class Clock(Protocol):
    """Where times come from, so that a test can say what time it is."""

    def now(self) -> datetime:
        """The time of day in UTC, for people."""

    def monotonic(self) -> float:
        """Seconds of a clock that never jumps, for every rule."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """As `Clock.now`."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """As `Clock.monotonic`."""
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the next opening: doubling from ``first`` to ``longest`` seconds, less a
    jitter.

    The jitter takes up to ``jitter`` of each wait away, so that twenty devices behind one switch do not all
    come back in the same instant.
    """

    first: float = 0.2
    longest: float = 30.0
    jitter: float = 0.3

    def wait(self, failures: int, *, retry: bool = True) -> float:
        """Seconds to wait after so many failures in a row; the longest wait when retrying cannot help."""
        full = self.longest if not retry else min(self.longest, self.first * 2 ** min(failures - 1, 20))
        return full * (1 - self.jitter * random.random())  # noqa: S311 - no secret


class Watch:
    """What a device said and when, and the state that follows. Times come as arguments.

    ``stale_after`` is how many seconds a reading counts as fresh; None for a device that speaks only when
    used.
    """

    def __init__(self, name: str, stale_after: float | None, at: datetime) -> None:
        self._name = name
        self._stale_after = stale_after
        self._error: DeviceError | None = DeviceError("not started", advice=Advice.NOTHING)
        self._good: float | None = None
        self._frame: float | None = None
        self._noise: float | None = None
        self._last_good: datetime | None = None
        self._last_raw = b""
        self._skips: Counter[Skip] = Counter()
        self._rate = Rate()
        self._state_since = (DeviceState.MISSING, at)

    @property
    def is_open(self) -> bool:
        """Whether the device is open and somebody is at the other end."""
        return self._error is None

    @property
    def error(self) -> DeviceError | None:
        """Why it is missing, None while it is not."""
        return self._error

    def opened(self) -> None:
        """The device is open; what it said in its former life is stale."""
        self._error = None
        self._good = self._frame = self._noise = None
        self._rate = Rate()

    def away(self, error: DeviceError) -> None:
        """The device has gone away, or nobody is at the other end."""
        self._error = error

    def heard(self, heard: Reading | Skipped, at: datetime, now: float) -> None:
        """The device said something."""
        if not isinstance(heard, (Picture, Signal)):
            self._last_raw = heard.raw
        if not isinstance(heard, Skipped):
            self._good, self._last_good = now, at
            self._rate.count(now)
            return
        self._skips[heard.skip] += 1
        if heard.skip in FRAMES_WITHOUT_WEIGHT:
            self._frame = now
            self._rate.count(now)
        else:
            self._noise = now

    def state(self, now: float) -> DeviceState:
        """The state at ``now``."""
        if self._error is not None:
            return DeviceState.MISSING
        if self._stale_after is None or self._fresh(self._good, now):
            return DeviceState.STREAMING
        if self._fresh(self._frame, now):
            return DeviceState.NO_WEIGHT
        if self._fresh(self._noise, now):
            return DeviceState.NOISE
        return DeviceState.SILENT

    def status(self, at: datetime, now: float) -> DeviceStatus:
        """Everything that is known at ``now``."""
        state, error = self.state(now), self._error
        if state is not self._state_since[0]:
            self._state_since = (state, at)
        return DeviceStatus(
            name=self._name,
            state=state,
            since=self._state_since[1],
            last_good=self._last_good,
            frames_per_second=0.0 if error else self._rate.per_second(now),
            skips=dict(self._skips),
            last_raw=self._last_raw,
            error=str(error) if error else None,
            advice=error.advice if error else ADVICE[state],
        )

    def _fresh(self, then: float | None, now: float) -> bool:
        return then is not None and self._stale_after is not None and now - then <= self._stale_after


class Rate:
    """Frames per second over the last whole second or more."""

    def __init__(self) -> None:
        self._start: float | None = None
        self._count = 0
        self._rate = 0.0

    def count(self, now: float) -> None:
        """One more frame."""
        if self._start is None:
            self._start = now
        self._count += 1

    def per_second(self, now: float) -> float:
        """The rate, renewed once a second; 0 when nothing came."""
        if self._start is None:
            return 0.0
        elapsed = now - self._start
        if elapsed >= 1.0:
            self._rate = round(self._count / elapsed, 1)
            self._start, self._count = now, 0
        return self._rate


class Supervisor:
    """One thread that attends one device for ever.

    ``deliver`` receives every reading in order, ``on_status`` the status when it changed, at most ten times a
    second; both are called in the device's thread. ``stale_after``: see `Watch`.
    """

    SHORTEST = 0.1
    """Seconds between two statuses at the least."""

    REFRESH = 1.0
    """Seconds between two statuses that differ in figures only, not in state."""

    def __init__(
        self,
        device: Device,
        deliver: Callable[[Stamped], None],
        on_status: Callable[[DeviceStatus], None],
        *,
        stale_after: float | None = 3.0,
        clock: Clock | None = None,
        backoff: Backoff | None = None,
        place: str = "",
    ) -> None:
        """``place`` is where the device hangs, for the log: two lanes may both have a device of this name."""
        self._device = device
        self._where = {"lane": place, "device": device.name}
        self._called = f"{place}/{device.name}" if place else device.name
        self._deliver = deliver
        self._on_status = on_status
        self._clock = clock or SystemClock()
        self._backoff = backoff or Backoff()
        self._stop = threading.Event()
        self._watch = Watch(device.name, stale_after, self._clock.now())
        self._told: DeviceStatus | None = None
        self._told_at = float("-inf")
        self._failures = 0
        self._missed = False
        self._thread = threading.Thread(target=self._run, name=f"device-{self._called}", daemon=True)

    def start(self) -> None:
        """Begin. A supervisor is started once."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> bool:
        """End the thread; False when the device did not let go within ``timeout`` seconds."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def status(self) -> DeviceStatus:
        """How the device fares now: from the ages at this moment, also when its thread hangs."""
        return self._watch.status(self._clock.now(), self._clock.monotonic())

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._round()
            except Exception as fault:  # a thread begins here
                log.exception(
                    "%s: a fault in its driver or in what it feeds", self._called, extra=self._where
                )
                self._missed = True
                self._watch.away(DeviceError(repr(fault), advice=Advice.REPORT_FAULT, retry=False))
                self._failures += 1
                self._stop.wait(self._backoff.wait(self._failures))

    def _round(self) -> None:
        """One life of the device, from its opening to its end."""
        if self._missed:
            self._tell(self._clock.now(), self._clock.monotonic())
        try:
            self._attend()
        except DeviceError as error:
            self._lost(error)

    def _attend(self) -> None:
        """Read until told to stop. Raises what the device raises."""
        for heard in self._device.read(self._stop):
            if isinstance(heard, DeviceError):
                self._away(heard)
            else:
                self._take(heard)
        if not self._stop.is_set():
            raise DeviceError("the device has nothing more to say", advice=Advice.CHECK_CABLE)

    def _take(self, heard: Reading | Aged | Skipped | None) -> None:
        now, at = self._clock.monotonic(), self._clock.now()
        if not self._watch.is_open:
            self._back()
        if isinstance(heard, Aged):
            self._give(heard.reading, at - timedelta(seconds=heard.age), now)
        elif isinstance(heard, Skipped):
            self._watch.heard(heard, at, now)
        elif heard is not None:
            self._give(heard, at, now)
        self._tell(at, now)

    def _give(self, reading: Reading, at: datetime, now: float) -> None:
        """``at`` is when the reading was made, ``now`` when it is given out: the order of readings is by this."""
        self._watch.heard(reading, at, now)
        self._deliver(Stamped(self._device.name, at, now, reading))

    def _back(self) -> None:
        self._watch.opened()
        self._failures = 0
        if self._missed:
            self._missed = False
            log.info("%s: is back", self._called, extra=self._where)

    def _away(self, error: DeviceError) -> None:
        """Log once, however often it fails until it is back."""
        if not self._missed:
            self._missed = True
            log.warning("%s: is missing: %s", self._called, error, extra=self._where)
        self._watch.away(error)
        self._tell(self._clock.now(), self._clock.monotonic())

    def _lost(self, error: DeviceError) -> None:
        self._failures += 1
        self._away(error)
        if not self._stop.wait(self.SHORTEST):
            self._tell(self._clock.now(), self._clock.monotonic())
            self._stop.wait(self._backoff.wait(self._failures, retry=error.retry))

    def _tell(self, at: datetime, now: float) -> None:
        """Tell the status when the state or the error changed, and its figures once a second."""
        elapsed = now - self._told_at
        if elapsed < self.SHORTEST:
            return
        told = self._told
        if told and elapsed < self.REFRESH and not self._changed(told, now):
            return
        status = self._watch.status(at, now)
        if status != told:
            self._told, self._told_at = status, now
            self._on_status(status)

    def _changed(self, told: DeviceStatus, now: float) -> bool:
        error = self._watch.error
        return self._watch.state(now) is not told.state or (str(error) if error else None) != told.error
