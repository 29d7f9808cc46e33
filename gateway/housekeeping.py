"""Housekeeping: once an hour, in a thread of its own, what is too old is removed."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from gateway.retention import sweep
from gateway.site.site import Retention

log = logging.getLogger(__name__)

EVERY_S = 3600.0


class Housekeeping:
    """Sweeps the data folder of a gate. `start` it once, `stop` it once."""

    def __init__(self, data: Path, rules: Retention, every_s: float = EVERY_S) -> None:
        self._data, self._rules, self._every_s = data, rules, every_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Begin; the first sweep comes after a minute, when the gate is at work."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End."""
        self._ended.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        wait = min(60.0, self._every_s)
        while not self._ended.wait(wait):
            wait = self._every_s
            try:
                swept = sweep(self._data, self._rules)
            except Exception:  # a thread begins here
                log.exception("housekeeping: the sweep failed")
                continue
            if swept.pictures or swept.personal or swept.tapes:
                log.info(
                    "housekeeping: removed %s pictures, %s personal files, %s tapes",
                    swept.pictures,
                    swept.personal,
                    swept.tapes,
                )
