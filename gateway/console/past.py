"""What has been: the last trucks with their drafts and receipts, the outbox, and what people did."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.console.desk import Desk, desk_of
from gateway.console.lane_page import at, shown
from gateway.console.person import Right
from gateway.console.visitor import working
from gateway.outbox.outbox import State, Stored
from record.event import EventType

LATEST = 300
"""Events that are looked through for the last trucks."""

TRUCKS = 40


@dataclass(frozen=True, slots=True)
class Sent:
    """One draft in its newest revision: what it says, where it is, and the registry's number once it is there."""

    document: str
    container: str
    weight_kg: str
    status: str
    state: str
    received_at: str | None
    number: str | None
    crop: str | None


@dataclass(frozen=True, slots=True)
class Truck:
    """A closed visit with its drafts."""

    lane: str
    arrived_at: str
    outcome: str
    drafts: tuple[Sent, ...]


def trucks(events: Iterable[Stored]) -> list[Truck]:
    """The last visits among events, the newest first."""
    drafts: dict[str, dict[str, Any]] = {}
    stored: dict[str, Stored] = {}
    closed: list[dict[str, Any]] = []
    for event in events:
        if event.type == EventType.VISIT_CLOSED:
            closed.append(json.loads(event.body)["data"])
        elif event.type == EventType.DRAFT:
            data = json.loads(event.body)["data"]
            if data["draft"] not in drafts or data["revision"] > drafts[data["draft"]]["revision"]:
                drafts[data["draft"]], stored[data["draft"]] = data, event
    return [
        Truck(
            lane=visit["lane"],
            arrived_at=visit["arrived_at"],
            outcome=visit["outcome"],
            drafts=tuple(
                sent(drafts[draft], stored[draft]) for draft in visit.get("drafts", ()) if draft in drafts
            ),
        )
        for visit in closed[:TRUCKS]
    ]


def sent(data: dict[str, Any], event: Stored) -> Sent:
    """One draft."""
    payload, sightings = data["payload"], data["evidence"].get("sightings", ())
    receipt = event.receipt or {}
    return Sent(
        document=_document(payload.get("document")),
        container=shown(at(payload, "/items/0/container")),
        weight_kg=shown(at(payload, "/items/0/weight_kg")),
        status=data["status"],
        state=event.state.value,
        received_at=receipt.get("at"),
        number=receipt.get("delivery_number"),
        crop=next((seen["crop"] for seen in reversed(sightings) if seen.get("crop")), None),
    )


def _document(document: dict[str, Any] | None) -> str:
    """Type and number, in the order in which people say them."""
    return f"{document['type']} {document['number']}" if document else ""


async def visits(request: Request) -> Response:
    """The last trucks."""
    await working(request)
    desk = desk_of(request)
    found = await run_in_threadpool(_trucks, desk)
    return desk.pages.render(request, "visits.html", {"trucks": found})


def _trucks(desk: Desk) -> list[Truck]:
    return trucks(desk.outbox.find(limit=LATEST))


async def outbox(request: Request) -> Response:
    """What waits, what was refused, what can never be delivered."""
    await working(request)
    desk = desk_of(request)
    counts = await run_in_threadpool(desk.outbox.counts)
    states = (State.NEW, State.SENT, State.ACKNOWLEDGED, State.REFUSED, State.DEAD)
    waiting = await run_in_threadpool(lambda: desk.outbox.find(states=states, limit=100))
    values = {"counts": counts, "events": waiting, "view": desk.board.view}
    return desk.pages.render(request, "outbox.html", values)


async def audit(request: Request) -> Response:
    """What people did."""
    await working(request, Right.VOID)
    desk = desk_of(request)
    traces = await run_in_threadpool(desk.people.traces)
    return desk.pages.render(request, "audit.html", {"traces": traces})


ROUTES = [Route("/visits", visits), Route("/outbox", outbox), Route("/audit", audit)]
