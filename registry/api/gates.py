"""Gates for other programs: when each was last heard of, and whether anything of it is missing."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, Row, func, select

from record.base import timestamp
from registry.api.answer import refusals, told
from registry.api.caller import GateReader, Guarded
from registry.api.models import Gate, Gates, Source
from registry.api.tokens import Caller
from registry.database import reading
from registry.settings import RegistryFile
from registry.tables import heads, parked
from registry.watch.tables import gate_states
from registry.web.desk import AtDesk

router = APIRouter(prefix="/v1/gates", tags=["gates"], route_class=Guarded)

MOST_SOURCES = 20
"""Installations of one gate that are told: those heard of last."""


@router.get("", response_model=Gates, responses=refusals())
def list_gates(request: Request, desk: AtDesk, caller: GateReader) -> Response:
    """The gates of the settings, and those of which something is held."""
    with reading(desk.engine) as connection:
        found = gates(connection, desk.settings.file, caller)
    return told(request, Gates(gates=found))


def gates(connection: Connection, file: RegistryFile, caller: Caller) -> list[Gate]:
    """Every gate that the caller sees, by depot and name."""
    accepted = {
        (depot, gate): bool(e.keys) for depot, of in file.depots.items() for gate, e in of.gates.items()
    }
    sources: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(select(heads).order_by(heads.c.received_at.desc(), heads.c.source)):
        sources[row.depot, row.gate].append(row)
    said = {(row.depot, row.gate): row for row in connection.execute(select(gate_states))}
    counts = select(parked.c.depot, parked.c.gate, func.count()).group_by(parked.c.depot, parked.c.gate)
    waiting = {(depot, gate): count for depot, gate, count in connection.execute(counts)}
    names = sorted({*accepted, *sources, *waiting, *said})
    return [
        _gate(name, accepted.get(name, False), sources.get(name, []), waiting.get(name, 0), said.get(name))
        for name in names
        if caller.depots is None or name[0] in caller.depots
    ]


def _gate(
    name: tuple[str, str], accepted: bool, rows: list[Row[Any]], waiting: int, said: Row[Any] | None
) -> Gate:
    state = said.state if said is not None and isinstance(said.state, dict) else {}
    health = said.health if said is not None and isinstance(said.health, dict) else None
    return Gate(
        state=str(state["state"]) if "state" in state else None,
        state_at=timestamp(said.state_at) if said is not None and said.state_at else None,
        health=health,
        depot=name[0],
        gate=name[1],
        accepted=accepted,
        heard_at=timestamp(rows[0].received_at) if rows else None,
        whole=all(row.highest == row.sequence for row in rows),
        parked=waiting,
        sources=[
            Source(
                source=row.source,
                sequence=row.sequence,
                highest=row.highest,
                heard_at=timestamp(row.received_at),
                gap_since=timestamp(row.gap_since) if row.gap_since else None,
            )
            for row in rows[:MOST_SOURCES]
        ],
    )
