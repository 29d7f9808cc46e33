"""What a lane keeps of its pictures: the facts go on without where the disk takes none, and that is told once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from gateway.clerk.proving import named_pictures
from gateway.evidence import EvidenceStore
from gateway.outbox.outbox import Letter
from gateway.trouble import Trouble

log = logging.getLogger(__name__)


class Keeper:
    """The evidence of one lane. ``tell`` gets a trouble when it begins, and None when it is over."""

    def __init__(self, lane: str, store: EvidenceStore, tell: Callable[[Trouble, str | None], None]) -> None:
        self._lane, self._store, self._tell = lane, store, tell
        self._failed = False
        self._where = {"lane": lane}

    def keep(self, data: bytes, suffix: str = ".jpg") -> str | None:
        """Store a file and give its hash, None where that failed."""
        try:
            digest = self._store.keep(data, suffix)
        except OSError as error:
            if not self._failed:
                log.error("lane %s: evidence cannot be stored: %s", self._lane, error, extra=self._where)
                self._tell(Trouble.EVIDENCE, str(error))
            self._failed = True
            return None
        if self._failed:
            log.info("lane %s: evidence is stored again", self._lane, extra=self._where)
            self._tell(Trouble.EVIDENCE, None)
        self._failed = False
        return digest

    def mark(self, letters: tuple[Letter, ...]) -> None:
        """Mark the pictures that the letters name; where the disk takes no marks they age sooner."""
        for digest in (digest for letter in letters for digest in named_pictures(letter)):
            with suppress(OSError):
                self._store.prove(digest)
