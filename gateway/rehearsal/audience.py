"""What people see of a rehearsal on a terminal: the lane at work, as a table that lives."""

from __future__ import annotations

import json

from rich.console import Group
from rich.panel import Panel
from rich.table import Table

from drivers.device import DeviceState
from drivers.readings import Stability
from gateway.board import GateView, LaneView
from gateway.clerk.boxes import Certainty, boxes
from gateway.clerk.visit import Visit
from gateway.outbox.outbox import Outbox, State, Stored
from record.event import EventType
from record.identifiers.identifier import Kind
from record.messages import text

MARKS = {Stability.STABLE: "●", Stability.MOVING: "≈", Stability.UNKNOWN: "?"}


def shown(view: GateView, outbox: Outbox, lang: str) -> Group:
    """The whole picture: each lane now, the drafts so far, the outbox."""
    lanes = Table(*(text(f"demo.{name}", lang) for name in ("lane", "weight", "dae", "container", "devices")))
    for lane in view.lanes.values():
        lanes.add_row(*_lane(lane, lang))
    made = Table(*(text(f"demo.{name}", lang) for name in ("dae", "container", "kilograms", "state")))
    for draft in _drafts(outbox, lang):
        made.add_row(*draft)
    counts = outbox.counts()
    waiting = sum(count for state, count in counts.items() if state.waiting)
    link = text("demo.connected" if view.link.connected else "demo.offline", lang)
    below = text("demo.outbox", lang, link=link, received=counts[State.RECEIVED], waiting=waiting)
    return Group(
        Panel(lanes, title=text("demo.title", lang)), Panel(made, title=text("demo.drafts", lang)), below
    )


def _drafts(outbox: Outbox, lang: str) -> list[tuple[str, ...]]:
    """The latest revision of each draft, oldest first."""
    found = outbox.find(limit=50)
    latest: dict[str | None, Stored] = {}
    for event in found:
        if event.type == EventType.DRAFT:
            latest.setdefault(event.subject, event)
    return [_draft(event, lang) for event in reversed(latest.values())]


def _draft(event: Stored, lang: str) -> tuple[str, ...]:
    data = json.loads(event.body)["data"]
    item = data["payload"]["items"][0]
    document = data["payload"].get("document") or {}
    status = text(f"demo.{data['status']}", lang)
    if event.state is State.RECEIVED and event.receipt:
        state = text("demo.received", lang, status=status, number=event.receipt.get("delivery_number", "–"))
    else:
        state = text("demo.waiting", lang, status=status)
    return document.get("number", "–"), item.get("container", "–"), item.get("weight_kg", "–"), state


def _lane(lane: LaneView, lang: str) -> tuple[str, ...]:
    weight = "–" if lane.kg is None else f"{lane.kg:,.0f} kg".replace(",", " ")
    mark = MARKS[lane.stability] if lane.stability else ""
    return lane.name, f"{weight} {mark}", _dae(lane.visit), _container(lane.visit, lang), _devices(lane)


def _dae(visit: Visit | None) -> str:
    scans = visit.scans if visit else ()
    return next((scan.identifier.normal for scan in scans if scan.identifier.kind is Kind.DAE), "–")


def _container(visit: Visit | None, lang: str) -> str:
    found = boxes(visit.sightings) if visit else None
    if found is None or found.certainty is Certainty.NOTHING:
        return "–"
    if found.certainty is Certainty.KNOWN:
        return ", ".join(f"{box.number} {box.type_code or ''}".strip() for box in found.known)
    return text("demo.unsure", lang, candidates=", ".join(found.candidates[:2]))


def _devices(lane: LaneView) -> str:
    good = DeviceState.STREAMING
    return " ".join(f"{'✓' if each.state is good else '✗'}{name}" for name, each in lane.devices.items())
