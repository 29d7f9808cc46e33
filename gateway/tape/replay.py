"""Running a tape again: what the present rules make of what a lane heard, beside what was decided then."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from difflib import unified_diff
from functools import partial
from typing import Any

from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk
from gateway.clerk.knowledge import Replayed
from gateway.outbox.outbox import Letter
from gateway.tape.tape import Line, Recording, Scribe
from record.codes import Codes
from record.identifiers.identify import identify

IDENTITY = frozenset({"draft", "visit", "stay", "drafts", "salt", "personal"})
"""Fields that name and do not decide; where identities are given anew they may differ."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One letter that is not as it was; ``then`` or ``now`` is None where the other has none."""

    place: int
    then: Letter | None
    now: Letter | None

    def text(self) -> str:
        """The two side by side, as a unified diff of their JSON."""
        old, new = (_pretty(letter) for letter in (self.then, self.now))
        return "\n".join(
            unified_diff(old, new, f"letter {self.place} then", f"letter {self.place} now", lineterm="")
        )


def replay(
    recording: Recording, codes: Codes | None = None, pace: Callable[[Line], None] = lambda line: None
) -> list[Letter]:
    """The letters that the present rules make of a tape; ``pace`` is called before each line."""
    header = recording.header
    part = next(lane for lane in header.site.lanes if lane.name == header.lane)
    knowledge = Replayed()
    circumstances = Circumstances(header.machine, header.version)
    written: list[Line] = []

    def make(known: Any, new_id: Callable[[], str]) -> Clerk:
        return Clerk(header.site, part, known, partial(identify, codes=codes), lambda: circumstances, new_id)

    ids: list[str] = []
    scribe = Scribe(
        make, knowledge, lambda: ids.pop(0) if ids else "", lambda line, busy: written.append(line)
    )
    for line in recording.lines:
        pace(line)
        ids[:] = line.ids
        knowledge.learn(line.answers)
        scribe.hear(line.heard)
    return [letter for line in written for letter in line.letters]


def recorded(recording: Recording) -> list[Letter]:
    """The letters that were made when the tape was written."""
    return [letter for line in recording.lines for letter in line.letters]


def compare(then: list[Letter], now: list[Letter]) -> list[Difference]:
    """Every letter that differs in more than its identity."""
    differences = []
    for place in range(max(len(then), len(now))):
        old = then[place] if place < len(then) else None
        new = now[place] if place < len(now) else None
        if old is None or new is None or _decided(old) != _decided(new):
            differences.append(Difference(place + 1, old, new))
    return differences


def _decided(letter: Letter) -> tuple[str, str, str]:
    return letter.type.value, letter.topic, json.dumps(_without_identity(letter.data), sort_keys=True)


def _without_identity(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_identity(inner) for name, inner in value.items() if name not in IDENTITY}
    if isinstance(value, list | tuple):
        return [_without_identity(inner) for inner in value]
    return value


def _pretty(letter: Letter | None) -> list[str]:
    if letter is None:
        return []
    return json.dumps(dict(letter.data), indent=1, sort_keys=True, ensure_ascii=False).splitlines()
