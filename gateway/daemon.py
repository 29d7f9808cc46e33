"""The daemon of one gate: puts together what the site's file says, and takes it down again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.board import Board
from gateway.clerk.act import Deed
from gateway.evidence import MEGABYTE, EvidenceStore
from gateway.folder import owned
from gateway.health import HEALTH_EVERY_S, Examined, Health
from gateway.housekeeping import SWEEP_EVERY_S, SWEEP_FIRST_S, keep_house
from gateway.lanes import Lanes, Shared, installed_version, new_id
from gateway.last_heard import LastHeard
from gateway.link.link import Link
from gateway.link.login import address, trusting
from gateway.memory_store import MemoryStore
from gateway.outbox.outbox import Outbox, now
from gateway.outbox.rotation import former_keys, settled_key
from gateway.preadvice.book import Announcements
from gateway.preadvice.notices import Notices
from gateway.reading import reading_worker, tell_missing_models
from gateway.reload import Reloaded, Reloader, ReloadRefused
from gateway.remote_deed import remote_deed
from gateway.rounds import Rounds
from gateway.site.page import PagePart
from gateway.site.site import RegistryPart, Site
from ocr.worker import ReadingWorker
from record.announcing.yaml_file import read_preadvice
from record.codes import Codes
from record.command import CommandName
from record.identifiers.identify import identify
from record.proof import PublicKey, SigningKey
from record.shipped import find
from record.topics import Gate
from record.web.scrape import Scrape

__all__ = ["DATABASE", "Daemon", "new_id"]

log = logging.getLogger(__name__)

DATABASE = "gateway.db"
RELOAD_WITHIN_S = 20.0
"""How long the one who asked for a reload from afar is kept waiting at most."""

KEEP_EXPIRED = timedelta(days=90)
"""How long an announcement is kept after its end: a truck that comes with it is told that it is too late."""


class Daemon:
    """One gate at work between `start` and `stop`, or for the length of a ``with`` block."""

    def __init__(
        self, site: Site, folder: Path, config_dir: Path | None = None, file: Path | None = None
    ) -> None:
        """``folder`` is the site file's: paths in it that are not absolute begin there.

        ``file`` is read again at a `reload`; without one there is nothing to reload.
        """
        self._site = site
        self._folder = folder
        self._config_dir, self._file = config_dir, file
        self._undo = ExitStack()
        self._parts: dict[str, Callable[[], bool]] = {}
        self._reloader: Reloader | None = None
        self._lanes: Lanes | None = None
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
        announced = Announcements(read_preadvice(folder / site.preadvice.file) if site.preadvice.file else ())
        recognise = partial(identify, codes=Codes(partial(find, config_dir=self._config_dir)))
        former = former_keys(folder / site.keys.signing)
        self.outbox = outbox = Outbox(data / DATABASE, gate, key, simulated=site.simulated, former=former)
        undo.callback(outbox.close)
        kept = MemoryStore(data / DATABASE)
        undo.callback(kept.close)
        kept.forget_expired(datetime.now(UTC) - KEEP_EXPIRED)
        memory = kept.memory()
        memory.announcements.update(announced)
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
            handlers={
                CommandName.RELOAD: self._obey_reload,
                CommandName.VOID: partial(self._obey_deed, Deed.VOID),
                CommandName.REREAD: partial(self._obey_deed, Deed.REREAD),
            },
        )
        undo.callback(link.stop)
        link.start()
        self._parts["link"] = lambda: link.alive
        tell_missing_models()
        worker = reading_worker(self._config_dir, every=True)
        worker.start()
        undo.callback(worker.stop)
        store = EvidenceStore(data / "evidence", site.retention.reserve_mb * MEGABYTE)
        self.board.on_trouble(link.degraded)
        shared = Shared(
            memory, recognise, outbox, worker, store, self.board, data / "tapes", folder, self._config_dir
        )
        lanes = self._lanes = Lanes(site, shared)
        undo.callback(lanes.stop)
        lanes.start()
        if self._file is not None:
            reloader = Reloader(self._file, site, lanes, self.board, memory.announcements, announced)
            undo.callback(reloader.stop)
            reloader.start()
            self._reloader = reloader
        if site.registry is not None:
            undo.callback(self._upload(site.registry, key, store))
        if site.page is not None:
            undo.callback(self._serve(site.page, lanes, store, worker, self._scrape(shared, worker)))
        heard = LastHeard(lambda: self.board.view, lambda: self._followed, data)
        examined = Examined(lambda: self.board.view, outbox, data, now)
        health = Health(examined, partial(link.tell, gate.health))
        sweep = partial(keep_house, data, site.retention)
        for rounds in (
            Rounds("health", HEALTH_EVERY_S, health.look, heard.look),
            Rounds("housekeeping", SWEEP_EVERY_S, sweep, first_s=SWEEP_FIRST_S),
        ):
            undo.callback(rounds.stop)
            rounds.start()

    @property
    def _followed(self) -> Site:
        """The site's file as it is followed now."""
        return self._reloader.site if self._reloader else self._site

    def reload(self) -> Future[Reloaded]:
        """Read the site's file again, and follow what differs. The future raises `ReloadRefused`."""
        if self._reloader is None:
            raise ReloadRefused("this gate is not at work by a file yet")
        return self._reloader.ask()

    def _obey_reload(self, params: Mapping[str, str | int]) -> dict[str, str | int]:
        """The registry asks for a reload of the file that is here. Raises `ReloadRefused`."""
        return self.reload().result(RELOAD_WITHIN_S).counts()

    def _obey_deed(self, deed: Deed, params: Mapping[str, str | int]) -> dict[str, str | int]:
        """The registry asks for a person's deed at a lane. Raises as `remote_deed` says."""
        return remote_deed(self._lanes or {}, deed, params)

    def _upload(self, part: RegistryPart, key: SigningKey, store: EvidenceStore) -> Callable[[], None]:
        """Begin to bring files of evidence to the registry; what ends it. Loaded when the scales are read already."""
        from gateway.upload.queue import UploadQueue
        from gateway.upload.sender import Sender
        from gateway.upload.uploader import Uploader

        authority = self._folder / part.ca if part.ca else None
        sender = Sender(part.url, key, now, trusting(authority))
        uploader = Uploader(UploadQueue(self.outbox.file), store, sender, now, self.board.uploads)
        uploader.start()
        self._parts["upload"] = lambda: uploader.alive
        return uploader.stop

    def _scrape(self, shared: Shared, worker: ReadingWorker) -> Scrape:
        """The gate's metrics, and who may read them."""
        from gateway.metrics import GateMetrics, Watched

        page, folder = self._site.page, self._folder
        watched = Watched(
            board=self.board,
            outbox=self.outbox,
            tally=shared.tally,
            site=lambda: self._followed,
            folder=folder,
            data=folder / self._site.data,
            version=installed_version(),
            reading=lambda: worker.status,
            clock=now,
        )
        token = folder / page.metrics_token_file if page and page.metrics_token_file else None
        return Scrape(GateMetrics(watched).render, token, bool(page and page.behind_tls))

    def _serve(
        self, part: PagePart, lanes: Lanes, store: EvidenceStore, worker: ReadingWorker, scrape: Scrape
    ) -> Callable[[], None]:
        """Start the gate's page; what ends it. Raises `record.web.server.CannotListen`."""
        from gateway.console.served import serve

        page = serve(
            self._site,
            part,
            self._folder,
            self.board,
            lanes,
            self.outbox,
            store,
            reload=self.reload,
            scrape=scrape,
            worker=worker,
        )
        self._parts["page"] = lambda: page.alive
        return page.stop

    def hanging(self) -> tuple[str, ...]:
        """What works no more although nobody has stopped it; a new process goes on where this one was."""
        lanes = self._lanes.hanging if self._lanes is not None else ()
        return (*(name for name, alive in self._parts.items() if not alive()), *lanes)

    def stop(self) -> None:
        """Take everything down in reverse order; what is not received stays in the outbox."""
        self._undo.close()
