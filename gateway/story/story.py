"""A story told to the clerks of a site's lanes, without any device: what came of it.

Stories are the tests of the rules, and a technician's way to try a site's settings. Their lines are described in
`gateway.story.line`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

from drivers.readings import Scan, Signal, Stamped, Weight
from gateway.clerk.act import Act
from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk, Heard
from gateway.clerk.knowledge import Memory
from gateway.clerk.visit import PlateSeen, Seen, Tick, Visit
from gateway.outbox.outbox import Letter
from gateway.preadvice.book import Announcements, Releases
from gateway.site.site import Site
from gateway.story.line import ActLine, PlateLine, StoryLine
from record.codes import Codes
from record.errors import BadRecord
from record.identifiers.identify import identify
from record.proof import sha256

START = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
"""Time of day at ``t`` 0: noon in Greenwich, seven in the morning in Guayaquil."""

PATIENCE_S = 3600.0
"""Seconds that pass after the last line, so that every visit ends."""


@dataclass(frozen=True, slots=True)
class Told:
    """A letter that a story made, with the second at which it was made."""

    t: float
    lane: str
    letter: Letter


class NoLane(BadRecord):
    """A line of a lane that the site has not."""

    def __init__(self, lane: str, lanes: tuple[str, ...]) -> None:
        super().__init__(f"lane {lane!r} is not in the site's file: {', '.join(lanes)}", lane=lane)
        self.lane, self.lanes = lane, lanes


def _raise(place: int, error: BadRecord) -> None:
    raise error


def tell(
    lines: Iterable[StoryLine],
    site: Site,
    announcements: Announcements,
    codes: Codes | None = None,
    releases: Releases | None = None,
    refused: Callable[[int, BadRecord], None] = _raise,
) -> list[Told]:
    """Tell a story to the clerks of a site's lanes; every visit ends an hour after the last line.

    ``refused`` is told of every deed that cannot be done, and of every line of a lane that the site has not:
    the place of the line among ``lines``, and why. The story goes on without it; left out, it is raised.
    """
    numbers = count(1)
    new_id = partial(_identity, numbers)
    recognise = partial(identify, codes=codes)
    memory = Memory(announcements, releases or Releases())
    clerks = {
        part.name: Clerk(site, part, memory, recognise, lambda: Circumstances("story", "0"), new_id)
        for part in site.lanes
    }
    told: list[Told] = []
    last = 0.0
    for place, line in enumerate(lines):
        last = line.t
        name = line.lane or site.lanes[0].name
        if name not in clerks:
            refused(place, NoLane(name, tuple(clerks)))
            continue
        for each, clerk in clerks.items():
            heard = heard_of(line, clerk) if each == name else [Tick(line.t)]
            try:
                told += _letters(line.t, each, clerk, heard)
            except BadRecord as error:
                refused(place, error)
    for name, clerk in clerks.items():
        told += _letters(last + PATIENCE_S, name, clerk, [Tick(last + PATIENCE_S)])
    return told


def _letters(t: float, lane: str, clerk: Clerk, heard: Iterable[Heard]) -> list[Told]:
    return [
        Told(t, lane, letter)
        for each in heard
        for consequence in clerk.hear(each)
        for letter in consequence.letters
    ]


def heard_of(line: StoryLine, clerk: Clerk, at: datetime | None = None) -> list[Heard]:
    """What the line means for a clerk; a sighting is of the truck that is there, or has just left."""
    at = at or START + timedelta(seconds=line.t)
    if line.weight is not None:
        weight = Weight(
            line.weight, line.unit, line.stability, line.kind, remarks=frozenset(line.remarks), raw=b"story"
        )
        return [Stamped(line.device or "balanza", at, line.t, weight)]
    if line.scan is not None:
        scan = Scan(line.scan, raw=line.scan.encode())
        return [Stamped(line.device or "lector", at, line.t, scan)]
    if line.sighting is not None:
        visit = _seen_now(clerk)
        if visit is None:
            return [Tick(line.t)]
        picture = sha256(json.dumps([line.t, line.sighting.camera]).encode())
        sighting = line.sighting.sighting()
        return [Seen(at, line.t, visit.id, line.sighting.camera, "rear", picture, sighting)]
    if line.plate is not None:
        return [_plate(line.plate, at, line.t, clerk) or Tick(line.t)]
    if line.signal is not None:
        return [Stamped(line.device or "entradas", at, line.t, Signal(line.signal.name, line.signal.on))]
    if line.act is not None:
        return [_act(line.act, at, line.t)]
    return [Tick(line.t)]


def _act(line: ActLine, at: datetime, t: float) -> Act:
    return Act(
        at=at,
        monotonic=t,
        person=line.person,
        role=line.role,
        deed=line.deed,
        reason=line.reason,
        field=line.field,
        value=line.value,
        insist=line.insist,
    )


def _seen_now(clerk: Clerk) -> Visit | None:
    """The visit of what a camera sees: the truck that is there, or has just left."""
    return clerk.present or next(reversed(clerk.open), None)


def _plate(line: PlateLine, at: datetime, t: float, clerk: Clerk) -> PlateSeen | None:
    visit = _seen_now(clerk)
    if visit is None:
        return None
    picture = sha256(json.dumps([t, line.camera]).encode())
    part = line.part.value if line.part else None
    return PlateSeen(at, t, visit.id, line.camera, part, picture, (line.plate,), line.cost)


def _identity(numbers: Iterator[int]) -> str:
    """Identities of a story are counted, so that the same story tells the same, to the byte."""
    return f"00000000-0000-7000-8000-{next(numbers):012d}"
