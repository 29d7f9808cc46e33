"""What is kept for how long: files of evidence and tapes, by their class and age.

    crop      a picture or a line of it that a draft names                years
    picture   every other picture                                         days
    personal  what was scanned of a driver                                its own age
    tape      the recording of a visit, which holds scans of drivers too  days, never more than personal data

A tape that is still written to is never touched. Ages are those of the files, so a clock that was wrong at the
making of a file only moves its end.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.evidence import MARK
from gateway.site.site import Retention

log = logging.getLogger(__name__)

DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep removed."""

    pictures: int = 0
    personal: int = 0
    tapes: int = 0


def sweep(data: Path, rules: Retention, now: Callable[[], float] = time.time) -> Swept:
    """Remove what is too old. A file that cannot be removed is told and left; the next sweep tries again."""
    moment = now()
    pictures = [
        path
        for path in (data / "evidence").glob("*/*.jpg")
        if _age(path, moment) > (rules.crops if path.with_suffix(MARK).exists() else rules.pictures)
    ]
    personal = [path for path in (data / "evidence").glob("*/*.json") if _age(path, moment) > rules.personal]
    oldest_tape = min(rules.tapes, rules.personal)
    tapes = [path for path in _ended(data / "tapes") if _age(path, moment) > oldest_tape]
    swept = Swept(*(sum(map(_remove, paths)) for paths in (pictures, personal, tapes)))
    for path in pictures:
        _remove(path.with_suffix(MARK))
    return swept


def _ended(folder: Path) -> Iterator[Path]:
    """Every tape but the newest of each lane, which may be written to."""
    for lane in sorted(folder.glob("*")):
        yield from sorted(lane.glob("*.jsonl"))[:-1]


def _age(path: Path, moment: float) -> float:
    """Days since a file was last written; 0 for one that has just gone."""
    try:
        return (moment - path.stat().st_mtime) / DAY_S
    except FileNotFoundError:
        return 0.0


def _remove(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.error("retention: %s cannot be removed: %s", path, error.strerror)
        return False
    return True
