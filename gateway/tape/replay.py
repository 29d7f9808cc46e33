"""Running a tape again: what the present rules make of what a lane heard, beside what was decided then."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk
from gateway.clerk.knowledge import Replayed
from gateway.outbox.outbox import Letter
from gateway.tape.difference import Difference, decided
from gateway.tape.tape import Line, Recording, Scribe
from record.codes import Codes
from record.errors import BadRecord
from record.identifiers.identify import identify


def replay(
    recording: Recording,
    codes: Codes | None = None,
    pace: Callable[[Line], None] = lambda line: None,
    refused: Callable[[BadRecord], None] = lambda error: None,
) -> list[Letter]:
    """The letters that the present rules make of a tape; ``pace`` is called before each line.

    ``refused`` is told of each deed of a person that is not taken any more. Raises `BadRecord` where the tape's
    site has no such lane.
    """
    header = recording.header
    part = next((lane for lane in header.site.lanes if lane.name == header.lane), None)
    if part is None:
        raise BadRecord(f"lane {header.lane[:40]!r} is not in the tape's own site")
    knowledge = Replayed()
    circumstances = Circumstances(header.machine, header.version, header.clock)
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
        try:
            scribe.hear(line.heard)
        except BadRecord as error:
            refused(error)
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
        if old is None or new is None or decided(old) != decided(new):
            differences.append(Difference(place + 1, old, new))
    return differences
