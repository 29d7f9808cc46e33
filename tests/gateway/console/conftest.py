"""A real page for tests: the application behind uvicorn on a free port, spoken to over a socket."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from drivers.readings import Stability
from gateway.board import Board
from gateway.clerk.act import Act
from gateway.clerk.draft import Content
from gateway.clerk.visit import Visit
from gateway.console.aims import Aims
from gateway.console.app import app
from gateway.console.checkbook import Checkbook
from gateway.console.desk import Desk
from gateway.console.drawing import Sizes
from gateway.console.pages import Pages
from gateway.console.people import People
from gateway.console.person import Role
from gateway.console.tickets import Tickets
from gateway.evidence import EvidenceStore
from gateway.outbox.outbox import Outbox
from gateway.reading import LOOK
from gateway.site.camera import FolderCameraPart
from gateway.site.page import PagePart
from gateway.site.site import LanePart, ScalePart, ScannerPart
from ocr.sighting import Sighting
from ocr.sighting import Status as Seen
from ocr.view import View
from ocr.worker import CONTAINER
from record.draft import Depot, Evidence, Item, Payload, Profile, ReportKind, Status
from record.errors import BadRecord
from record.finding import Code, Finding, Severity
from record.proof import SigningKey
from record.topics import Gate
from record.web.passwords import Passwords
from record.web.server import WebServer, listen

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes that take no time: what makes real ones slow is argon2's own business."""

PIN = "194073"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **time: float) -> None:
        self.now += timedelta(**time)


class Lane:
    """A lane that keeps the deeds it is asked for, and refuses when it is told to."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.codes: list[str] = []
        self.refusal: BadRecord | None = None

    def act(self, act: Act) -> Future[None]:
        answer: Future[None] = Future()
        if self.refusal is not None:
            answer.set_exception(self.refusal)
        else:
            self.acts.append(act)
            answer.set_result(None)
        return answer

    def moment(self) -> tuple[datetime, float]:
        return NOON, 100.0

    def scanned(self, text: str) -> None:
        self.codes.append(text)

    @property
    def part(self) -> LanePart:
        camera = FolderCameraPart(name="trasera", kind="folder", folder=Path("fotos"))
        scanner = ScannerPart(name="lector", port="/dev/null")
        return LanePart(
            name="carril-1",
            scale=ScalePart(name="balanza", protocol="mt_continuous", port="/dev/null"),
            cameras=(camera,),
            scanners=(scanner,),
        )


class Reading:
    """A reading worker that answers at once with what it is told to see."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {CONTAINER: Sighting.empty(Seen.NOTHING, 0.0), LOOK: None}

    def submit(
        self,
        key: str,
        data: bytes,
        expected: frozenset[str],
        done: Callable[[Any], None],
        *,
        view: View | None = None,
        reader: str = CONTAINER,
    ) -> None:
        done(self.seen[reader])


def visit(**changes: object) -> Visit:
    """A truck that has stood on the scale since noon."""
    values = {"id": "v-1", "stay": "s-1", "lane": "carril-1", "arrived_at": NOON, "arrived_monotonic": 90.0}
    return Visit(**(values | changes))  # type: ignore[arg-type]


def content(description: str = "BANANO FRESCO", *findings: Finding, **item: object) -> Content:
    """What its draft says; the container is missing unless it is given."""
    values = {"sequence": 1, "description": description, "packages": 1080, "weight_kg": Decimal(21350)}
    depot = Depot(profile=Profile.TEMPORAL, district="028", oce="01904056", operator_type="17", channel="S")
    payload = Payload(
        report=ReportKind.ENTRY, depot=depot, entered_at=NOON, document=None, items=(Item(**(values | item)),)
    )
    missing = Finding(code=Code.MISSING_CONTAINER, severity=Severity.ERROR, field="/items/0/container")
    evidence = Evidence(clock="unknown", machine="pc", version="0")
    return Content(None, Status.INCOMPLETE, payload, evidence, {}, findings or (missing,))


class Page:
    """One served page with everything behind it."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.lane, self.worker = Clock(), Lane(), Reading()
        self.board = Board(("carril-1",))
        self.outbox = Outbox(folder / "gateway.db", Gate("depot", "g1"), SigningKey.generate())
        self.store = EvidenceStore(folder / "evidence")
        self.people = People(self.outbox.file, Passwords(QUICK))
        part = PagePart(hosts=("garita.example.ec",))
        self.desk = Desk(
            title="depot · g1",
            part=part,
            board=self.board,
            lanes={"carril-1": self.lane},
            outbox=self.outbox,
            store=self.store,
            people=self.people,
            pages=Pages("es", "0"),
            clock=self.clock,
            checks=Checkbook(self.outbox.file),
            sizes=Sizes(self.store.path),
            tickets=Tickets(self.outbox.file),
            aims=Aims(self.worker),
        )
        self.application = app(self.desk)
        self.server = WebServer(self.application, listen("127.0.0.1", 0))
        self.server.start()
        self.url = f"http://127.0.0.1:{self.server.port}"

    def truck(self, made: Content | None = None, **changes: object) -> None:
        """A truck comes onto the scale."""
        here = visit(**changes)
        self.board.lane(
            "carril-1", kg=Decimal(29680), stability=Stability.STABLE, visit=here, made=(made or content(),)
        )

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"origin": self.url, **headers}, timeout=30)

    def stop(self) -> None:
        self.application.state.ended = True
        self.server.stop()
        self.outbox.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Page]:
    served = Page(tmp_path)
    yield served
    served.stop()


@pytest.fixture
def client(served: Page) -> Iterator[httpx.Client]:
    with served.client() as client:
        yield client


@pytest.fixture
def enter(served: Page, client: httpx.Client) -> Callable[..., httpx.Client]:
    """Logs somebody in on the client, or on another one."""

    def do(role: Role = Role.GUARD, name: str = "Ana", on: httpx.Client | None = None) -> httpx.Client:
        served.people.add(name, role, PIN)
        visitor = on or client
        answer = visitor.post("/login", data={"name": name, "secret": PIN})
        assert answer.status_code == 303, answer.text
        return visitor

    return do


def csrf(client: httpx.Client) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
    assert found
    return found[1]


def until(condition: Callable[[], Any]) -> None:
    """Wait for a condition, looking often."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.02)
