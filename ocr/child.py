"""The reading process: receives pictures on one socket, answers each with what its reader saw.

    parent                          child
      | Start(readers, limits)   ──▶  |  lowers itself, makes the reader
      |                          ◀──  |  Ready
      | Ask(reader, data, …)     ──▶  |  reads
      |                          ◀──  |  Answer(seen) or Failed(reason)
      | closes                   ──▶  |  ends

It is a program of its own and not a `multiprocessing` one, which would import the gateway's own program into
it. It lowers its priority, limits its memory, and offers itself first when the machine runs out.
"""

from __future__ import annotations

import logging
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ocr.view import View, applied

log = logging.getLogger(__name__)


class Reader(Protocol):
    """Something that reads pictures. It lives in the reading process only."""

    def read(self, data: bytes, expected: frozenset[str]) -> Any:
        """What the picture shows; ``expected`` are the numbers announced now."""


@runtime_checkable
class Follower(Protocol):
    """A reader that puts the pictures of one series together, as those of one camera and one truck."""

    def follow(self, data: bytes, expected: frozenset[str], series: str) -> Any:
        """What the picture shows, by itself or with the earlier ones of its series."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reading process may take: bytes of memory, and how far it steps back (0 to 19)."""

    memory: int
    niceness: int


@dataclass(frozen=True, slots=True)
class Start:
    """First message: how to make the readers, by name, and the limits."""

    readers: Mapping[str, Callable[[], Reader]]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Ready:
    """The process is up."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One picture to read, seen as ``view`` says; those of one ``series`` are of one camera and one truck."""

    reader: str
    data: bytes
    expected: frozenset[str]
    view: View | None
    series: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reader returned."""

    seen: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """The reader raised, or was never ``made``. ``exhausted``: out of memory, the process ends after it."""

    reason: str
    made: bool
    exhausted: bool


def serve(line: Connection) -> None:
    """Answer until the other side closes."""
    start: Start = line.recv()
    _step_back(start.limits)
    line.send(Ready())
    readers: dict[str, Reader] = {}
    told: set[str] = set()
    while True:
        ask: Ask = line.recv()
        answer = _answer(start, readers, ask, told)
        line.send(answer)
        if isinstance(answer, Failed) and answer.exhausted:
            return


def _answer(start: Start, readers: dict[str, Reader], ask: Ask, told: set[str]) -> Answer | Failed:
    """The reader's answer. Of each kind of failure the first one is logged with its traceback."""
    try:
        if ask.reader not in readers:
            readers[ask.reader] = start.readers[ask.reader]()
        data = applied(ask.data, ask.view) if ask.view else ask.data
        return Answer(_seen(readers[ask.reader], data, ask))
    except Exception as error:  # a picture's life begins here, and its fault ends here
        new = type(error).__name__ not in told
        told.add(type(error).__name__)
        log.warning("a picture of %d bytes was too much: %r", len(ask.data), error, exc_info=new)
        return Failed(repr(error)[:500], ask.reader in readers, _is_exhaustion(error))


def _seen(reader: Reader, data: bytes, ask: Ask) -> Any:
    if isinstance(reader, Follower):
        return reader.follow(data, ask.expected, ask.series)
    return reader.read(data, ask.expected)


def _is_exhaustion(error: Exception) -> bool:
    """Whether memory ran out, as Python, OpenCV or onnxruntime say it."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or "bad_alloc" in said or "failed to allocate" in said


def _step_back(limits: Limits) -> None:
    """Lower priority, bounded memory (private data, Linux since 4.7), first to go when memory runs out."""
    os.nice(limits.niceness)
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    victim = Path("/proc/self/oom_score_adj")
    if victim.exists():
        victim.write_text("800")


def main() -> None:
    """Serve on the socket whose number is the first argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    with Connection(int(sys.argv[1])) as line:
        sys.path[:] = line.recv()
        try:
            serve(line)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
