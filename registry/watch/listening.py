"""What the registry hears beside events: each gate's retained state, and releases that a central system brings.

gate/v1/{depot}/{gate}/state       kept as it was last said; nobody signs it
registry/v1/{depot}/release        taken in as a file's would be; what cannot be taken is told in the log
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from record.errors import BadRecord
from record.registry_state import GateState
from record.release import Release
from record.topics import Gate, depot_of_released, gate_of
from registry.database import writing
from registry.intake import Arrival
from registry.notices.book import By, Origin
from registry.notices.taking import take
from registry.reports.office import Office
from registry.settings import RegistryFile
from registry.watch.tables import gate_states

log = logging.getLogger(__name__)

LONGEST_DETAIL = 500
BY = By("MQTT", Origin.MQTT)


class Listener:
    """Takes in what is heard beside events. `hear` may be called again with the same: nothing comes of it twice."""

    def __init__(self, office: Office, file: RegistryFile) -> None:
        """Gates and depots that are not in the settings are not listened to."""
        self._office = office
        self._gates = {depot: frozenset(of.gates) for depot, of in file.depots.items()}

    @staticmethod
    def is_for(topic: str) -> bool:
        """Whether a topic is one of those, not an event's."""
        return depot_of_released(topic) is not None or (topic.endswith("/state") and topic.count("/") == 4)

    def hear(self, arrivals: Sequence[Arrival]) -> None:
        """Take in what has come. Raises what the database does."""
        if not arrivals:
            return
        with writing(self._office.engine) as connection:
            for each in arrivals:
                try:
                    self._take(connection, each)
                except BadRecord as error:
                    log.error("%s: not taken: %s", each.topic[:120], str(error)[:300])

    def _take(self, connection: Connection, arrival: Arrival) -> None:
        depot = depot_of_released(arrival.topic)
        if depot is None:
            self._keep(connection, gate_of(arrival.topic), arrival.body)
        elif depot not in self._gates:
            raise BadRecord(f"{depot!r} is no depot of the settings")
        else:
            release = Release.from_bytes(arrival.body)
            take(self._office.book(connection), depot, [release], BY, self._office.now())

    def _keep(self, connection: Connection, gate: Gate, body: bytes) -> None:
        """Keep what a gate says of itself, with the time when it was first heard: a retained state comes again at each
        connection. An empty message says nothing."""
        if gate.gate not in self._gates.get(gate.depot, ()) or not body:
            return
        state = GateState.from_bytes(body)
        told = {**state.to_wire(), **({"detail": state.detail[:LONGEST_DETAIL]} if state.detail else {})}
        if told != _held(connection, gate):
            write_state(connection, gate, told, self._office.now())


def _held(connection: Connection, gate: Gate) -> Any:
    """What the gate last said of itself, None where it has said nothing yet."""
    column = gate_states.c
    return connection.execute(
        select(column.state).where(column.depot == gate.depot, column.gate == gate.gate)
    ).scalar()


def write_state(connection: Connection, gate: Gate, state: dict[str, Any], now: datetime) -> None:
    """Write a gate's state over the one before."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"state": state, "state_at": now}
    query = make(gate_states).values(depot=gate.depot, gate=gate.gate, **values)
    connection.execute(query.on_conflict_do_update(index_elements=["depot", "gate"], set_=values))
