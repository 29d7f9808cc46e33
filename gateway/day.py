"""A day of a gate without devices: a script's readings through the real clerks, tapes and outbox.

The clock is the script's. Somewhere in the day the wall clock jumps, now and then the gate is killed in the middle of
everything and goes on from its tapes, and around noon the site's file is changed: lanes turn to other work.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter, deque
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Annotated

import typer
import yaml

from gateway.clerk.knowledge import Memory
from gateway.gatehouse import Gatehouse
from gateway.memory_store import MemoryStore
from gateway.outbox.outbox import Letter, Outbox
from gateway.preadvice.book import Announcements, Releases
from gateway.rehearsal.script import script, site
from gateway.rehearsal.writing import Expected, Piece, Script
from gateway.site.checks import CHECKS
from gateway.site.site import Site
from gateway.tape.difference import decided
from gateway.tape.replay import compare, recorded, replay
from gateway.tape.tape import read_tape
from record.codes import Codes, shipped
from record.draft import Draft, Item, Status
from record.event import EventType
from record.preadvice import Preadvice
from record.release import Release
from record.yamlfile import check_text

KILLS = 5
"""How often the gate is killed in a day."""

JUMP_S = 3600
"""The wall clock is set back by so much in the middle of the day."""


@dataclass(slots=True)
class Result:
    """What a day came to, beside its script.

    ``untaped``: letters that the outbox has and no tape's replay makes, and the other way round.
    """

    trucks: int
    expected: list[Expected]
    made: list[Expected] = field(default_factory=list)
    visits: int = 0
    tapes: int = 0
    replayed_otherwise: int = 0
    untaped: int = 0

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
            "untaped": self.untaped,
        }

    @property
    def right(self) -> bool:
        """Whether the day ended with exactly the scripted drafts, and its tapes decide exactly these again."""
        as_scripted = not self.missing and not self.extra
        return as_scripted and not self.replayed_otherwise and not self.untaped


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
        turns = deque(made.turns)
        turned: set[int] = set()
        with closing(house.outbox):
            for number, line in enumerate(made.lines):
                while turns and turns[0][0] <= line.t:
                    turned.add(turns.popleft()[1])
                    house.change(_settings(lanes, turned))
                house.jump = -JUMP_S if number > len(made.lines) // 2 else 0.0
                house.hear(line)
                if number in killed:
                    house.kill(_memory(kept, made))
            house.end()
            result = Result(trucks, made.expected)
            result.made, result.visits = _made(house.outbox)
            told = Counter(map(decided, _letters(house.outbox)))
        if again:
            _replay(house, codes, told, result)
    return result


def _replay(house: Gatehouse, codes: Codes, told: Counter[tuple[str, str, str]], result: Result) -> None:
    """Let every tape decide again, and lay all that comes out beside ``told``, what the day had told."""
    anew: Counter[tuple[str, str, str]] = Counter()
    for tape in house.tapes():
        recording = read_tape(tape)
        letters = replay(recording, codes)
        anew.update(map(decided, letters))
        result.tapes += 1
        result.replayed_otherwise += bool(compare(recorded(recording), letters))
    result.untaped = (told - anew).total() + (anew - told).total()


def _letters(outbox: Outbox) -> Iterator[Letter]:
    """Every letter of the day's visits in the outbox."""
    for event in outbox.find(limit=1_000_000):
        if event.type in (EventType.DRAFT, EventType.DRAFT_CANCELLED, EventType.VISIT_CLOSED):
            yield Letter(EventType(event.type), event.topic, json.loads(event.body)["data"])


def _settings(lanes: int, turned: Collection[int] = ()) -> Site:
    settings, problems = check_text(yaml.safe_dump(site(lanes, turned)), Site, CHECKS)
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
    payload = draft.payload
    first, *others = sorted(map(_piece, payload.items), key=lambda piece: piece.container or "")
    return Expected(
        lane=draft.lane,
        report=payload.report.value,
        dae=payload.document.number if payload.document else None,
        container=first.container,
        weight_kg=first.weight_kg,
        packages=first.packages,
        complete=draft.status is Status.COMPLETE,
        second=others[0] if others else None,
        procedure=draft.evidence.procedure,
        exit_reason=payload.exit_reason.value if payload.exit_reason else None,
    )


def _piece(item: Item) -> Piece:
    return Piece(
        container=item.container,
        weight_kg=int(item.weight_kg) if item.weight_kg is not None else None,
        packages=item.packages,
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


def main() -> None:
    """The command line of the day."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name="day")(day)
    app()


def day(
    trucks: Annotated[int, typer.Option(min=1, help="how many trucks")] = 600,
    lanes: Annotated[
        int,
        typer.Option(min=1, max=32, help="eight kinds in turn, the first four every flow"),
    ] = 4,
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
