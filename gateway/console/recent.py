"""The newest lines of the gate's log, bounded, for the page: the whole log is in the journal."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.doctor.bundle import masked

KEPT = 500
LONGEST = 1000
"""Characters of a line that are kept."""


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the log."""

    at: datetime
    level: str
    words: str


class Recent(logging.Handler):
    """Holds the newest lines that the gate logs, while it is added to a logger."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[Said] = deque(maxlen=KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        """As `logging.Handler.emit`; the handler's own lock is held."""
        try:
            words = record.getMessage()
        except (TypeError, ValueError):  # arguments that do not fit their text: other handlers tell of it
            words = str(record.msg)
        at = datetime.fromtimestamp(record.created, UTC)
        self._lines.append(Said(at, record.levelname.lower(), f"{record.name}: {words}"[:LONGEST]))

    def lines(self, warnings: bool = False) -> list[Said]:
        """The lines, the newest first, long numbers and secrets cut; with ``warnings`` nothing below one."""
        self.acquire()
        try:
            kept = list(self._lines)
        finally:
            self.release()
        chosen = [said for said in reversed(kept) if not warnings or said.level not in ("info", "debug")]
        return [Said(said.at, said.level, masked(said.words)) for said in chosen]
