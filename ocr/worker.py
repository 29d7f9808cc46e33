"""One process that reads all pictures of a gate, so that no picture can harm or delay a scale.

Each camera has one place in the queue, for its newest picture; cameras take turns. The process is started at
the first picture and ended after ten quiet minutes. A picture that kills it, or takes too long, costs that
picture only: it is answered as unreadable, and the next one finds a new process.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any

from ocr.child import Answer, Ask, Failed, Limits, Reader, Ready, Start
from ocr.sighting import Sighting, Status
from ocr.view import View

log = logging.getLogger(__name__)

CONTAINER = "container"
MEGABYTE = 1024 * 1024
_PATIENCE = 3
_LONGEST_WAIT = 30.0
_STARVED = 3.0
"""How many times longer than its own work a picture may take on a busy machine."""
_PROGRAM = "from ocr.child import main; main()"
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class WorkerState(StrEnum):
    """How the reading process fares."""

    RESTING = "resting"
    READING = "reading"
    READY = "ready"
    FAILING = "failing"
    """It could not be started; it is tried again at the next picture."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """State and counts since `ReadingWorker.start`.

    ``replaced`` counts pictures that a newer one of their camera pushed out, ``lost`` those that killed the
    process, ``slow`` those that took too long. ``error`` is the last failure in words.
    """

    state: WorkerState = WorkerState.RESTING
    read: int = 0
    replaced: int = 0
    lost: int = 0
    slow: int = 0
    failed: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    ask: Ask
    done: Callable[[Any], None]


class _Died(Exception):
    """The reading process ended by itself."""


class _TooSlow(Exception):
    """The reading process did not answer in time."""


class _Process:
    """One life of the reading process."""

    def __init__(self, start: Start) -> None:
        ours, theirs = Pipe()
        self._line: Connection = ours
        command = [sys.executable, "-P", "-c", _PROGRAM, str(theirs.fileno())]
        environment = {**os.environ, **_ONE_THREAD}
        with theirs:
            try:
                self._process = subprocess.Popen(
                    command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, env=environment
                )
            except OSError as error:
                ours.close()
                raise _Died(f"it could not be started: {error}") from error
        self._start = start

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def begin(self, wait: float) -> None:
        """Raises `_Died` or `_TooSlow`."""
        self._send(sys.path)
        self._send(self._start)
        if not isinstance(self._receive(wait), Ready):
            raise _Died("it did not start")

    def ask(self, ask: Ask, wait: float) -> Answer | Failed:
        """``wait`` are seconds of the process's own work. Raises `_Died` or `_TooSlow`."""
        self._send(ask)
        self._outwait(wait)
        answer = self._receive(0)
        if isinstance(answer, Answer | Failed):
            return answer
        raise _Died(f"it answered {answer!r}")

    def kill(self) -> None:
        """End it at once. May be called from any thread."""
        self._process.kill()

    def end(self) -> None:
        """Let it end, by force when it does not within two seconds."""
        self._line.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, message: object) -> None:
        try:
            self._line.send(message)
        except OSError as error:
            raise _Died(self._epitaph()) from error

    def _receive(self, wait: float) -> object:
        try:
            if not self._line.poll(wait):
                raise _TooSlow(f"no answer within {wait:g} s")
            return self._line.recv()
        except (EOFError, OSError) as error:
            raise _Died(self._epitaph()) from error

    def _outwait(self, wait: float) -> None:
        """Wait for an answer until the process has worked ``wait`` seconds on it, or `_STARVED` times as long
        has passed: on a busy machine it steps back, which is no fault of the picture. Raises `_TooSlow`."""
        began, worked = time.monotonic(), self._worked()
        while not self._line.poll(min(0.25, wait)):
            if self._worked() - worked >= wait or time.monotonic() - began >= wait * _STARVED:
                raise _TooSlow(f"no answer within {wait:g} s of work")

    def _worked(self) -> float:
        """Processor seconds of the process so far (proc(5), stat: utime and stime); 0 once it has ended."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _epitaph(self) -> str:
        try:
            return f"it ended with {self._process.wait(2.0)}"
        except subprocess.TimeoutExpired:
            return "it closed its line"


class ReadingWorker:
    """Reads the pictures of all cameras in one process of its own.

    ``make_reader`` is a picklable callable (a function of a module, or a partial of one) that is called in
    the reading process. ``others`` are further readers by name, for what is no container number.
    ``give_up_after`` are the seconds that one picture may take, ``idle_after`` those after which an idle
    process ends, ``memory`` the bytes of private memory that it may have.
    """

    def __init__(
        self,
        make_reader: Callable[[], Reader],
        *,
        others: Mapping[str, Callable[[], Reader]] | None = None,
        give_up_after: float = 10.0,
        idle_after: float = 600.0,
        memory: int = 700 * MEGABYTE,
        niceness: int = 10,
        start_within: float = 60.0,
    ) -> None:
        readers = {CONTAINER: make_reader, **(others or {})}
        self._start = Start(readers, Limits(memory, niceness))
        self._give_up_after = give_up_after
        self._idle_after = idle_after
        self._start_within = start_within
        self._changed = threading.Condition()
        self._queue: dict[str, _Request] = {}
        self._status = WorkerStatus()
        self._stopping = False
        self._process: _Process | None = None
        self._losses = 0
        self._thread = threading.Thread(target=self._run, name="reading", daemon=True)

    @property
    def status(self) -> WorkerStatus:
        """How it fares now."""
        with self._changed:
            return self._status

    @property
    def pid(self) -> int | None:
        """The reading process's id, None while there is none."""
        with self._changed:
            return self._process.pid if self._process else None

    def submit(
        self,
        key: str,
        data: bytes,
        expected: frozenset[str],
        done: Callable[[Any], None],
        *,
        view: View | None = None,
        reader: str = CONTAINER,
    ) -> None:
        """Queue the newest picture of ``key``, one camera and one truck; returns at once.

        A picture of the same key that still waits for the same reader is dropped, and its ``done`` is
        never called. ``done`` gets what the reader returned, a `Sighting` for containers, in a thread of this
        worker. A picture that could not be read gives an empty sighting `UNREADABLE`, or None from other
        readers. Raises `KeyError` for a reader that was not named.
        """
        if reader not in self._start.readers:
            raise KeyError(reader)
        place = f"{reader}/{key}"
        with self._changed:
            if place in self._queue:
                self._status = replace(self._status, replaced=self._status.replaced + 1)
            self._queue[place] = _Request(Ask(reader, data, expected, view, key), done)
            self._changed.notify_all()

    def start(self) -> None:
        """Take pictures from now on. The process itself is started at the first one."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End the process and the thread. Pictures that still wait are dropped."""
        with self._changed:
            self._stopping = True
            self._queue.clear()
            if self._process:
                self._process.kill()
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def __enter__(self) -> ReadingWorker:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._attend()
            except Exception:
                log.exception("a fault in what takes the sightings")
        self._end_process()

    def _attend(self) -> None:
        """Read one picture, or end the process when none has come for long."""
        request = self._next()
        if request is None:
            self._end_process()
            return
        seen = self._seen(request.ask)
        if not self._stopping:
            request.done(seen)

    def _next(self) -> _Request | None:
        """The oldest place's picture; None when it is time to rest."""
        with self._changed:
            wait = self._idle_after if self._process else None
            self._changed.wait_for(lambda: self._stopping or bool(self._queue), wait)
            if self._stopping or not self._queue:
                return None
            return self._queue.pop(next(iter(self._queue)))

    def _seen(self, ask: Ask) -> Any:
        """What the reader saw, or the substitute for a picture that could not be read."""
        began = time.monotonic()
        try:
            answer = self._ready_process().ask(ask, self._give_up_after)
        except _Died as error:
            self._lose(f"the reading process died: {error}", lost=1)
        except _TooSlow as error:
            self._lose(f"the reading process was too slow: {error}", slow=1)
        else:
            self._losses = 0
            if isinstance(answer, Answer):
                self._count(WorkerState.READY, read=1)
                return answer.seen
            state = WorkerState.READY if answer.made else WorkerState.FAILING
            self._count(state, error=answer.reason, failed=1)
            if answer.exhausted:
                self._end_process()
        spent = (time.monotonic() - began) * 1000
        return Sighting.empty(Status.UNREADABLE, spent) if ask.reader == CONTAINER else None

    def _ready_process(self) -> _Process:
        process = self._process
        if process is not None and process.alive:
            self._count(WorkerState.READING)
            return process
        self._end_process()
        self._hold_back()
        process = _Process(self._start)
        with self._changed:
            self._process = process
            if self._stopping:
                process.kill()
        self._count(WorkerState.READING)
        process.begin(self._start_within)
        return process

    def _hold_back(self) -> None:
        """Wait before the next process when one after another has died: 1, 2, 4 … seconds."""
        if self._losses >= _PATIENCE:
            wait = min(2.0 ** (self._losses - _PATIENCE), _LONGEST_WAIT)
            with self._changed:
                self._changed.wait_for(lambda: self._stopping, wait)

    def _lose(self, error: str, **counts: int) -> None:
        if self._stopping:
            return
        log.warning("%s", error)
        self._losses += 1
        if self._process:
            self._process.kill()
        self._end_process()
        self._count(WorkerState.FAILING, error=error, **counts)

    def _end_process(self) -> None:
        with self._changed:
            process, self._process = self._process, None
            if self._status.state is not WorkerState.FAILING:
                self._status = replace(self._status, state=WorkerState.RESTING)
        if process:
            process.end()

    def _count(self, state: WorkerState, error: str | None = None, **counts: int) -> None:
        with self._changed:
            more = {name: getattr(self._status, name) + count for name, count in counts.items()}
            self._status = replace(self._status, state=state, error=error or self._status.error, **more)
