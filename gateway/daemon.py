"""The daemon of one gate: puts together what the site's file says, and takes it down again."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Self

import uuid_utils

from gateway.board import Board
from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk
from gateway.clerk.knowledge import Memory
from gateway.clock import clock_state
from gateway.evidence import MEGABYTE, EvidenceStore
from gateway.folder import owned
from gateway.housekeeping import Housekeeping
from gateway.lane import Lane
from gateway.link.link import Link
from gateway.link.login import address, trusting
from gateway.lookout import Worker
from gateway.memory_store import MemoryStore
from gateway.outbox.outbox import Outbox, now
from gateway.outbox.rotation import settled_key
from gateway.preadvice.book import Announcements
from gateway.preadvice.notices import Notices
from gateway.reading import reading_worker, tell_missing_models
from gateway.recovery import Begin, Recovery, Tell
from gateway.site.page import PagePart
from gateway.site.site import LanePart, Site
from gateway.tape import resume
from gateway.tape.journal import Journal
from gateway.tape.tape import Header, MakeClerk, Scribe, TapeWriter
from gateway.trouble import Trouble
from gateway.upload.queue import UploadQueue
from gateway.upload.sender import Sender
from gateway.upload.uploader import Uploader
from record.announcing.yaml_file import read_preadvice
from record.base import timestamp
from record.codes import Codes
from record.identifiers.identifier import Identifier
from record.identifiers.identify import identify
from record.proof import PublicKey
from record.shipped import find
from record.topics import Gate

log = logging.getLogger(__name__)

DATABASE = "gateway.db"


KEEP_EXPIRED = timedelta(days=90)
"""How long an announcement is kept after its end: a truck that comes with it is told that it is too late."""


class Daemon:
    """One gate at work between `start` and `stop`, or for the length of a ``with`` block."""

    def __init__(self, site: Site, folder: Path, config_dir: Path | None = None) -> None:
        """``folder`` is the site file's: paths in it that are not absolute begin there."""
        self._site = site
        self._folder = folder
        self._config_dir = config_dir
        self._undo = ExitStack()
        self._parts: dict[str, Callable[[], bool]] = {}
        self.outbox: Outbox
        self.board = Board(tuple(lane.name for lane in site.lanes))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything.

        Raises `record.errors.IieError` for keys, certificates and folders that cannot be used, and
        `record.yamlfile.FileErrors` for a wrong pre-advice file.
        """
        site, data = self._site, self._folder / self._site.data
        with ExitStack() as undo:
            undo.enter_context(owned(data))
            self._start(data, undo)
            self._undo = undo.pop_all()
        log.info("gate %s/%s is at work", site.depot.name, site.gate)

    def _start(self, data: Path, undo: ExitStack) -> None:
        """Start one thing after another; ``undo`` takes them down in reverse."""
        site, folder = self._site, self._folder
        gate = Gate(site.depot.name, site.gate)
        key = settled_key(folder / site.keys.signing, data / DATABASE)
        announced = read_preadvice(folder / site.preadvice.file) if site.preadvice.file else ()
        recognise = partial(identify, codes=Codes(partial(find, config_dir=self._config_dir)))
        self.outbox = outbox = Outbox(data / DATABASE, gate, key, simulated=site.simulated)
        undo.callback(outbox.close)
        kept = MemoryStore(data / DATABASE)
        undo.callback(kept.close)
        kept.forget_expired(datetime.now(UTC) - KEEP_EXPIRED)
        memory = kept.memory()
        memory.announcements.update(Announcements(announced))
        registry = PublicKey.parse(site.keys.registry)
        link = Link(
            outbox,
            gate,
            address(site.broker, gate, folder),
            registry,
            window=site.broker.window,
            resend_after_s=site.broker.resend_after_s,
            on_status=self.board.link,
            on_message=Notices(gate.depot, {registry.id: registry}, kept).hear,
        )
        undo.callback(link.stop)
        link.start()
        self._parts["link"] = lambda: link.alive
        tell_missing_models()
        worker = reading_worker(self._config_dir, lanes=site.lanes)
        worker.start()
        undo.callback(worker.stop)
        store = EvidenceStore(data / "evidence", site.retention.reserve_mb * MEGABYTE)
        if site.registry is not None:
            authority = folder / site.registry.ca if site.registry.ca else None
            sender = Sender(site.registry.url, key, now, trusting(authority))
            uploader = Uploader(UploadQueue(outbox.file), store, sender, now, self.board.uploads)
            undo.callback(uploader.stop)
            uploader.start()
            self._parts["upload"] = lambda: uploader.alive
        self.board.on_trouble(link.degraded)
        self._end_removed(data / "tapes", memory, recognise)
        lanes: dict[str, Lane] = {}
        for part in site.lanes:
            lane = lanes[part.name] = self._lane(
                part, memory, recognise, outbox, worker, store, data / "tapes" / part.name
            )
            undo.callback(lane.stop)
            lane.start()
            self._parts[f"lane {part.name}"] = partial(_is_alive, lane)
        memory.stays.free_orphans()
        if site.page is not None:
            undo.callback(self._serve(site.page, lanes, store))
        keeper = Housekeeping(data, site.retention)
        undo.callback(keeper.stop)
        keeper.start()

    def _lane(
        self,
        part: LanePart,
        memory: Memory,
        recognise: Callable[[str], Identifier],
        outbox: Outbox,
        worker: Worker,
        store: EvidenceStore,
        tapes: Path,
    ) -> Lane:
        """A lane with its clerk, brought back from the last tape where the gate was killed."""
        site = self._site
        here = Here()
        recovery = Recovery(site, outbox, partial(_clerks, recognise, here))
        tell = partial(self.board.trouble, part.name)
        begin = partial(_begin, _clerks(recognise, here, site, part), here, site, part, memory, tapes, tell)
        scribe, clock = recovery.bring_back(tapes, begin, tell)
        memory.stays.resumed(visit.id for visit in scribe.clerk.open)
        return Lane(
            part,
            scribe,
            outbox=outbox,
            worker=worker,
            store=store,
            announcements=memory.announcements,
            board=self.board,
            clock=clock,
            folder=self._folder,
            config_dir=self._config_dir,
            simulated=site.simulated,
        )

    def _serve(self, part: PagePart, lanes: dict[str, Lane], store: EvidenceStore) -> Callable[[], None]:
        """Start the gate's page; what ends it. Raises `record.web.server.CannotListen`."""
        from gateway.console.served import serve

        page = serve(self._site, part, self._folder, self.board, lanes, self.outbox, store)
        self._parts["page"] = lambda: page.alive
        return page.stop

    def _end_removed(self, tapes: Path, memory: Memory, recognise: Callable[[str], Identifier]) -> None:
        """End the visits of lanes that the site's file has no more."""
        names = {part.name for part in self._site.lanes}
        here = Here()
        recovery = Recovery(self._site, self.outbox, partial(_clerks, recognise, here))
        for folder in sorted(tapes.glob("*")) if tapes.is_dir() else ():
            if folder.name not in names:
                recovery.end_removed(folder, partial(_begin_old, recognise, here, memory, folder))

    def hanging(self) -> tuple[str, ...]:
        """What works no more although nobody has stopped it; a new process goes on where this one was."""
        return tuple(name for name, alive in self._parts.items() if not alive())

    def stop(self) -> None:
        """Take everything down in reverse order; what is not received stays in the outbox."""
        self._undo.close()


def _is_alive(lane: Lane) -> bool:
    return lane.alive


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
    return Scribe(make, memory, new_id, journal.write), writer


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
