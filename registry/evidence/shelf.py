"""Files of evidence in a folder, by depot and hash: written in pieces, shelved whole or not at all.

parts/{depot}.{sha256}        what has arrived so far; who writes it holds its lock
{depot}/{ab}/{sha256}.jpg     whole, its hash checked
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from record.errors import IieError
from record.proof import sha256
from registry.evidence.media import SUFFIX


class PartInUse(IieError):
    """Another request is writing the same file."""

    retry = True
    advice = "registry.evidence_in_use"


class OtherFile(IieError):
    """What arrived has another hash than its name says; it is thrown away."""

    advice = "registry.evidence_other_file"


class Part:
    """A file on its way; only one request has it open."""

    def __init__(self, path: Path, handle: int, digest: str) -> None:
        self.path, self._handle, self._digest = path, handle, digest
        self.size = os.fstat(handle).st_size

    def append(self, data: bytes) -> None:
        """Write at the end. Raises `OSError`, with nothing of ``data`` kept."""
        try:
            written = 0
            while written < len(data):
                written += os.pwrite(self._handle, data[written:], self.size + written)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._handle, self.size)
            raise
        self.size += len(data)

    def shorten(self, size: int) -> None:
        """Throw away what came after so many bytes. Raises `OSError`."""
        os.ftruncate(self._handle, size)
        self.size = size

    def whole(self) -> bytes:
        """All of it, safe on the disk. Raises `OtherFile` and forgets it where it is another file."""
        os.fsync(self._handle)
        data = os.pread(self._handle, self.size, 0)
        if sha256(data) != self._digest:
            self.forget()
            raise OtherFile(f"what arrived has the hash {sha256(data)}, not {self._digest}")
        return data

    def forget(self) -> None:
        """Throw it away."""
        self.path.unlink(missing_ok=True)
        os.ftruncate(self._handle, 0)
        self.size = 0


class Shelf:
    """The folder of one registry. Depots and hashes that come here have been checked to be such."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def free_bytes(self) -> int:
        """What the disk has left. Raises `OSError`."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return shutil.disk_usage(self.folder).free

    def arrived(self, depot: str, digest: str) -> int:
        """How many bytes of a file are there, of one that is not whole yet."""
        try:
            return self._part(depot, digest).stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def part(self, depot: str, digest: str) -> Iterator[Part]:
        """A file on its way, to be written on. Raises `PartInUse`, `OSError`."""
        path = self._part(depot, digest)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise PartInUse(f"{digest} is being received by another request") from error
            yield Part(path, handle, digest)
        finally:
            os.close(handle)

    def shelve(self, part: Part, depot: str, digest: str, media_type: str) -> None:
        """Give a whole file its name. Raises `OSError`."""
        path = self.path(depot, digest, media_type)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.path.replace(path)
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def path(self, depot: str, digest: str, media_type: str) -> Path:
        """Where a whole file is, or would be."""
        return self.folder / depot / digest[:2] / f"{digest}{SUFFIX[media_type]}"

    def stale_parts(self, before: float) -> list[Path]:
        """Pieces that nobody has written on since ``before`` (seconds of the epoch)."""
        found = []
        for path in (self.folder / "parts").glob("*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    found.append(path)
        return found

    def _part(self, depot: str, digest: str) -> Path:
        return self.folder / "parts" / f"{depot}.{digest}"
