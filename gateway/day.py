"""A day of a gate without devices: a script's readings through the real clerks, tapes and outbox.

The clock is the script's. Somewhere in the day the wall clock jumps, and now and then the gate is killed in the
middle of everything and goes on from its tapes.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Annotated, Any

import typer
import yaml

from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk, Heard
from gateway.clerk.knowledge import Memory
from gateway.clerk.visit import Tick
from gateway.daemon import new_id
from gateway.memory_store import MemoryStore
from gateway.outbox.outbox import Outbox
from gateway.preadvice.book import Announcements, Releases
from gateway.rehearsal.script import script, site
from gateway.rehearsal.writing import Expected, Script
from gateway.site.checks import CHECKS
from gateway.site.site import LanePart, Site
from gateway.story.line import StoryLine
from gateway.story.story import START, heard_of
from gateway.tape import resume
from gateway.tape.replay import compare, recorded, replay
from gateway.tape.tape import Header, Scribe, TapeWriter, read_tape
from record.base import timestamp
from record.codes import Codes, shipped
from record.draft import Draft, Status
from record.event import EventType
from record.identifiers.identify import identify
from record.preadvice import Preadvice
from record.proof import SigningKey
from record.release import Release
from record.topics import Gate
from record.yamlfile import check_text

KILLS = 5
"""How often the gate is killed in a day."""

JUMP_S = 3600
"""The wall clock is set back by so much in the middle of the day."""

HERE = Circumstances("day", "1")


@dataclass(slots=True)
class Result:
    """What a day came to, beside its script."""

    trucks: int
    expected: list[Expected]
    made: list[Expected] = field(default_factory=list)
    visits: int = 0
    tapes: int = 0
    replayed_otherwise: int = 0

    @property
    def missing(self) -> list[Expected]:
        """Drafts that the script has and the outbox has not."""
        return list((Counter(self.expected) - Counter(self.made)).elements())

    @property
    def extra(self) -> list[Expected]:
        """Drafts that the outbox has and the script has not."""
        return list((Counter(self.made) - Counter(self.expected)).elements())

    def summary(self) -> dict[str, int]:
        """The figures of the day; a draft with a wrong field counts there, and neither as missing nor extra."""
        missing, extra = self.missing, self.extra
        pairs = _paired(missing, extra)
        complete = sum(draft.complete for draft in self.made)
        return {
            "trucks": self.trucks,
            "drafts": len(self.made),
            "missing": len(missing) - len(pairs),
            "extra": len(extra) - len(pairs),
            "wrong_fields": sum(_differing(*pair) for pair in pairs),
            "complete": complete,
            "incomplete": len(self.made) - complete,
            "wrong_complete": sum(draft.complete for draft in extra),
            "visits": self.visits,
            "tapes": self.tapes,
            "replayed_otherwise": self.replayed_otherwise,
        }

    @property
    def right(self) -> bool:
        """Whether the day ended with exactly the scripted drafts, and every tape decides the same again."""
        return not self.missing and not self.extra and not self.replayed_otherwise


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


def run(
    trucks: int, lanes: int, seed: int, folder: Path, year: int = 2026, kills: int = KILLS, again: bool = True
) -> Result:
    """A whole day in ``folder``, which is emptied first; ``again``: replay every tape at its end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = script(trucks, lanes, seed, year)
    rng = Random(f"{seed}/kills")  # noqa: S311 - a rehearsal
    killed = set(rng.sample(range(len(made.lines)), min(kills, len(made.lines))))
    codes = shipped()
    with closing(MemoryStore(folder / "gateway.db")) as kept:
        memory = _memory(kept, made)
        house = Gatehouse(folder, _settings(lanes), memory, codes)
        with closing(house.outbox):
            for number, line in enumerate(made.lines):
                house.jump = -JUMP_S if number > len(made.lines) // 2 else 0.0
                house.hear(line)
                if number in killed:
                    house.kill(_memory(kept, made))
            house.end()
            result = Result(trucks, made.expected)
            result.made, result.visits = _made(house.outbox)
        for tape in house.tapes() if again else ():
            recording = read_tape(tape)
            result.tapes += 1
            result.replayed_otherwise += bool(compare(recorded(recording), replay(recording, codes)))
    return result


def _settings(lanes: int) -> Site:
    settings, problems = check_text(yaml.safe_dump(site(lanes)), Site, CHECKS)
    if settings is None:
        raise ValueError("; ".join(problem.line_text("en") for problem in problems))
    return settings


def _memory(kept: MemoryStore, made: Script) -> Memory:
    memory = kept.memory()
    memory.announcements.update(Announcements(Preadvice.from_wire(each) for each in made.preadvice))
    memory.releases.update(Releases(Release.from_wire(each) for each in made.releases))
    return memory


def _made(outbox: Outbox) -> tuple[list[Expected], int]:
    """The last revision of every draft in the outbox, and how many visits have closed."""
    latest: dict[str, Draft] = {}
    visits = 0
    for event in reversed(outbox.find(limit=1_000_000)):
        if event.type == EventType.DRAFT:
            draft = Draft.from_wire(json.loads(event.body)["data"])
            latest[draft.draft] = draft
        visits += event.type == EventType.VISIT_CLOSED
    return [_seen(draft) for draft in latest.values()], visits


def _seen(draft: Draft) -> Expected:
    payload, item = draft.payload, draft.payload.items[0]
    return Expected(
        lane=draft.lane,
        report=payload.report.value,
        dae=payload.document.number if payload.document else None,
        container=item.container,
        weight_kg=int(item.weight_kg) if item.weight_kg is not None else None,
        packages=item.packages,
        complete=draft.status is Status.COMPLETE,
    )


def _paired(missing: list[Expected], extra: list[Expected]) -> list[tuple[Expected, Expected]]:
    """Scripted and made drafts of the same truck that differ: of the same document, or container, on a lane."""
    left, pairs = list(extra), []
    for wanted in missing:
        for name in ("dae", "container"):
            key = getattr(wanted, name)
            found = next((e for e in left if key and e.lane == wanted.lane and getattr(e, name) == key), None)
            if found is not None:
                left.remove(found)
                pairs.append((wanted, found))
                break
    return pairs


def _differing(one: Expected, other: Expected) -> int:
    return sum(getattr(one, name) != getattr(other, name) for name in Expected.__slots__)


def _tick(t: float, scribe: Scribe) -> list[Heard]:
    """Other lanes hear that time passes, where somebody waits for it."""
    return [Tick(t)] if scribe.clerk.busy else []


def main() -> None:
    """The command line of the day."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name="day")(day)
    app()


def day(
    trucks: Annotated[int, typer.Option(min=1, help="how many trucks")] = 600,
    lanes: Annotated[int, typer.Option(min=1, max=32, help="containers, loose, air, exits, and again")] = 4,
    seed: Annotated[int, typer.Option(help="another seed gives another day")] = 1,
    data: Annotated[Path, typer.Option(help="folder of outbox and tapes, emptied first")] = Path(".demo/day"),
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
) -> None:
    """Let a day pass. Exit code 0 only where exactly the scripted drafts came out."""
    result = run(trucks, lanes, seed, data)
    if as_json:
        print(json.dumps(result.summary()))
    else:
        for name, figure in result.summary().items():
            print(f"{name:>20}  {figure}")
        for draft in result.missing[:10]:
            print(f"missing: {draft}")
        for draft in result.extra[:10]:
            print(f"extra:   {draft}")
    raise typer.Exit(0 if result.right else 1)


if __name__ == "__main__":
    main()
