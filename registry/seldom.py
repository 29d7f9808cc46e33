"""A log that a flood cannot fill: each kind of line at most once a minute, with how many were held back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable

QUIET_S = 60.0
KINDS = 1000
"""Kinds that are remembered; beyond them the oldest is forgotten."""


class Seldom:
    """Not for several threads at once."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._clock = log, clock
        self._last: dict[Hashable, tuple[float, int]] = {}

    def tell(self, level: int, kind: Hashable, text: str) -> None:
        """Log ``text`` unless one of its ``kind`` was logged within the last minute."""
        now = self._clock()
        last, held = self._last.get(kind, (None, 0))
        if last is not None and now - last < QUIET_S:
            self._last[kind] = (last, held + 1)
            return
        more = f" ({held} more like it since)" if held else ""
        self._log.log(level, "%s%s", text, more)
        self._last.pop(kind, None)
        self._last[kind] = (now, 0)
        while len(self._last) > KINDS:
            self._last.pop(next(iter(self._last)))
