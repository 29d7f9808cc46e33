"""Backup and restore of the outbox.

A backup is a whole SQLite file, made while everything goes on, and examined before it counts. What a restore
replaces is kept beside it. A restored outbox opens a new installation at once: what the gate had said after the
backup is at the registry under the old one, and nothing of it is said again with other words.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from gateway.folder import make_private
from gateway.outbox.file import OutboxFile, broken, lock_file
from gateway.outbox.letter import OutboxBroken
from gateway.outbox.outbox import Outbox, now
from record.errors import IieError
from record.proof import SigningKey
from record.topics import Gate

BESIDE = ("", "-wal", "-shm")
"""A database and what SQLite lays beside it."""


class InUse(IieError):
    """The outbox's owner runs. Stop it first."""

    retry = True
    advice = "outbox.in_use"


class NoBackup(IieError):
    """A file that is no backup of an outbox."""

    advice = "error.bad_backup"


def back_up(file: OutboxFile, target: Path) -> None:
    """Copy the outbox to ``target``, which appears only once it is whole and on the disk.

    Its folder has to be there: a stick that is not plugged in must not look like a copy that was made. Raises
    `OutboxBroken`, or `OSError` where the place cannot be written.
    """
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        file.copy(part)
        examine(part)
        descriptor = os.open(part, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(target)
    except (IieError, OSError):
        part.unlink(missing_ok=True)
        raise


def restore(
    source: Path,
    path: Path,
    gate: Gate,
    key: SigningKey,
    clock: Callable[[], datetime] = now,
    *,
    simulated: bool = False,
) -> tuple[Path | None, str]:
    """Lay the backup ``source`` in as the outbox ``path``, and open a new installation in it.

    Returns where the file that was there is kept now, None where there was none, and the new installation.
    Raises `NoBackup`, `InUse`, `OutboxBroken`, `OSError`; the outbox is then as it was.
    """
    examine(source)
    with unused(path):
        part = path.with_name(path.name + ".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        make_private(part)
        part.write_bytes(source.read_bytes())
        installation = _renewed(part, gate, key, clock, simulated)
        aside = _lay_aside(path, clock()) if path.exists() else None
        part.replace(path)
    return aside, installation


def examine(path: Path) -> None:
    """Raise `NoBackup` for what is no whole SQLite file with an outbox in it."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            found = [row[0] for row in db.execute("PRAGMA quick_check(3)")]
            db.execute("SELECT 1 FROM installations, events, queue LIMIT 1").fetchall()
    except sqlite3.Error as error:
        raise NoBackup(f"{path}: no backup of an outbox: {error}") from error
    if found != ["ok"]:
        raise NoBackup(f"{path}: the backup is damaged: {'; '.join(map(str, found))}")


@contextmanager
def unused(path: Path) -> Iterator[None]:
    """Hold the owner's lock for a while. Raises `InUse` where an owner has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with lock_file(path).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InUse(f"{path}: the outbox is in use; stop its service first") from error
        yield


def _renewed(part: Path, gate: Gate, key: SigningKey, clock: Callable[[], datetime], simulated: bool) -> str:
    """A new installation in the file that is going to be the outbox; everything in one file afterwards."""
    box = Outbox(part, gate, key, clock=clock, owner=False, simulated=simulated)
    try:
        installation = box.open_installation("restored")
    finally:
        box.close()
    with broken(), closing(sqlite3.connect(part)) as db:
        db.execute("PRAGMA journal_mode=DELETE").fetchall()
    for name in BESIDE[1:]:
        with suppress(FileNotFoundError):
            part.with_name(part.name + name).unlink()
    return installation


def _lay_aside(path: Path, moment: datetime) -> Path:
    """Move the database out of the way, with what lies beside it."""
    aside = path.with_name(f"{path.name}.{moment:%Y%m%dT%H%M%S%f}")
    for name in BESIDE:
        old = path.with_name(path.name + name)
        if old.exists():
            old.replace(aside.with_name(aside.name + name))
    if not aside.exists():
        raise OutboxBroken(f"{path}: cannot be laid aside")
    return aside
