"""The tape as a lane uses it: where the disk takes no more of it, the lane goes on without, and says so once."""

from __future__ import annotations

import logging

from gateway.tape.tape import Line, TapeWriter

log = logging.getLogger(__name__)


class Journal:
    """Writes the lines of one lane to its tapes. What a line decided is never held back by its tape."""

    def __init__(self, lane: str, writer: TapeWriter) -> None:
        self._lane, self._writer = lane, writer
        self._failed = False

    def write(self, line: Line, busy: bool) -> None:
        """As `TapeWriter.write`, but never raises."""
        try:
            self._writer.write(line, busy)
        except OSError as error:
            if not self._failed:
                log.error(
                    "lane %s: the tape cannot be written, a kill would lose its truck: %s", self._lane, error
                )
            self._failed = True
            return
        if self._failed:
            log.info("lane %s: the tape is written again", self._lane)
        self._failed = False
