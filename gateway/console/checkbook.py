"""The book of commissioning, in the gate's database: what was checked on which device, by whom, with what result.

Rows are added and never changed; triggers refuse anything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from sqlite3 import Connection

from gateway.console.person import Person
from gateway.database import Migrations
from gateway.outbox.file import OutboxFile
from record.base import timestamp

SHOWN = 200
"""Checks of a lane that are shown at most, the newest."""

migrations = Migrations("checkbook")


@migrations
def m001_checks(db: Connection) -> None:
    """What was checked."""
    for statement in (
        "CREATE TABLE checks (position INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, name TEXT NOT NULL,"
        " role TEXT NOT NULL, lane TEXT NOT NULL, device TEXT NOT NULL, kind TEXT NOT NULL,"
        " passed INTEGER NOT NULL, figures TEXT NOT NULL)",
        "CREATE INDEX checks_by_lane ON checks (lane, position)",
        "CREATE TRIGGER checks_kept BEFORE UPDATE ON checks BEGIN SELECT RAISE(ABORT, 'checks are kept'); END",
        "CREATE TRIGGER checks_stay BEFORE DELETE ON checks BEGIN SELECT RAISE(ABORT, 'checks are kept'); END",
    ):
        db.execute(statement)


class Kind(StrEnum):
    """What was checked: a known weight, two minutes of the scale, a camera's aim, a scanner's code."""

    WEIGHT = "weight"
    STABILITY = "stability"
    CAMERA = "camera"
    SCANNER = "scanner"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check came to: whether it passed, and the figures that say so, as texts."""

    kind: Kind
    device: str
    passed: bool
    figures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Check:
    """An outcome with who and when."""

    at: str
    name: str
    role: str
    lane: str
    outcome: Outcome


class Checkbook:
    """The book of one gate. Every method may be called from any thread."""

    def __init__(self, file: OutboxFile) -> None:
        self._file = file
        with file.writing() as db:
            migrations.apply(db)

    def add(self, person: Person, lane: str, outcome: Outcome, now: datetime) -> None:
        """Write down a check, on the disk before this returns. Raises `OutboxBroken`."""
        figures = json.dumps(dict(outcome.figures), ensure_ascii=False)
        row = [timestamp(now), person.name, person.role.value, lane, outcome.device, outcome.kind.value]
        with self._file.writing(durable=True) as db:
            db.execute(
                "INSERT INTO checks (at, name, role, lane, device, kind, passed, figures)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [*row, int(outcome.passed), figures],
            )

    def of_lane(self, lane: str, limit: int = SHOWN) -> list[Check]:
        """The checks of a lane, the newest first."""
        query = (
            "SELECT at, name, role, lane, device, kind, passed, figures FROM checks WHERE lane = ?"
            " ORDER BY position DESC LIMIT ?"
        )
        return [
            Check(at, name, role, lane, Outcome(Kind(kind), device, bool(passed), json.loads(figures)))
            for at, name, role, lane, device, kind, passed, figures in self._file.read(query, [lane, limit])
        ]


def newest(checks: Iterable[Check]) -> dict[tuple[str, Kind], Check]:
    """The last check of each device and kind, from checks with the newest first."""
    found: dict[tuple[str, Kind], Check] = {}
    for check in checks:
        found.setdefault((check.outcome.device, check.outcome.kind), check)
    return found
