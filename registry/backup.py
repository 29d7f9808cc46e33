"""Copies of the registry, and what has to be done after one has taken the registry's place.

A registry that was set back knows less than its gates. They see its heads and send what is missing; what it cannot
get back from them are the números de entrega that it had given out since. So its counters move on by a margin, and
beyond the last number that Ecuapass shows: no number is ever given twice.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, select, update

from record.errors import IieError
from registry import numbers
from registry.settings import RegistryFile
from registry.tables import counters

MARGIN = 1000
"""Numbers that are left out after a restore; more than a depot gives out between two backups."""


class BadBackup(IieError):
    """The copy cannot be made or is not sound; the message names it."""

    advice = "registry.bad_backup"


def copy(database: Path, target: Path) -> None:
    """Copy an SQLite database while it is in use (SQLite's online backup). Raises `BadBackup`.

    The copy is whole or not there: it gets its name when it is on the disk and was found sound.
    """
    if target.exists():
        raise BadBackup(f"{target}: is there already")
    if not database.is_file():
        raise BadBackup(f"{database}: no such database file")
    part = target.with_name(f".{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(part)) as copied,
        ):
            source.backup(copied)
            copied.execute("PRAGMA journal_mode=DELETE")
            found = copied.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise BadBackup(f"{database}: {found}")
        handle = os.open(part, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        part.chmod(0o600)
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise BadBackup(f"{target}: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def move_on(
    connection: Connection, file: RegistryFile, year: int, last: Mapping[str, int], margin: int = MARGIN
) -> dict[str, int]:
    """Move each operator's counter of a year on: beyond what it holds and ``last``, by ``margin``; the new values.

    ``last`` has the sequence of the last number known of an OCE code, from Ecuapass. Raises
    `numbers.NumbersExhausted`.
    """
    moved = {}
    for depot in file.depots.values():
        if depot.oce in moved:
            continue
        of_year = (counters.c.oce == depot.oce) & (counters.c.year == year)
        held = connection.execute(select(counters.c.last).where(of_year)).scalar()
        reached = max(held or 0, last.get(depot.oce, 0), depot.first_number - 1)
        numbers.reserve(connection, depot.oce, year, depot.first_number)
        if reached + margin > numbers.LARGEST:
            raise numbers.NumbersExhausted(f"OCE code {depot.oce} has no {margin} numbers left of {year}")
        connection.execute(update(counters).where(of_year).values(last=reached + margin))
        moved[depot.oce] = reached + margin
    return moved
