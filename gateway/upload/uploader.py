"""The thread that brings evidence to the registry while everything else goes on.

    look for receipts ─▶ files that wait ─▶ send one after the other ─▶ settle ─▶ wait a little, look again

It is the last in line: records go first, and a registry that is away or short of disk is asked again after a
pause that doubles up to five minutes. Nothing is dropped: what cannot go now waits in the table.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.evidence import EvidenceStore
from gateway.outbox.letter import OutboxBroken
from gateway.upload.queue import Counts, FileState, UploadQueue, Waiting
from gateway.upload.sender import Attempt, Outcome, Sender
from record.base import timestamp
from record.proof import sha256
from record.upload import FileKind

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
ASIDE_S = 60.0
"""How long a file waits that the registry cannot take now, while others go."""

PAUSE_S = (2.0, 300.0)
"""Pauses after a registry that did not answer: doubled each time, from the first to the second."""


@dataclass(frozen=True, slots=True)
class UploadStatus:
    """What the board tells of files on their way. ``trouble`` is why nothing goes now."""

    counts: Counts = field(default_factory=Counts)
    trouble: str | None = None


class Uploader:
    """Brings the files of one gate. `start` it once, `stop` it once."""

    def __init__(
        self,
        queue: UploadQueue,
        store: EvidenceStore,
        sender: Sender,
        clock: Callable[[], datetime],
        on_status: Callable[[UploadStatus], None] = lambda _: None,
        look_every_s: float = LOOK_EVERY_S,
        pause_s: tuple[float, float] = PAUSE_S,
    ) -> None:
        self._queue, self._store, self._sender, self._clock = queue, store, sender, clock
        self._on_status, self._every_s, self._pause_s = on_status, look_every_s, pause_s
        self._trouble: str | None = None
        self._told: UploadStatus | None = None
        self._failures = 0
        self._aside: dict[str, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upload", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the uploader's thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """End after the file at hand."""
        self._ended.set()
        self._thread.join(timeout)
        self._sender.close()

    def _run(self) -> None:
        wait = 0.0
        while not self._ended.wait(wait):
            try:
                wait = self.step()
            except OutboxBroken as error:
                wait = self._trip(str(error))
            except Exception as error:  # a thread begins here
                log.exception("upload: the uploader failed")
                wait = self._trip(str(error))

    def step(self) -> float:
        """Look for receipts and send what waits, until something stops it; seconds to wait before the next."""
        while self._queue.look(timestamp(self._clock())):
            pass
        moment = time.monotonic()
        self._aside = {digest: until for digest, until in self._aside.items() if until > moment}
        found = self._queue.waiting(without=self._aside)
        for file in found:
            if self._ended.is_set():
                return 0.0
            attempt = self._send(file)
            if attempt.outcome is Outcome.LATER:
                return max(self._trip(attempt.reason or ""), attempt.wait_s)
            self._well()
            self._tell()
        if not found:
            self._tell()
        return 0.0 if found else self._every_s

    def _send(self, file: Waiting) -> Attempt:
        try:
            data = self._store.path(file.digest, SUFFIX[file.kind]).read_bytes()
        except FileNotFoundError:
            log.error("upload: %s of event %s is not on this disk any more", file.digest, file.event)
            self._settle(file, FileState.GONE, "not on this disk any more")
            return Attempt(Outcome.REFUSED)
        except OSError as error:
            log.error("upload: %s cannot be read: %s", file.digest, error.strerror)
            self._aside[file.digest] = time.monotonic() + ASIDE_S
            return Attempt(Outcome.FILE_LATER)
        if sha256(data) != file.digest:
            log.error("upload: %s of event %s is damaged on this disk", file.digest, file.event)
            self._settle(file, FileState.GONE, "damaged on this disk")
            return Attempt(Outcome.REFUSED)
        attempt = self._sender.send(file.digest, data)
        match attempt.outcome:
            case Outcome.HELD:
                self._settle(file, FileState.HELD)
            case Outcome.REFUSED:
                log.error("upload: %s of event %s: %s", file.digest, file.event, attempt.reason)
                self._settle(file, FileState.REFUSED, attempt.reason)
            case Outcome.FILE_LATER:
                self._aside[file.digest] = time.monotonic() + max(ASIDE_S, attempt.wait_s)
        return attempt

    def _settle(self, file: Waiting, state: FileState, reason: str | None = None) -> None:
        self._queue.settle(file.digest, state, timestamp(self._clock()), reason)

    def _trip(self, reason: str) -> float:
        """Nothing goes now: tell it once, and wait longer each time."""
        if self._trouble is None:
            log.warning("upload: files wait: %s", reason)
        self._trouble = reason
        self._tell()
        first, longest = self._pause_s
        pause = min(longest, first * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - gates should not all come at once

    def _well(self) -> None:
        if self._trouble is not None:
            log.warning("upload: files go again")
        self._trouble, self._failures = None, 0

    def _tell(self) -> None:
        try:
            status = UploadStatus(self._queue.counts(), self._trouble)
        except OutboxBroken:
            return
        if status != self._told:
            self._told = status
            self._on_status(status)


SUFFIX = {FileKind.PICTURE: ".jpg", FileKind.CROP: ".jpg", FileKind.PERSONAL: ".json"}
"""How `gateway.evidence.EvidenceStore` names a file of each kind."""
