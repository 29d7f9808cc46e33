"""The page put together from a site's file and the gate's parts, and served."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from starlette.applications import Starlette

from gateway.board import Board
from gateway.console.aims import Aims
from gateway.console.app import app
from gateway.console.checkbook import Checkbook
from gateway.console.desk import ActedOn, Desk
from gateway.console.drawing import Sizes
from gateway.console.pages import Pages
from gateway.console.people import People
from gateway.console.recent import Recent
from gateway.console.tickets import Tickets
from gateway.evidence import EvidenceStore
from gateway.lookout import Worker
from gateway.outbox.outbox import Outbox, now
from gateway.reload import Reloaded
from gateway.site.page import PagePart
from gateway.site.site import Site
from record.web.passwords import Passwords
from record.web.scrape import Scrape
from record.web.server import TlsFiles, WebServer, listen

log = logging.getLogger(__name__)


class Served:
    """A page that is listening."""

    def __init__(self, server: WebServer, application: Starlette, recent: Recent) -> None:
        self._server, self._application, self._recent = server, application, recent

    @property
    def alive(self) -> bool:
        """Whether the server's thread runs."""
        return self._server.alive

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.port

    def stop(self) -> None:
        """End the streams, then the server."""
        self._application.state.ended = True
        self._server.stop()
        logging.getLogger().removeHandler(self._recent)


def serve(
    site: Site,
    part: PagePart,
    folder: Path,
    board: Board,
    lanes: Mapping[str, ActedOn],
    outbox: Outbox,
    store: EvidenceStore,
    passwords: Passwords | None = None,
    reload: Callable[[], Future[Reloaded]] | None = None,
    scrape: Scrape | None = None,
    worker: Worker | None = None,
) -> Served:
    """Serve the page of a gate. Raises `record.web.server.CannotListen`."""
    recent = Recent()
    desk = Desk(
        title=f"{site.depot.name} · {site.gate}",
        part=part,
        board=board,
        lanes=lanes,
        outbox=outbox,
        store=store,
        people=People(outbox.file, passwords or Passwords()),
        pages=Pages(site.language, _version()),
        clock=now,
        checks=Checkbook(outbox.file),
        sizes=Sizes(store.path),
        tickets=Tickets(outbox.file),
        aims=Aims(worker) if worker else None,
        recent=recent,
        reload=reload,
        scrape=scrape,
    )
    application = app(desk)
    tls = TlsFiles(folder / part.tls.certificate, folder / part.tls.key) if part.tls else None
    server = WebServer(application, listen(part.address, part.port), tls, "page")
    server.start()
    logging.getLogger().addHandler(recent)
    log.info("page: %s", url_of(part, server.port))
    return Served(server, application, recent)


def url_of(part: PagePart, port: int | None = None) -> str:
    """Where people find the page: by its first name, else its address."""
    name = part.hosts[0] if part.hosts else part.address
    host = f"[{name}]" if ":" in name else name
    if part.behind_tls:
        return f"https://{host}"
    return f"{'https' if part.tls else 'http'}://{host}:{port or part.port}"


def _version() -> str:
    try:
        return version("iie-gateway")
    except PackageNotFoundError:
        return "0"
