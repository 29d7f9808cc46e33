"""Listening on a port at one speed after the other until enough was heard, or the time is over.

Every line is heard with eight bits and no parity: seven bits with parity are as long, and the parity is seen
in bit 7. Nothing is written unless the caller allows it and nobody speaks; then the requests of all
protocols that speak only when asked are tried on their usual lines, each once, and one that is answered is
repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from drivers.errors import OperationFailed
from drivers.port import Line, Port, open_port
from drivers.probe.hearing import Ear, Heard
from drivers.probe.verdict import ENOUGH, Verdict, judge, ranked
from drivers.scale.protocol import Protocol, Settings
from drivers.scale.protocols import PROTOCOLS

SPEEDS = (9600, 4800, 2400, 1200, 19200, 38400, 57600, 115200, 600)
"""Speeds to try, the commonest at truck scales first."""

SLICE = 1.0
"""Seconds on each speed at first."""

STAY = 4.0
"""Seconds to stay where frames are heard."""

PATIENCE = 10.0
"""Seconds to go on listening when several protocols are left."""

ANSWER = 0.25
"""Seconds within which an indicator begins to answer a request."""

GAP = 0.05
"""Seconds without a byte that end an answer."""

LONGEST_ANSWER = 1.0
"""Seconds after which an answer is over, even if it goes on."""

QUIET = 50
"""Bytes heard on all lines without asking, beyond which somebody speaks, and is not spoken to."""

ASKED_AGAIN = 40
"""Requests to an indicator that answers, at the most: its load may move for a while."""

ASKED_SPEEDS = (4800, 2400, 1200, 19200)
"""Speeds at which everything is asked, after each protocol was asked on its own usual line."""

WITHOUT_SPEED = ("socket://", "listen://", "loop://")
"""Ports whose speed is not ours to set. They are opened once: many converters take one caller at a time."""

Opener = Callable[[Line], AbstractContextManager[Port]]
Progress = Callable[[Line, list[Heard]], None]


class Search:
    """A search on one port. ``progress`` hears, after each slice, the line and what was understood there.

    Raises what `drivers.port.open_port` raises; a port that goes away while somebody has been recognised ends the
    search instead.
    """

    def __init__(
        self,
        port: str,
        *,
        seconds: float = 30.0,
        ask: bool = False,
        progress: Progress | None = None,
        opener: Opener = open_port,
        clock: Callable[[], float] = time.monotonic,
        protocols: Iterable[Protocol] = tuple(PROTOCOLS.values()),
    ) -> None:
        self._seconds = seconds
        self._ask = ask
        self._progress = progress or (lambda _line, _heard: None)
        self._opener = opener
        self._clock = clock
        self._protocols = tuple(protocols)
        fixed = port.startswith(WITHOUT_SPEED)
        self._lines = [Line(port)] if fixed else [Line(port, speed) for speed in SPEEDS]
        self._ears = {line: Ear(line, self._protocols) for line in self._lines}
        self._asked: list[Ear] = []
        self._deadline = 0.0
        self._held: Port | None = None

    def run(self) -> Verdict:
        """Listen, and ask if allowed, until there is a verdict or the time is over."""
        self._deadline = self._clock() + self._seconds
        try:
            if len(self._lines) > 1:
                self._search()
            else:
                with self._opener(self._lines[0]) as self._held:
                    self._search()
        except OperationFailed:
            if self.verdict.unknown:
                raise
        return self.verdict

    def _search(self) -> None:
        self._round()
        if self._ask and self.verdict.unknown and self.verdict.heard <= QUIET:
            self._ask_around()
        while self.verdict.unknown and self._clock() < self._deadline:
            self._round()
        self._tell_apart()

    @contextmanager
    def _opened(self, line: Line) -> Iterator[Port]:
        """The port that is held open, or a new one on this line."""
        if self._held is not None:
            yield self._held
            return
        with self._opener(line) as port:
            yield port

    @property
    def verdict(self) -> Verdict:
        """What may be said now."""
        ears = [*self._ears.values(), *self._asked]
        clearest = max(ears, key=lambda ear: ear.clarity)
        heard = [result for ear in ears for result in ear.results]
        return judge(heard, total=sum(ear.bytes for ear in ears), sample=clearest.sample, asked=self._ask)

    def _round(self) -> None:
        """A slice on every line; longer where frames are heard, and no further once they have a name."""
        for line in self._by_promise():
            if self._clock() >= self._deadline:
                return
            self._listen(line)
            if not self.verdict.unknown:
                return

    def _tell_apart(self) -> None:
        """A group: something may still be said that only one of its members can say."""
        verdict = self.verdict
        end = min(self._clock() + PATIENCE, self._deadline)
        if len(verdict.candidates) < 2 or any(ear.results for ear in self._asked):
            return
        line = verdict.candidates[0].line
        while len(self.verdict.candidates) > 1 and self._clock() < end:
            self._listen(line)

    def _by_promise(self) -> list[Line]:
        """The lines, those first on which frames were heard."""
        return sorted(
            self._lines, key=lambda line: -max((each.good for each in self._ears[line].results), default=0)
        )

    def _listen(self, line: Line) -> None:
        ear = self._ears[line]
        with self._opened(line) as port:
            self._hear(port, ear, SLICE if len(self._lines) > 1 else STAY)
            if any(each.good for each in ear.results):
                self._hear(port, ear, STAY)
        ear.pause()
        self._progress(line, ranked(ear.results))

    def _hear(self, port: Port, ear: Ear, seconds: float) -> None:
        end = min(self._clock() + seconds, self._deadline)
        while (left := end - self._clock()) > 0:
            data = port.read(min(left, 0.2))
            if data:
                ear.feed(data)

    def _ask_around(self) -> None:
        for line, requests in self._questions():
            if self._clock() >= self._deadline:
                return
            with self._opened(line) as port:
                heard = [each for request in requests for each in self._ask_until_named(port, line, request)]
            self._progress(line, ranked(heard))
            if not self.verdict.unknown:
                return

    def _ask_until_named(self, port: Port, line: Line, request: bytes) -> list[Heard]:
        """Ask; who answers with something like a frame is asked again. Nothing once there is a verdict."""
        if self._clock() >= self._deadline or not self.verdict.unknown:
            return []
        ear = Ear(line, self._protocols, request=request)
        self._asked.append(ear)
        self._repeat(port, ear, request)
        return ear.results

    def _repeat(self, port: Port, ear: Ear, request: bytes) -> None:
        for count in range(ASKED_AGAIN):
            before = _frames(ear)
            port.write(request)
            self._hear_answer(port, ear)
            if _frames(ear) == before or (count >= ENOUGH and not self.verdict.unknown):
                return

    def _hear_answer(self, port: Port, ear: Ear) -> None:
        end = self._clock() + LONGEST_ANSWER
        data = port.read(ANSWER)
        while data and self._clock() < end:
            ear.feed(data)
            data = port.read(GAP)
        ear.pause()

    def _questions(self) -> Iterator[tuple[Line, list[bytes]]]:
        """Each usual line with the requests of its protocols, then every request at every speed."""
        asked = [(each.serial, request) for each in self._protocols if (request := each.request(Settings()))]
        everything = list(dict.fromkeys(request for _, request in asked))
        if len(self._lines) == 1:
            yield self._lines[0], everything
            return
        for serial in dict.fromkeys(serial for serial, _ in asked):
            line = Line(self._lines[0].port, serial.baud, serial.bits, serial.parity, serial.stop)
            yield line, list(dict.fromkeys(request for usual, request in asked if usual == serial))
        for speed in ASKED_SPEEDS:
            yield Line(self._lines[0].port, speed), everything


def _frames(ear: Ear) -> int:
    return max((each.good + each.states for each in ear.results), default=0)
