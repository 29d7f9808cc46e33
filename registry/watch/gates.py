"""Gates today: what each says of itself, when it was last heard of, what has come from it, what is missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from record.errors import BadRecord
from record.registry_state import GateState, ServiceState
from registry.numbers import ECUADOR
from registry.people.who import Who
from registry.reports.tables import reports
from registry.reports.tray import Tray
from registry.settings import RegistryFile
from registry.tables import drafts, events, heads, parked
from registry.watch.figures import VISITS
from registry.watch.tables import gate_states


@dataclass(frozen=True, slots=True)
class Today:
    """One gate. ``state`` is None where it has said nothing yet; ``gap``: events of it are missing."""

    depot: str
    gate: str
    accepted: bool
    state: ServiceState | None = None
    said_at: datetime | None = None
    detail: str | None = None
    heard_at: datetime | None = None
    gap: bool = False
    parked: int = 0
    visits: int = 0
    drafts: int = 0
    waiting: int = 0


def today(connection: Connection, who: Who, file: RegistryFile, now: datetime) -> list[Today]:
    """Every gate of the settings that the person sees, by depot and name."""
    begin = datetime.combine(now.astimezone(ECUADOR).date(), time(0), tzinfo=ECUADOR).astimezone(UTC)
    depots = [depot for depot in sorted(file.depots) if who.sees(depot)]
    said = {(row.depot, row.gate): row for row in connection.execute(select(gate_states))}
    heard, gaps = _heads(connection)
    visits = _counted(
        connection,
        select(events.c.depot, events.c.gate, func.count())
        .where(VISITS, events.c.depot.in_(depots))
        .where(events.c.time >= begin, events.c.time < begin + timedelta(days=1))
        .group_by(events.c.depot, events.c.gate),
    )
    made = _counted(
        connection,
        select(drafts.c.depot, drafts.c.gate, func.count())
        .where(drafts.c.depot.in_(depots), drafts.c.received_at >= begin)
        .group_by(drafts.c.depot, drafts.c.gate),
    )
    waiting = _counted(
        connection,
        select(reports.c.depot, reports.c.gate, func.count())
        .where(reports.c.tray.in_([Tray.COMPLETE.value, Tray.REVIEW.value]), reports.c.gate.is_not(None))
        .group_by(reports.c.depot, reports.c.gate),
    )
    aside = _counted(
        connection,
        select(parked.c.depot, parked.c.gate, func.count()).group_by(parked.c.depot, parked.c.gate),
    )
    found = []
    for depot in depots:
        for gate, entry in sorted(file.depots[depot].gates.items()):
            name = (depot, gate)
            row = said.get(name)
            state = _state(row.state) if row is not None else None
            found.append(
                Today(
                    depot,
                    gate,
                    accepted=bool(entry.keys),
                    state=state.state if state else None,
                    said_at=row.state_at if row is not None else None,
                    detail=state.detail if state else None,
                    heard_at=heard.get(name),
                    gap=name in gaps,
                    parked=aside[name],
                    visits=visits[name],
                    drafts=made[name],
                    waiting=waiting[name],
                )
            )
    return found


def _heads(connection: Connection) -> tuple[dict[tuple[str, str], datetime], set[tuple[str, str]]]:
    """When each gate was last heard of, and of which something is missing."""
    heard: dict[tuple[str, str], datetime] = {}
    gaps = set()
    for row in connection.execute(select(heads)):
        name = (row.depot, row.gate)
        heard[name] = max(heard.get(name, row.received_at), row.received_at)
        if row.highest > row.sequence:
            gaps.add(name)
    return heard, gaps


def _counted(connection: Connection, query: Select[Any, Any, int]) -> Counter[tuple[str, str]]:
    return Counter({(depot, gate): count for depot, gate, count in connection.execute(query)})


def _state(told: object) -> GateState | None:
    try:
        return GateState.from_wire(told)
    except BadRecord:
        return None
