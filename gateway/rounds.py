"""A thread that goes its rounds: it looks at something, and again after a while."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Rounds:
    """Takes each of ``steps`` every ``every_s`` seconds, the first time after ``first_s``. `start` and `stop` once.

    One step that fails is told, and stops no other.
    """

    def __init__(self, name: str, every_s: float, *steps: Callable[[], object], first_s: float = 0.0) -> None:
        self._name, self._every_s, self._first_s, self._steps = name, every_s, first_s, steps
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End after the step at hand."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        wait = self._first_s
        while not self._ended.wait(wait):
            wait = self._every_s
            for step in self._steps:
                try:
                    step()
                except Exception:  # a thread begins here
                    log.exception("%s: a fault of the program", self._name)
