"""The tape: everything that a lane heard, was answered and decided while a truck was near, one line a moment.

    {"tape": 1, "lane": …, "site": {…}, "version": …, "at": …, "monotonic": …}
    {"heard": {…}, "ids": […], "answers": […], "letters": […]}
    {"end": true}

A line is on the disk before what it decided leaves the lane, so the tape is the visit's journal: a gate that was
killed reads the last tape and goes on with the truck that stands there. It holds the site, the answers of the
gate's memory and the identities that were given, so the same version decides the same again, to the byte, on any
machine; another version shows what it would decide otherwise.
"""

from __future__ import annotations

import json
import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from gateway.clerk.clerk import Clerk, Heard, Told
from gateway.clerk.codec import dump_heard, load_heard
from gateway.clerk.knowledge import Answer, Knowledge, Recorded, Replayed
from gateway.clerk.visit import Taken
from gateway.clock import ClockState
from gateway.outbox.outbox import Letter
from gateway.site.site import Site
from record.base import describe
from record.errors import BadRecord
from record.event import EventType

log = logging.getLogger(__name__)

FORMAT = 1
PREROLL_S = 15.0
"""Seconds kept from before a truck came; longer than a zero counts, so that a replay finds the same one."""

MOST_WAITING = 2000


@dataclass(frozen=True, slots=True)
class Header:
    """What a tape begins with."""

    lane: str
    site: Site
    version: str
    machine: str
    at: str
    monotonic: float
    boot: str = ""
    clock: str = ClockState.UNKNOWN

    def as_json(self) -> dict[str, Any]:
        """The first line."""
        return {
            "tape": FORMAT,
            "lane": self.lane,
            "version": self.version,
            "machine": self.machine,
            "at": self.at,
            "monotonic": self.monotonic,
            "boot": self.boot,
            "clock": self.clock,
            "site": self.site.model_dump(mode="json"),
        }


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was heard, with the identities and answers that it needed and the letters it made."""

    heard: Heard
    ids: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    letters: tuple[Letter, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The line; empty parts are left out."""
        line: dict[str, Any] = {"heard": dump_heard(self.heard)}
        if self.ids:
            line["ids"] = list(self.ids)
        if self.answers:
            line["answers"] = [list(answer) for answer in self.answers]
        if self.letters:
            line["letters"] = [_dump_letter(letter) for letter in self.letters]
        return line


@dataclass(frozen=True, slots=True)
class Recording:
    """A tape as it was read. ``ended`` is False where the gate was killed; a last half line is left out."""

    header: Header
    lines: tuple[Line, ...]
    ended: bool


class TapeWriter:
    """Writes tapes of one lane into a folder, one for each time that trucks are near."""

    def __init__(self, folder: Path, header: Callable[[], Header]) -> None:
        self._folder, self._header = folder, header
        self._waiting: deque[Line] = deque(maxlen=MOST_WAITING)
        self._file: TextIO | None = None
        self.path: Path | None = None

    def write(self, line: Line, busy: bool) -> None:
        """Keep a line. While nothing is ``busy`` lines wait in memory and the oldest are forgotten.

        Raises `OSError` where the disk takes no more.
        """
        if self._file is None and not busy:
            self._wait(line)
            return
        if self._file is None:
            self._begin()
        self._put(line.as_json(), durable=bool(line.letters))
        if not busy:
            self._end()

    def resume(self, path: Path) -> None:
        """Go on with a tape that was not ended."""
        self._file = path.open("a", encoding="utf-8")
        self._file.write("\n")
        self.path = path

    def close(self) -> None:
        """Close the file, ended or not; an unended one is gone on with at the next start."""
        if self._file is not None:
            self._file.close()
        self._file = None

    def _wait(self, line: Line) -> None:
        """Keep a line in memory, and forget those that are too old to matter."""
        self._waiting.append(line)
        while _moment(line) - _moment(self._waiting[0]) > PREROLL_S:
            self._waiting.popleft()

    def _begin(self) -> None:
        header = self._header()
        self._folder.mkdir(parents=True, exist_ok=True)
        stamp = header.at.replace(":", "").replace("-", "").replace(".", "")
        names = (self._folder / f"{stamp}-{number:02d}.jsonl" for number in count())
        self.path = next(path for path in names if not path.exists())
        self._file = self.path.open("x", encoding="utf-8")
        self._put(header.as_json())
        while self._waiting:
            self._put(self._waiting.popleft().as_json())

    def _end(self) -> None:
        self._put({"end": True}, durable=True)
        self.close()

    def _put(self, content: dict[str, Any], durable: bool = False) -> None:
        if self._file is None:
            raise OSError("the tape is not open")
        self._file.write(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")
        self._file.flush()
        if durable:
            os.fsync(self._file.fileno())


@dataclass(slots=True)
class _Notes:
    """What happened while one thing was heard."""

    ids: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


MakeClerk = Callable[[Knowledge, Callable[[], str]], Clerk]


class Scribe:
    """Runs a clerk and writes down all that it hears, before anything of it leaves the lane."""

    def __init__(
        self,
        make: MakeClerk,
        knowledge: Knowledge,
        new_id: Callable[[], str],
        write: Callable[[Line, bool], None],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        """``close`` lets go of what ``write`` writes to."""
        self._new_id, self._write = new_id, write
        self.close = close
        self._notes = _Notes()
        self._busy = False
        self._recorded = Recorded(knowledge, lambda answer: self._notes.answers.append(answer))
        self._make = make
        self._stands_in = False
        self.clerk = make(self._recorded, self._identity)

    @property
    def at_rest(self) -> bool:
        """Whether no truck is near, nor comes up, so that no tape is written."""
        return not self._busy and self.clerk.is_idle

    def hear(self, heard: Heard) -> list[Told]:
        """As `Clerk.hear`; raises `OSError` too, where the tape cannot be written.

        What a refused deed asked of the gate's memory is asked again, and told, by whatever comes next.
        """
        self._notes = _Notes()
        try:
            told = self.clerk.hear(heard)
        except BadRecord:
            self._recorded.forget()  # a deed that was refused leaves no line, so none of its answers is told
            raise
        letters = tuple(letter for each in told for letter in each.letters)
        busy = self.clerk.busy or (self._busy and not self.clerk.is_idle)
        self._write(Line(heard, tuple(self._notes.ids), tuple(self._notes.answers), letters), busy)
        if self._busy and not busy:
            self._recorded.forget()
            self._rest()
        self._busy = busy
        return told

    def _rest(self) -> None:
        """No truck is near: whoever went on with an old tape hands over to the clerk of today's site."""
        if self._stands_in:
            self.clerk, self._stands_in = self._make(self._recorded, self._identity), False
        else:
            self.clerk.rest()

    def relive(self, lines: Iterable[Line], knowledge: Replayed, make: MakeClerk | None = None) -> None:
        """Bring the clerk to where it was when the lines were written; nothing is written or told.

        ``make`` gives the clerk that goes on until the tape ends, by the rules that it began under.
        """
        if make is not None:
            self.clerk, self._stands_in = make(self._recorded, self._identity), True
        live_id, live = self._new_id, self._recorded.source
        self._recorded.source = knowledge
        for line in lines:
            ids = deque(line.ids)
            self._new_id = lambda given=ids: given.popleft() if given else live_id()  # type: ignore[misc]
            knowledge.learn(line.answers)
            self._notes = _Notes()
            try:
                self.clerk.hear(line.heard)
            except BadRecord as error:
                log.error("a deed on the tape is not taken any more: %s", error)
        self._new_id, self._recorded.source = live_id, live
        self._busy = self.clerk.busy

    def _identity(self) -> str:
        identity = self._new_id()
        self._notes.ids.append(identity)
        return identity


def read_tape(path: Path) -> Recording:
    """A tape from its file. Raises `BadRecord` naming the line, `OSError` where it cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            rows = list(_rows(file, str(path)))
    except UnicodeDecodeError as error:
        raise BadRecord(f"{path}: no tape: {error}") from error
    if not rows:
        raise BadRecord(f"{path}:1: the tape is empty")
    header = _header(rows[0], str(path))
    lines = tuple(_line(row, f"{path}:{number}") for number, row in enumerate(rows[1:], 2) if "heard" in row)
    return Recording(header, lines, any("end" in row for row in rows[1:]))


def _moment(line: Line) -> float:
    return 0.0 if isinstance(line.heard, Taken) else line.heard.monotonic


def unended(folder: Path) -> Path | None:
    """The newest tape of a lane, where the gate was killed while it was written."""
    tapes = sorted(folder.glob("*.jsonl"))
    if not tapes:
        return None
    last = tapes[-1].read_bytes().rstrip().rpartition(b"\n")[2]
    return None if last == b'{"end":true}' else tapes[-1]


def _rows(file: TextIO, name: str) -> Iterator[dict[str, Any]]:
    """Each line's object; a half line, as a kill leaves it, is passed over wherever it stands."""
    for number, written in enumerate(file, 1):
        if not written.strip():
            continue
        try:
            row = json.loads(written)
        except ValueError:
            if written.endswith("\n") and number == 1:
                raise BadRecord(f"{name}:{number}: not a tape") from None
            continue
        if isinstance(row, dict):
            yield row


def _header(row: dict[str, Any], name: str) -> Header:
    if row.get("tape") != FORMAT:
        raise BadRecord(f"{name}:1: not a tape of format {FORMAT}")
    try:
        site = Site.model_validate_json(json.dumps(row["site"]))
        moment, boot = float(row["monotonic"]), str(row.get("boot", ""))
        clock = str(row.get("clock", ClockState.UNKNOWN))
        return Header(row["lane"], site, row["version"], row["machine"], row["at"], moment, boot, clock)
    except ValidationError as error:
        raise BadRecord(f"{name}:1: {describe('site', error)}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise BadRecord(f"{name}:1: the tape's header is not whole: {error!r}") from error


def _line(row: dict[str, Any], where: str) -> Line:
    try:
        heard = load_heard(row["heard"])
        answers = tuple((name, key, answer) for name, key, answer in row.get("answers", ()))
        letters = tuple(_load_letter(letter) for letter in row.get("letters", ()))
        return Line(heard, tuple(row.get("ids", ())), answers, letters)
    except BadRecord as error:
        raise BadRecord(f"{where}: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise BadRecord(f"{where}: not a line of a tape: {error!r}") from error


def _dump_letter(letter: Letter) -> dict[str, Any]:
    return {
        "type": letter.type.value,
        "topic": letter.topic,
        "subject": letter.subject,
        "simulated": letter.simulated,
        "data": letter.data,
    }


def _load_letter(data: dict[str, Any]) -> Letter:
    return Letter(EventType(data["type"]), data["topic"], data["data"], data["subject"], data["simulated"])
