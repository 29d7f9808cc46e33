"""A thread that goes its rounds: it looks, does what there is, and waits until it is woken or its time has come."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)

RESTING_S = 10.0
"""Between two rounds while the database is away."""

PATIENCE_S = 12.0
"""How long the end of the round at hand is waited for."""


class Rounds:
    """`start` it once, `stop` it once. ``once`` is one round and gives the seconds until the next; with 0 it comes at
    once. ``what`` waits while the database is away, as the log says it."""

    def __init__(self, name: str, what: str, once: Callable[[], float]) -> None:
        self._what, self._once = what, once
        self._stop, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round at hand; one that takes longer is left to its end."""
        self._stop.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE_S)

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def ending(self) -> bool:
        """Whether somebody has asked for the end: a round that has much to do breaks off."""
        return self._stop.is_set()

    def _run(self) -> None:
        while not self.ending:
            self._woken.clear()
            try:
                wait = self._once()
            except SQLAlchemyError as error:
                why = getattr(error, "orig", error)
                log.warning("%s wait, the database cannot be used: %s", self._what, why)
                wait = RESTING_S
            except Exception:  # the thread's outermost frame: tell, and go on
                log.exception("%s wait, the program has failed", self._what)
                wait = RESTING_S
            if wait:
                self._woken.wait(wait)
