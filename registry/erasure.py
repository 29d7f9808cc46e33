"""Erasure: what has been kept for its age goes, files of evidence, people of notices, plates of reports,
forms that nobody came back for.

A file that cannot be removed keeps nobody else: the others go, people and plates are forgotten all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from record.upload import FileKind
from registry.database import writing
from registry.evidence.book import erase_old
from registry.evidence.shelf import Shelf
from registry.notices.retention import forget_people
from registry.people import kept
from registry.reports.retention import forget_plates

log = logging.getLogger(__name__)


class Erasure:
    """Takes a bounded share at a time. Raises what the database does."""

    def __init__(
        self, engine: Engine, shelf: Shelf, ages: Mapping[FileKind, timedelta], clock: Callable[[], datetime]
    ) -> None:
        self._engine, self._shelf, self._ages, self._clock = engine, shelf, ages, clock
        self._refused: set[Path] = set()

    def step(self) -> bool:
        """Let go of the oldest; whether there may be more of it."""
        files, forgotten = self._files(), self._forget()
        return bool(files or forgotten)

    def _files(self) -> int:
        try:
            gone = erase_old(self._engine, self._shelf, self._ages, self._clock(), self._tell)
        except OSError as error:
            log.error("evidence: old files cannot be erased: %s", error)
            return 0
        if gone:
            log.info("evidence: %s files erased at their age", gone)
        return gone

    def _tell(self, path: Path, error: OSError) -> None:
        """Say once of a file that it cannot be erased; it is tried again with every sweep."""
        if path not in self._refused:
            self._refused.add(path)
            log.error(
                "evidence: an old file cannot be erased, and is tried again: %s: %s", path, error.strerror
            )

    def _forget(self) -> int:
        now = self._clock()
        before = now - self._ages[FileKind.PERSONAL]
        with writing(self._engine) as connection:
            kept.sweep(connection, now)
            people, plates = forget_people(connection, before), forget_plates(connection, before)
        if people or plates:
            log.info("forgotten at their age: people of %s notices, %s plates of reports", people, plates)
        return people + plates
