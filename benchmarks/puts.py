"""`Outbox.put` beside raw sqlite3, in turns of twenty on one disk, all with WAL and ``synchronous=FULL``.

    ours      one draft a commit: its place in the chain, canonical form, hash, signature, check, both rows
    same      the same bytes into the same tables with the same indexes, by two INSERTs that were made before
    one row   the same bytes into one table of three columns

*Same* is what the outbox is measured by: it writes what the outbox has to write and does nothing else. Turns are
short since a disk that others use is ten times slower in one second than in the next.

    python -m benchmarks.puts        the three rates, and the processor's time of each
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.bare import site
from gateway.load import letters
from gateway.outbox.chain import INSERT, QUEUE
from gateway.outbox.letter import Letter, Stored
from gateway.outbox.outbox import Outbox
from record.proof import SigningKey
from record.topics import Gate

GATE = Gate("depot", "puts")
TURN = 20
PUTS = 400


@dataclass(slots=True)
class Pace:
    """How long so many commits took, by the clock and by the processor."""

    commits: int = 0
    seconds: float = 0.0
    processor: float = 0.0

    def time(self, work: Callable[[], None], commits: int) -> None:
        """Do so many commits and add what they took."""
        clock, processor = time.perf_counter(), time.process_time()
        work()
        self.seconds += time.perf_counter() - clock
        self.processor += time.process_time() - processor
        self.commits += commits

    @property
    def rate(self) -> float:
        """Commits a second."""
        return self.commits / self.seconds

    @property
    def processor_us(self) -> float:
        """Microseconds of the processor for one commit."""
        return self.processor / self.commits * 1e6


@dataclass(frozen=True, slots=True)
class Found:
    """The three paces of one run."""

    ours: Pace
    same: Pace
    one_row: Pace


def measure(folder: Path, puts: int = PUTS) -> Found:
    """All three, in turns."""
    key = SigningKey.generate()
    with closing(Outbox(folder / "same.db", GATE, key)):
        pass  # the tables and indexes
    with (
        closing(Outbox(folder / "ours.db", GATE, key)) as box,
        closing(raw(folder / "same.db")) as same,
        closing(raw(folder / "row.db")) as row,
    ):
        row.execute("CREATE TABLE events (row INTEGER PRIMARY KEY, id TEXT UNIQUE, body BLOB)")
        made = list(islice(letters(site(GATE)), puts))
        found = Found(Pace(), Pace(), Pace())
        for first in range(0, puts, TURN):
            turn, events = made[first : first + TURN], list[Stored]()
            found.ours.time(lambda: _ours(box, turn, events), len(turn))  # noqa: B023 - called here and now
            found.same.time(lambda: _same(same, events), len(events))  # noqa: B023
            found.one_row.time(lambda: _one_row(row, events), len(events))  # noqa: B023
        return found


def raw(path: Path) -> sqlite3.Connection:
    """A connection that waits for the disk at each commit."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL").fetchall()
    db.execute("PRAGMA synchronous=FULL")
    return db


def _ours(box: Outbox, turn: Sequence[Letter], events: list[Stored]) -> None:
    for letter in turn:
        events += box.put(letter)


def _same(db: sqlite3.Connection, events: Sequence[Stored]) -> None:
    for each in events:
        db.execute("BEGIN IMMEDIATE")
        values = [each.id, each.source, each.sequence, each.type, each.subject, each.topic]
        row = db.execute(INSERT, [*values, each.body, each.hash, each.created_at, None]).lastrowid
        db.execute(QUEUE, [row, each.changed_at])
        db.execute("COMMIT")


def _one_row(db: sqlite3.Connection, events: Sequence[Stored]) -> None:
    for each in events:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO events (id, body) VALUES (?, ?)", [each.id, each.body])
        db.execute("COMMIT")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="puts-") as folder:
        found = measure(Path(folder))
    paces = {"ours": found.ours, "same": found.same, "one_row": found.one_row}
    told = {
        name: {"per_s": round(pace.rate), "processor_us": round(pace.processor_us)}
        for name, pace in paces.items()
    }
    print(json.dumps({**told, "ratio": round(found.ours.rate / found.same.rate, 2)}, indent=2))


if __name__ == "__main__":
    main()
