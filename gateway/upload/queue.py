"""Which files have to go to the registry, and what has become of each: a table beside the outbox.

    a draft is received ──▶ its files wait ──▶ held       the registry has the file
                                          ├──▶ gone       it is not on this disk any more
                                          └──▶ refused    the registry does not take it, or has erased it

A draft is looked at once, when its receipt has come: so a file never goes before the record that names it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from sqlite3 import Connection

from gateway.database import Migrations
from gateway.outbox.file import OutboxFile
from record.draft import Evidence
from record.errors import BadRecord
from record.upload import FileKind, named

log = logging.getLogger(__name__)

migrations = Migrations("upload")


@migrations
def m001_files(db: Connection) -> None:
    """Files by their hash, and the drafts whose receipt has come but whose files are not noted yet."""
    for statement in (
        "CREATE TABLE files ("
        " digest TEXT PRIMARY KEY, kind TEXT NOT NULL, event TEXT NOT NULL, state TEXT NOT NULL,"
        " reason TEXT, changed_at TEXT NOT NULL)",
        "CREATE INDEX files_waiting ON files (changed_at) WHERE state = 'waiting'",
        "CREATE TABLE receipted (row INTEGER PRIMARY KEY)",
        "INSERT INTO receipted (row) SELECT row FROM letters WHERE state = 'received' AND type = 'ec.iie.draft'",
        "CREATE TRIGGER draft_received AFTER UPDATE OF state ON queue"
        " WHEN new.state = 'received' AND old.state != 'received'"
        " AND EXISTS (SELECT 1 FROM events WHERE row = new.row AND type = 'ec.iie.draft')"
        " BEGIN INSERT OR IGNORE INTO receipted (row) VALUES (new.row); END",
    ):
        db.execute(statement)


class FileState(StrEnum):
    """Where a file is on its way."""

    WAITING = "waiting"
    HELD = "held"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that has to go."""

    digest: str
    kind: FileKind
    event: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A file that the registry does not hold, since when, and why."""

    digest: str
    kind: FileKind
    event: str
    state: FileState
    reason: str | None
    changed_at: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files wait, since when the oldest does, and how many will never arrive."""

    waiting: int = 0
    since: str | None = None
    refused: int = 0
    gone: int = 0


LOOKED_AT_ONCE = 200


class UploadQueue:
    """The table of one gate, in its outbox's file. Every method may be called from any thread.

    Raises `gateway.outbox.letter.OutboxBroken` where the file cannot be used.
    """

    def __init__(self, file: OutboxFile) -> None:
        self._file = file
        with file.writing() as db:
            migrations.apply(db)

    def look(self, moment: str) -> int:
        """Note the files of drafts whose receipt has come since; how many drafts those were."""
        found = self._file.read(RECEIPTED, [LOOKED_AT_ONCE])
        if not found:
            return 0
        with self._file.writing() as db:
            for row, event, body in found:
                for digest, kind in _files(event, body).items():
                    db.execute(NOTE, [digest, kind.value, event, FileState.WAITING.value, moment])
                db.execute("DELETE FROM receipted WHERE row = ?", [row])
        return len(found)

    def waiting(self, limit: int = 20, without: Iterable[str] = ()) -> list[Waiting]:
        """The files that have waited longest, those in ``without`` left out."""
        left_out = list(without)
        marks = ", ".join("?" for _ in left_out)
        query = f"{WAITING_FILES} AND digest NOT IN ({marks}) ORDER BY changed_at, digest LIMIT ?"
        rows = self._file.read(query, [*left_out, limit])
        return [Waiting(digest, FileKind(kind), event) for digest, kind, event in rows]

    def settle(self, digest: str, state: FileState, moment: str, reason: str | None = None) -> None:
        """Note what has become of a file."""
        with self._file.writing() as db:
            db.execute(SETTLE, [state.value, reason, moment, digest])

    def unsettled(self) -> list[Unsettled]:
        """Every file that the registry does not hold, the one that has waited longest first."""
        rows = self._file.read(UNSETTLED, [FileState.HELD.value])
        return [
            Unsettled(digest, FileKind(kind), event, FileState(state), reason, moment)
            for digest, kind, event, state, reason, moment in rows
        ]

    def again(self, moment: str) -> int:
        """Let what was refused or gone wait anew, after a person has mended the cause; how many files."""
        with self._file.writing() as db:
            return db.execute(AGAIN, [moment]).rowcount

    def counts(self) -> Counts:
        """What the board tells."""
        found = {state: (count, since) for state, count, since in self._file.read(COUNT)}
        waiting, since = found.get(FileState.WAITING.value, (0, None))
        return Counts(
            waiting,
            since,
            found.get(FileState.REFUSED.value, (0, None))[0],
            found.get(FileState.GONE.value, (0, None))[0],
        )


RECEIPTED = (
    "SELECT events.row, id, body FROM receipted JOIN events ON events.row = receipted.row"
    " ORDER BY events.row LIMIT ?"
)
NOTE = "INSERT OR IGNORE INTO files (digest, kind, event, state, changed_at) VALUES (?, ?, ?, ?, ?)"
WAITING_FILES = "SELECT digest, kind, event FROM files WHERE state = 'waiting'"
UNSETTLED = (
    "SELECT digest, kind, event, state, reason, changed_at FROM files"
    " WHERE state != ? ORDER BY changed_at, digest"
)
SETTLE = "UPDATE files SET state = ?, reason = ?, changed_at = ? WHERE digest = ?"
AGAIN = "UPDATE files SET state = 'waiting', reason = NULL, changed_at = ? WHERE state IN ('refused', 'gone')"
COUNT = "SELECT state, count(*), min(changed_at) FROM files GROUP BY state"


def _files(event: str, body: bytes) -> dict[str, FileKind]:
    """What a draft names; nothing, told, for one that this version does not understand."""
    try:
        return named(Evidence.from_wire(json.loads(body)["data"]["evidence"]))
    except (BadRecord, KeyError, ValueError) as error:
        log.error("upload: the files of event %s are not known: %s", event, error)
        return {}
