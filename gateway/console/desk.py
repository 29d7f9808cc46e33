"""What every route works with: the gate behind the page, its people, its pages; one for each application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from starlette.requests import Request

from gateway.board import Board
from gateway.clerk.act import Act
from gateway.console.aims import Aims
from gateway.console.checkbook import Checkbook
from gateway.console.drawing import Sizes
from gateway.console.pages import Pages
from gateway.console.people import People
from gateway.console.recent import Recent
from gateway.console.tickets import Tickets
from gateway.evidence import EvidenceStore
from gateway.outbox.outbox import Outbox
from gateway.reload import Reloaded
from gateway.site.page import PagePart
from gateway.site.site import LanePart
from record.web.scrape import Scrape


class ActedOn(Protocol):
    """A lane as the page uses it."""

    @property
    def part(self) -> LanePart:
        """The lane as the site's file describes it."""

    def act(self, act: Act) -> Future[None]:
        """Ask for a person's deed."""

    def scanned(self, text: str) -> None:
        """Hear a code that the page has printed for the truck."""

    def moment(self) -> tuple[datetime, float]:
        """The lane's time now: in UTC, and on the clock that never jumps."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One gate as its page sees it."""

    title: str
    part: PagePart
    board: Board
    lanes: Mapping[str, ActedOn]
    outbox: Outbox
    store: EvidenceStore
    people: People
    pages: Pages
    clock: Callable[[], datetime]
    checks: Checkbook
    sizes: Sizes
    tickets: Tickets
    aims: Aims | None = None
    recent: Recent | None = None
    reload: Callable[[], Future[Reloaded]] | None = None
    scrape: Scrape | None = None

    @property
    def idle(self) -> timedelta:
        """After how long without use a session ends."""
        return timedelta(minutes=self.part.session_minutes)

    @property
    def cookie(self) -> str:
        """The session cookie's name; by https with the prefix that ties it to this host (RFC 6265bis, 4.1.3.2)."""
        return "__Host-garita" if self.part.secure else "garita"


def desk_of(request: Request) -> Desk:
    """The desk that a request came to."""
    desk: Any = request.app.state.desk
    if not isinstance(desk, Desk):
        raise TypeError("the application was not made by gateway.console.app")
    return desk
