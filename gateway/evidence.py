"""The evidence store: files of the gate named by their SHA-256, written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

from record.proof import sha256

MEGABYTE = 1024 * 1024

MARK = ".proof"
"""Ending of the empty file beside a picture that a draft names."""


PICTURE = ".jpg"


class EvidenceStore:
    """Pictures and crops under one folder, as ``ab/abcdef….jpg``: two levels keep every folder small."""

    def __init__(self, folder: Path, reserve: int = 0) -> None:
        """``reserve``: bytes of the disk that pictures leave to records, which need little and come first."""
        self._folder, self._reserve = folder, reserve

    def keep(self, data: bytes, suffix: str = PICTURE) -> str:
        """Store a file and return its hash; what is there already is not written again.

        Raises `OSError`, for a picture also where the disk is so short that the rest belongs to records.
        """
        digest = sha256(data)
        path = self.path(digest, suffix)
        if not path.exists():
            if suffix == PICTURE:
                self._leave_room(len(data))
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, data)
        return digest

    def _leave_room(self, size: int) -> None:
        place = next(each for each in (self._folder, *self._folder.parents) if each.exists())
        free = shutil.disk_usage(place).free
        if free - size < self._reserve:
            left, kept = free // MEGABYTE, self._reserve // MEGABYTE
            raise OSError(
                errno.ENOSPC, f"{left} MB are left, {kept} MB are kept for records", str(self._folder)
            )

    def prove(self, digest: str) -> None:
        """Mark a picture as one that a draft names, which is kept for longer. Raises `OSError`."""
        if self.path(digest).exists():
            self.path(digest, MARK).touch()

    def path(self, digest: str, suffix: str = ".jpg") -> Path:
        """Where a file of this hash is, or would be."""
        return self._folder / digest[:2] / f"{digest}{suffix}"


def _write(path: Path, data: bytes) -> None:
    """Write under a name of one's own, on the disk before it gets its name: half a file is never found."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
