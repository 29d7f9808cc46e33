"""The data folder of a gate: made where it is missing, and in the hands of one process at a time.

Two processes on one folder would go on with each other's trucks and push each other off the broker.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from record.errors import IieError
from record.ownership import as_the_folder

log = logging.getLogger(__name__)

PRIVATE = 0o077
"""What the process makes is its owner's alone: tapes and database hold scans of drivers in clear."""

LOCK = "gate.lock"

OURS = ("gateway.db", "gateway.db-wal", "gateway.db-shm", "evidence", "tapes", "last_heard.json")
"""What a gate makes in its data folder; the folder itself may hold other things, such as the site's file."""


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
        _close_to_others(folder)
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


def make_private(path: Path) -> None:
    """Make a file, where there is none, that its owner alone may read: what SQLite lays beside it is the same.

    Raises `OSError`.
    """
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        as_the_folder(path)


def _close_to_others(folder: Path) -> None:
    """What an older version, or a person, has left open to others on this machine: it names drivers."""
    for name in OURS:
        path = folder / name
        with suppress(FileNotFoundError):
            found = path.stat()
            if found.st_mode & PRIVATE and found.st_uid == os.geteuid():
                path.chmod(found.st_mode & ~PRIVATE & 0o7777)
                log.warning("%s was open to others (mode %03o): closed", path, found.st_mode & 0o777)
