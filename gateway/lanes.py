"""All lanes of a gate, by name: brought back from their tapes, at work, changed while the others go on, stopped."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import uuid_utils

from gateway.board import Board
from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk
from gateway.clerk.knowledge import Memory
from gateway.clock import clock_state
from gateway.crew import Made, made
from gateway.evidence import EvidenceStore
from gateway.lane import Change, Lane
from gateway.lookout import Worker
from gateway.outbox.outbox import Outbox
from gateway.recovery import Begin, Recovery, Tell
from gateway.site.difference import devices as devices_of
from gateway.site.site import LanePart, Site
from gateway.tally import Tally
from gateway.tape import resume
from gateway.tape.journal import Journal
from gateway.tape.tape import Header, MakeClerk, Scribe, TapeWriter
from gateway.trouble import Trouble
from record.base import timestamp
from record.identifiers.identifier import Identifier

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shared:
    """What all lanes of a gate share. ``tapes`` has one folder a lane; ``folder`` is the site file's."""

    memory: Memory
    recognise: Callable[[str], Identifier]
    outbox: Outbox
    worker: Worker
    store: EvidenceStore
    board: Board
    tapes: Path
    folder: Path
    config_dir: Path | None = None
    tally: Tally = field(default_factory=Tally)


class Lanes(Mapping[str, Lane]):
    """The lanes of one gate. `start` and `stop` them once; whoever changes them is one thread."""

    def __init__(self, site: Site, shared: Shared) -> None:
        self._site, self._shared = site, shared
        self._lanes: dict[str, Lane] = {}
        self._clocks: dict[str, resume.LaneClock] = {}

    def __getitem__(self, name: str) -> Lane:
        return self._lanes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._lanes))

    def __len__(self) -> int:
        return len(self._lanes)

    @property
    def hanging(self) -> tuple[str, ...]:
        """The lanes that work no more although nobody has stopped them."""
        return tuple(f"lane {name}" for name, lane in dict(self._lanes).items() if not lane.alive)

    def start(self) -> None:
        """End the visits of lanes that the site has no more, then begin with each that it has."""
        tapes = self._shared.tapes
        names = {part.name for part in self._site.lanes}
        for folder in sorted(tapes.glob("*")) if tapes.is_dir() else ():
            if folder.name not in names:
                self._end_visits(folder)
        for part in self._site.lanes:
            self._lane(self._site, part).start()
        self._shared.memory.stays.free_orphans()

    def stop(self) -> None:
        """Stop all of them, the last one first."""
        for name in reversed(tuple(self._lanes)):
            self._lanes.pop(name).stop()

    def made(self, part: LanePart) -> dict[str, Made]:
        """All devices of a lane, none of them open. Raises as `gateway.devices` does."""
        return made(part, self._shared.folder, self._shared.config_dir, devices_of(part))

    def add(self, site: Site, part: LanePart) -> None:
        """Begin with a lane that the gate did not have. Raises as `gateway.devices` does."""
        self._lane(site, part).start()

    def change(self, site: Site, part: LanePart, devices: Mapping[str, Made]) -> Future[None]:
        """Let a lane go on by another part of the file, and other rules, when no truck is near."""
        here, memory, board = Here(), self._shared.memory, self._shared.board
        tell = partial(board.trouble, part.name)
        make = _clerks(self._shared.recognise, here, site, part)
        begin = partial(_begin, make, here, site, part, memory, self._shared.tapes / part.name, tell)
        scribe, _ = begin(self._clocks[part.name])
        done: Future[None] = Future()
        self._lanes[part.name].change(Change(part, scribe, devices, done))
        return done

    def ask_to_leave(self, name: str) -> Future[None]:
        """Say when a lane has no truck any more, so that it can be taken away."""
        done: Future[None] = Future()
        self._lanes[name].change(Change(None, None, {}, done))
        return done

    def remove(self, name: str) -> None:
        """Take a lane away; a visit that it did not end is ended by the rules that it began under."""
        self._lanes.pop(name).stop()
        self._end_visits(self._shared.tapes / name)

    def _lane(self, site: Site, part: LanePart) -> Lane:
        """A lane with its clerk, brought back from the last tape where the gate was killed."""
        shared, here = self._shared, Here()
        tapes = shared.tapes / part.name
        recovery = Recovery(site, shared.outbox, partial(_clerks, shared.recognise, here))
        tell = partial(shared.board.trouble, part.name)
        make = _clerks(shared.recognise, here, site, part)
        begin = partial(_begin, make, here, site, part, shared.memory, tapes, tell)
        scribe, clock = recovery.bring_back(tapes, begin, tell)
        shared.memory.stays.resumed(visit.id for visit in scribe.clerk.open)
        lane = Lane(
            part,
            scribe,
            outbox=shared.outbox,
            worker=shared.worker,
            store=shared.store,
            announcements=shared.memory.announcements,
            board=shared.board,
            clock=clock,
            folder=shared.folder,
            config_dir=shared.config_dir,
            simulated=site.simulated,
            tally=shared.tally,
        )
        self._lanes, self._clocks[part.name] = {**self._lanes, part.name: lane}, clock
        return lane

    def _end_visits(self, folder: Path) -> None:
        """End the visits of a lane that the site has no more."""
        shared, here = self._shared, Here()
        recovery = Recovery(self._site, shared.outbox, partial(_clerks, shared.recognise, here))
        recovery.end_removed(folder, partial(_begin_old, shared.recognise, here, shared.memory, folder))


class Here:
    """The machine as the drafts of one lane tell of it: looked at when a tape begins, the same until the next."""

    def __init__(self) -> None:
        self.now = _circumstances()

    def look(self) -> Circumstances:
        """Look again, at the arrival of a truck."""
        self.now = _circumstances()
        return self.now


def _clerks(recognise: Callable[[str], Identifier], here: Here, site: Site, part: LanePart) -> MakeClerk:
    """The maker of a lane's clerk by the rules of a site."""
    return lambda known, identity: Clerk(site, part, known, recognise, lambda: here.now, identity)


def _begin(
    make: MakeClerk,
    here: Here,
    site: Site,
    part: LanePart,
    memory: Memory,
    tapes: Path,
    tell: Tell,
    clock: resume.LaneClock,
) -> tuple[Scribe, TapeWriter]:
    """A lane's scribe and the writer of its tapes."""

    def header() -> Header:
        found, moment = here.look(), timestamp(clock.now())
        return Header(
            part.name,
            site,
            found.version,
            found.machine,
            moment,
            clock.monotonic(),
            resume.boot_id(),
            found.clock,
        )

    writer = TapeWriter(tapes, header)
    journal = Journal(part.name, writer, partial(tell, Trouble.TAPE))
    return Scribe(make, memory, new_id, journal.write, journal.close), writer


def _begin_old(
    recognise: Callable[[str], Identifier],
    here: Here,
    memory: Memory,
    tapes: Path,
    site: Site,
    part: LanePart,
) -> Begin:
    """As `_begin`, for a lane of an older site, of which nothing is shown."""
    return partial(
        _begin,
        _clerks(recognise, here, site, part),
        here,
        site,
        part,
        memory,
        tapes,
        lambda kind, found: None,
    )


def new_id() -> str:
    """A UUIDv7 (RFC 9562): unique, and in the order of its making."""
    return str(uuid_utils.uuid7())


def _circumstances() -> Circumstances:
    return Circumstances(platform.node() or "unknown", installed_version(), clock_state())


def installed_version() -> str:
    """The version of this program."""
    try:
        return version("iie-gateway")
    except PackageNotFoundError:
        return "0"
