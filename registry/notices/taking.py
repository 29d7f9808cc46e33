"""Files of announcements and releases taken in: by the command line, by the console, by other systems.

What is wrong in a file is told with its place; whatever else it holds is taken all the same, in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from record.announcing import files
from record.errors import BadRecord
from record.yamlfile import Problem, Severity
from registry.database import writing
from registry.notices import book
from registry.notices.book import By, Kind, Notice, Outcome
from registry.releases.exits import recount_exits
from registry.reports.book import Book
from registry.reports.office import Office


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: how many it held, how many of them were news, and what is wrong in it."""

    read: int
    new: int
    problems: tuple[Problem, ...]

    @property
    def wrong(self) -> bool:
        """Whether anything of the file could not be taken."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def take_file(office: Office, depot: str, kind: Kind, name: str, content: bytes, by: By) -> Taken:
    """Take in what a file holds of one kind. The suffix of its name says how it is read."""
    batch = files.parse(name, content)
    problems = list(batch.problems)
    wanted = [each for each in batch.notices if book.kind_of(each) is kind]
    for each in batch.notices:
        if book.kind_of(each) is not kind:
            problems.append(Problem(name, 1, 1, "", f"announce.no_{kind.value}", found=each.id[:60]))
    with writing(office.engine) as connection:
        new, reports = 0, office.book(connection)
        for notice in wanted:
            try:
                new += take(reports, depot, [notice], by, office.now())
            except BadRecord as error:
                params = {"reason": str(error)[:200]}
                problems.append(Problem(name, 1, 1, "", "announce.not_told", params=params))
    return Taken(len(batch.notices), new, tuple(problems))


def take(reports: Book, depot: str, notices: Sequence[Notice], by: By, now: datetime) -> int:
    """Take notices in within somebody's transaction; how many were news. Raises `BadRecord`."""
    new = 0
    for notice in notices:
        outcome = book.take(reports.connection, depot, notice, by, now)
        if outcome in (Outcome.NEW, Outcome.NEWER):
            new += 1
            recount_exits(reports, depot, notice)
    return new


def withdraw(office: Office, kind: Kind, depot: str, identity: str, by: By, reason: str) -> bool:
    """Take a notice back from the gates; False where there is none that they have."""
    with writing(office.engine) as connection:
        row = book.find(connection, kind, depot, identity)
        gone = book.withdraw(connection, kind, depot, identity, by, office.now(), reason)
        if gone and row is not None:
            recount_exits(office.book(connection), depot, book.record_of(row))
    return gone
