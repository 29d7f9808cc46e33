"""A folder into which something else puts pictures: a camera by FTP, a scanner's software, a test.

A file is handed on once it is whole: its end marker is there. One that stays cut for longer than `SETTLE` is
skipped, so a broken upload stops nothing. A file written anew under its old name is a new picture.
"""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from drivers.camera.encoded import LARGEST, picture
from drivers.errors import Advice, NotAvailable
from drivers.readings import Picture, Skip, Skipped

SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
BEAT = 0.25
SETTLE = 5.0
"""Seconds without a change after which a file that is not whole is taken for broken."""


@dataclass(frozen=True, slots=True, order=True)
class _File:
    """One state of one file; another size or time of change is another state."""

    changed_ns: int
    name: str
    size: int
    arrived: float = field(compare=False)


class FolderCamera:
    """The pictures of one folder as a device: each new whole file once, oldest first.

    ``interval`` is the time in seconds between two looks. Files that arrived more than ``max_age`` seconds
    before they were first seen are old pictures of other trucks and are passed over (None: take them all).
    ``clock`` gives the time of day in seconds, as files have it.
    """

    def __init__(
        self,
        name: str,
        folder: Path | str,
        interval: float = 0.5,
        *,
        max_age: float | None = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._folder = Path(folder)
        self._interval = interval
        self._max_age = max_age
        self._clock = clock
        self._done: dict[str, _File] = {}
        self._waiting: dict[str, tuple[_File, float]] = {}

    def __repr__(self) -> str:
        return f"FolderCamera({self.name!r}, {str(self._folder)!r})"

    def read(self, stop: threading.Event) -> Iterator[Picture | Skipped | None]:
        """Pictures as files come, `Skipped` for broken ones, None after each look that found nothing new.

        What was handed on once stays handed on when the folder is opened again. Raises `NotAvailable` when
        the folder is not there or may not be read.
        """
        while not stop.is_set():
            found = False
            for file in self._new():
                reading = self._taken(file)
                if reading is not None:
                    found = True
                    yield reading
                if stop.is_set():
                    return
            if not found:
                yield None
            yield from self._rest(stop)

    def _rest(self, stop: threading.Event) -> Iterator[None]:
        """The time to the next look, with a heartbeat four times a second."""
        until = time.monotonic() + self._interval
        while (left := until - time.monotonic()) > 0 and not stop.wait(min(left, BEAT)):
            if left > BEAT:
                yield None

    def _new(self) -> list[_File]:
        """Files that were not handed on in the state that they are in now, oldest first."""
        present = self._listed()
        names = {file.name for file in present}
        self._done = {name: file for name, file in self._done.items() if name in names}
        self._waiting = {name: wait for name, wait in self._waiting.items() if name in names}
        return sorted(file for file in present if self._done.get(file.name) != file)

    def _listed(self) -> list[_File]:
        try:
            paths = [path for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES]
        except OSError as error:
            problem = f"folder {self._folder}: {error.strerror}"
            raise NotAvailable(problem, retry=True, advice=Advice.CHECK_FOLDER) from error
        files = [_state(path) for path in paths if not path.name.startswith(".")]
        return [file for file in files if file is not None]

    def _taken(self, file: _File) -> Picture | Skipped | None:
        """The file's picture, or why it is none; None while it may still grow, and when it is too old."""
        if self._is_old(file):
            self._done[file.name] = file
            return None
        content = self._content(file)
        if content is None:
            return None
        if isinstance(content, Skipped) and not self._settled(file):
            return None
        self._done[file.name] = file
        self._waiting.pop(file.name, None)
        if isinstance(content, Picture):
            return replace(content, age_s=max(0.0, self._clock() - file.arrived))
        return content

    def _is_old(self, file: _File) -> bool:
        known = file.name in self._waiting
        return self._max_age is not None and not known and self._clock() - file.arrived > self._max_age

    def _content(self, file: _File) -> Picture | Skipped | None:
        """What the file holds, None when it has gone or changed meanwhile."""
        path = self._folder / file.name
        if file.size > LARGEST:
            return Skipped(Skip.IMPOSSIBLE, file.name.encode()[:64])
        try:
            content = picture(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError:
            return Skipped(Skip.ERROR, file.name.encode()[:64])
        return content if _state(path) == file else None

    def _settled(self, file: _File) -> bool:
        """Whether the file has kept its size and time of change for `SETTLE` seconds."""
        now = self._clock()
        seen, since = self._waiting.get(file.name, (file, now))
        if seen != file:
            since = now
        self._waiting[file.name] = (file, since)
        return now - since >= SETTLE


def _state(path: Path) -> _File | None:
    try:
        found = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return _File(found.st_mtime_ns, path.name, found.st_size, found.st_ctime)
