"""The tape as a lane uses it: where the disk takes no more of it, the lane goes on without, and says so once."""

from __future__ import annotations

import logging
from collections.abc import Callable

from gateway.tape.tape import Line, TapeWriter

log = logging.getLogger(__name__)


class Journal:
    """Writes the lines of one lane to its tapes. What a line decided is never held back by its tape."""

    def __init__(
        self, lane: str, writer: TapeWriter, tell: Callable[[str | None], None] = lambda found: None
    ) -> None:
        """``tell`` gets what is wrong with the disk when that begins, None when it is over."""
        self._lane, self._writer, self._tell = lane, writer, tell
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
                self._tell(str(error))
            self._failed = True
            return
        if self._failed:
            log.info("lane %s: the tape is written again", self._lane)
            self._tell(None)
        self._failed = False

    def close(self) -> None:
        """Let go of the tape; one that was not ended is gone on with at the next start."""
        try:
            self._writer.close()
        except OSError as error:
            log.error("lane %s: the tape could not be closed: %s", self._lane, error)
