"""The data folder of a gate: made where it is missing, and in the hands of one process at a time.

Two processes on one folder would go on with each other's trucks and push each other off the broker.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from record.errors import IieError

PRIVATE = 0o077
"""What the process makes is its owner's alone: tapes and database hold scans of drivers in clear."""

LOCK = "gate.lock"


class BadFolder(IieError):
    """The data folder cannot be used."""

    advice = "error.bad_folder"


class FolderInUse(IieError):
    """Another process of this gate is at work on the folder."""

    retry = True
    advice = "error.folder_in_use"


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Hold the folder for the length of a ``with`` block; a kill lets go of it too.

    Raises `BadFolder` where it cannot be made or written, `FolderInUse` where another process holds it.
    """
    os.umask(PRIVATE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadFolder(f"{folder}: no folder for data: {error.strerror}") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FolderInUse(f"{folder}: another process of this gate is at work here") from error
        yield
    finally:
        os.close(lock)
