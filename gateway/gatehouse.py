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

QUIET_S = 3.0
"""Seconds without a word of a lane after which a changed file may hold for it: no truck is coming up then."""


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
        self._sites = {part.name: settings for part in settings.lanes}
        self._heard = dict.fromkeys(self._sites, 0.0)
        self.t = 0.0
        self.jump = 0.0
        for name in self._sites:
            self._open(name)

    def hear(self, line: StoryLine) -> None:
        """One line of the script, and its second for all other lanes."""
        self.t = line.t
        at = START + timedelta(seconds=line.t + self.jump)
        for name, settings in self._sites.items():
            if settings is not self._site:
                self._turn(name)
        self._heard[line.lane or ""] = line.t
        for name, scribe in self._scribes.items():
            heard = heard_of(line, scribe.clerk, at) if name == line.lane else _tick(line.t, scribe)
            for each in heard:
                self._store(scribe, each)

    def kill(self, memory: Memory) -> None:
        """End as a kill would, and go on from the tapes and from what the database kept."""
        self._memory = memory
        for writer in self._writers.values():
            writer.close()
        for name in self._sites:
            self._open(name)
        memory.stays.free_orphans()

    def change(self, settings: Site) -> None:
        """The site's file is another one; each lane goes by it when no truck is near, as a lane at work does."""
        self._site = settings

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

    def _turn(self, name: str) -> None:
        """Let a lane go by the present file, where it is at rest and nothing was heard of it for a moment."""
        if self._scribes[name].at_rest and self.t - self._heard[name] > QUIET_S:
            self._writers[name].close()
            self._sites[name] = self._site
            self._open(name)

    def _open(self, name: str) -> None:
        settings = self._sites[name]
        part = next(each for each in settings.lanes if each.name == name)
        folder = self._folder / "tapes" / name
        writer = TapeWriter(folder, partial(self._header, settings, name))
        scribe = Scribe(partial(self._clerk, settings, part), self._memory, new_id, writer.write)
        self._writers[name], self._scribes[name] = writer, scribe
        resume.catch_up(folder, self.outbox)
        cut_off = resume.find(folder)
        if cut_off is not None:
            writer.resume(cut_off.path)
            moment = max(self.t, cut_off.last)
            resume.relive(cut_off, scribe, self.outbox, ScriptClock(moment))
        self._memory.stays.resumed(visit.id for visit in scribe.clerk.open)

    def _clerk(self, settings: Site, part: LanePart, known: Any, identity: Any) -> Clerk:
        recognise = partial(identify, codes=self._codes)
        return Clerk(settings, part, known, recognise, lambda: HERE, identity)

    def _header(self, settings: Site, name: str) -> Header:
        at = timestamp(START + timedelta(seconds=self.t))
        return Header(name, settings, HERE.version, HERE.machine, at, self.t, resume.boot_id())


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
