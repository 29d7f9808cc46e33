"""A gate's lanes without devices, for a rehearsal: one scribe each, one outbox and one memory, by a script's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk, Heard
from gateway.clerk.knowledge import Memory
from gateway.clerk.visit import Tick
from gateway.daemon import new_id
from gateway.outbox.outbox import Outbox
from gateway.site.site import LanePart, Site
from gateway.story.line import StoryLine
from gateway.story.story import START, heard_of
from gateway.tape import resume
from gateway.tape.tape import Header, Scribe, TapeWriter
from record.base import timestamp
from record.codes import Codes
from record.identifiers.identify import identify
from record.proof import SigningKey
from record.topics import Gate

HERE = Circumstances("day", "1")


class Gatehouse:
    """The lanes of a day: a scribe each, over one outbox and one memory."""

    def __init__(self, folder: Path, settings: Site, memory: Memory, codes: Codes) -> None:
        self._folder, self._site, self._codes = folder, settings, codes
        self._memory = memory
        key = SigningKey.read_or_create(folder / "gate.pem")
        gate = Gate(settings.depot.name, settings.gate)
        self.outbox = Outbox(folder / "gateway.db", gate, key)
        self._scribes: dict[str, Scribe] = {}
        self._writers: dict[str, TapeWriter] = {}
        self.t = 0.0
        self.jump = 0.0
        for part in settings.lanes:
            self._open(part)

    def hear(self, line: StoryLine) -> None:
        """One line of the script, and its second for all other lanes."""
        self.t = line.t
        at = START + timedelta(seconds=line.t + self.jump)
        for name, scribe in self._scribes.items():
            heard = heard_of(line, scribe.clerk, at) if name == line.lane else _tick(line.t, scribe)
            for each in heard:
                self._store(scribe, each)

    def kill(self, memory: Memory) -> None:
        """End as a kill would, and go on from the tapes and from what the database kept."""
        self._memory = memory
        for writer in self._writers.values():
            writer.close()
        for part in self._site.lanes:
            self._open(part)
        memory.stays.free_orphans()

    def end(self) -> None:
        """Let every visit end."""
        for scribe in self._scribes.values():
            self._store(scribe, Tick(self.t + 3600))
        for writer in self._writers.values():
            writer.close()

    def tapes(self) -> Iterator[Path]:
        """Every tape of the day."""
        return iter(sorted((self._folder / "tapes").glob("*/*.jsonl")))

    def _store(self, scribe: Scribe, heard: Heard) -> None:
        letters = [letter for told in scribe.hear(heard) for letter in told.letters]
        if letters:
            self.outbox.put(*letters)

    def _open(self, part: LanePart) -> None:
        folder = self._folder / "tapes" / part.name
        writer = TapeWriter(folder, partial(self._header, part))
        scribe = Scribe(partial(self._clerk, part), self._memory, new_id, writer.write)
        self._writers[part.name], self._scribes[part.name] = writer, scribe
        resume.catch_up(folder, self.outbox)
        cut_off = resume.find(folder)
        if cut_off is not None:
            writer.resume(cut_off.path)
            moment = max(self.t, cut_off.last)
            resume.relive(cut_off, scribe, self.outbox, ScriptClock(moment))
        self._memory.stays.resumed(visit.id for visit in scribe.clerk.open)

    def _clerk(self, part: LanePart, known: Any, identity: Any) -> Clerk:
        recognise = partial(identify, codes=self._codes)
        return Clerk(self._site, part, known, recognise, lambda: HERE, identity)

    def _header(self, part: LanePart) -> Header:
        at = timestamp(START + timedelta(seconds=self.t))
        return Header(part.name, self._site, HERE.version, HERE.machine, at, self.t, resume.boot_id())


class ScriptClock(resume.LaneClock):
    """The script's own time."""

    def __init__(self, t: float) -> None:
        super().__init__()
        object.__setattr__(self, "offset", t)

    def monotonic(self) -> float:
        """The script's second."""
        return self.offset


def _tick(t: float, scribe: Scribe) -> list[Heard]:
    """Other lanes hear that time passes, where somebody waits for it."""
    return [Tick(t)] if scribe.clerk.busy else []
