"""A line in simulated time: somebody speaks or answers, and whoever listens hears what a UART would.

For what takes half a minute on a real line and is to be shown in a moment: the time moves on only by
listening.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle

from drivers.port import Line, Port
from drivers.simulator.uart import Wire, heard


def _silence(start: float, end: float) -> bytes:
    return b""


def _no_answer(request: bytes) -> bytes:
    return b""


@dataclass
class Bench:
    """A cable with a clock.

    ``wire`` is how the far side is set, ``says`` gives the bytes that it sends between two times, ``answers``
    those that it sends on hearing something. ``written`` and ``opened`` are what was done at the near side.
    """

    wire: Wire = field(default_factory=Wire)
    says: Callable[[float, float], bytes] = _silence
    answers: Callable[[bytes], bytes] = _no_answer
    now: float = 0.0
    written: list[bytes] = field(default_factory=list)
    opened: list[Line] = field(default_factory=list)

    def clock(self) -> float:
        """Seconds that were listened."""
        return self.now

    @contextmanager
    def open(self, line: Line) -> Iterator[Port]:
        """The near side, set as the line says; in the place of `drivers.port.open_port`."""
        self.opened.append(line)
        yield BenchPort(self, Wire(line.baud, line.bits, line.parity, line.stop))


class BenchPort:
    """The near side of a bench."""

    away = None
    TICK = 0.001

    def __init__(self, bench: Bench, wire: Wire) -> None:
        self._bench = bench
        self._wire = wire
        self._waiting = b""

    def read(self, timeout: float) -> bytes:
        """As `drivers.port.Port.read`; the whole time-out passes, in steps of no less than a tick."""
        start = self._bench.now
        self._bench.now = start + max(timeout, self.TICK)
        data = self._waiting + self._bench.says(start, self._bench.now)
        self._waiting = b""
        return heard(data, self._bench.wire, self._wire)

    def write(self, data: bytes) -> None:
        """As `drivers.port.Port.write`."""
        self._bench.written.append(data)
        self._waiting += self._bench.answers(heard(data, self._wire, self._bench.wire))

    def close(self) -> None:
        """As `drivers.port.Port.close`."""


def pushing(frames: Sequence[bytes], rate: float = 10.0) -> Callable[[float, float], bytes]:
    """Says the frames one after the other, over and over, so many a second."""

    def says(start: float, end: float) -> bytes:
        return b"".join(frames[number % len(frames)] for number in range(int(start * rate), int(end * rate)))

    return says


def answering(request: bytes, frames: Sequence[bytes]) -> Callable[[bytes], bytes]:
    """Answers one request with the next frame, and nothing to anything else."""
    turn = cycle(frames)
    return lambda asked: next(turn) if asked == request else b""
