"""Announcements and releases from files of the depot, its customers and the tax office.

    .yaml .yml   the depot's own file (`record.announcing.yaml_file`)
    .json        the same as JSON
    .csv .txt    a table with Spanish or English column names (`record.announcing.csv_file`)
    .xml         an authorised guía de remisión of the SRI (`record.announcing.guide`)

What is wrong is told with its place and value; whatever else a file holds is taken all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from record.announcing import csv_file as announcing_csv
from record.announcing import guide as announcing_guide
from record.announcing import json_file as announcing_json
from record.preadvice import Preadvice
from record.release import Release
from record.system_reason import reason
from record.yamlfile import Problem, Severity

MOST_BYTES = 8 * 1024 * 1024
"""Bytes of a file at most: some twenty thousand lines of a table."""

READERS = {
    ".yaml": announcing_json.read_yaml,
    ".yml": announcing_json.read_yaml,
    ".json": announcing_json.read_json,
    ".csv": announcing_csv.read,
    ".txt": announcing_csv.read,
    ".xml": announcing_guide.read,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What a file announces, and what is wrong in it; neither keeps the other away."""

    notices: tuple[Preadvice | Release, ...]
    problems: tuple[Problem, ...]

    @property
    def wrong(self) -> bool:
        """Whether anything of the file could not be taken."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def read(path: Path) -> Batch:
    """A file by its suffix. Never raises: what cannot be read is a problem too."""
    name = str(path)
    if path.suffix.lower() not in READERS:
        return parse(name, b"")
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
            size = path.stat().st_size
    except OSError as error:
        problem = Problem(name, 1, 1, "", "announce.unreadable", params={"reason": reason(error)})
        return Batch((), (problem,))
    return parse(name, content, size)


def parse(name: str, content: bytes, size: int | None = None) -> Batch:
    """The bytes of a file by the suffix of its name; ``size`` where the file is larger than what is given."""
    suffix = PurePath(name).suffix.lower()
    reader = READERS.get(suffix)
    if reader is None:
        found = suffix or PurePath(name).name
        return Batch((), (Problem(name, 1, 1, "", "announce.unknown_format", found=found[:60]),))
    if len(content) > MOST_BYTES:
        params = {"size": size or len(content), "limit": MOST_BYTES}
        return Batch((), (Problem(name, 1, 1, "", "announce.too_large", params=params),))
    return _batch(name, *reader(content, name))


def _batch(name: str, notices: Iterable[Preadvice | Release], problems: Iterable[Problem]) -> Batch:
    found = tuple(notices)
    told = sorted(problems, key=lambda problem: (problem.line, problem.column))
    if not found and not told:
        told.append(Problem(name, 1, 1, "", "announce.empty"))
    return Batch(found, tuple(told))
