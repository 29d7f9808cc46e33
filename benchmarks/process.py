"""A program of a rehearsed disaster: it may be killed, frozen and started again, and is not to end by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PATIENCE_S = 30.0


class Process:
    """A program that may be killed, frozen and started again. ``ended`` are the exit codes with which it ended
    although nobody had told it to."""

    def __init__(
        self, arguments: Sequence[str], log: Path, environment: dict[str, str] | None = None
    ) -> None:
        self._arguments, self.log = list(arguments), log
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._frozen = self._told_to_end = False
        self.ended: list[int] = []

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its number. Raises `RuntimeError` before it was started."""
        if self._process is None:
            raise RuntimeError("it was not started")
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.poll() if self._process else None

    @property
    def died(self) -> bool:
        """Whether it has ended although nobody had told it to."""
        return self.returncode is not None and not self._told_to_end

    def start(self) -> None:
        if self.running:
            return
        self._note_end()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._arguments, stdout=log, stderr=log, env=self._environment)
        self._frozen = self._told_to_end = False

    def kill(self) -> None:
        self._note_end()
        self._told_to_end = True
        self._signal(signal.SIGKILL)
        self._reap()

    def freeze(self) -> None:
        self._frozen = True
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._frozen = False
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        self._note_end()
        self._told_to_end = True
        self._signal(signal.SIGTERM)
        if self._frozen:
            self.thaw()

    def wait(self, seconds: float = PATIENCE_S) -> int:
        assert self._process
        return self._process.wait(seconds)

    def stop(self) -> None:
        if self._process is None:
            return
        self.terminate()
        try:
            self.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()

    def _note_end(self) -> None:
        """Note an end that nobody had asked for, once."""
        code = self.returncode
        if code is not None and not self._told_to_end:
            self._told_to_end = True
            self.ended.append(code)

    def _signal(self, number: signal.Signals) -> None:
        if self.running and self._process:
            self._process.send_signal(number)

    def _reap(self) -> None:
        if self._process:
            self._process.wait()


def until(
    condition: Callable[[], Any],
    what: str,
    seconds: float = PATIENCE_S,
    nearer: Callable[[], Any] = lambda: None,
) -> None:
    """Wait for a condition, ``seconds`` from the last change of what ``nearer`` tells: a machine that others use
    is slow, but does not stand still. Raises `TimeoutError` naming what did not come."""
    reached, deadline = nearer(), time.monotonic() + seconds
    while not condition():
        at = nearer()
        if at != reached:
            reached, deadline = at, time.monotonic() + seconds
        if time.monotonic() > deadline:
            so_far = "" if reached is None else f" after {reached}"
            raise TimeoutError(f"{what} did not come within {seconds:g} s{so_far}")
        time.sleep(0.05)
