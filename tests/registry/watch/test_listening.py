"""What is heard beside events: a gate's state, releases of a central system, and what neither of them is."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from record.registry_state import ServiceState
from registry.database import reading
from registry.intake import Arrival
from registry.notices import book
from registry.notices.book import Kind
from registry.watch.gates import today
from registry.watch.listening import Listener
from registry.watch.tables import gate_states

RELEASE = {"id": "rads-1", "keys": {"containers": ["CSQU3054383"]}, "reason": "load"}
IN = "registry/v1/depot/release"
STATE = "gate/v1/depot/g1/state"


@pytest.fixture
def depot(depot_of):
    return depot_of()


@pytest.fixture
def listener(depot):
    return Listener(depot.office, depot.office.file)


def arrival(topic: str, told: Any) -> Arrival:
    return Arrival.of(topic, told if isinstance(told, bytes) else json.dumps(told).encode())


def state(said: str, **more: Any) -> dict[str, Any]:
    return {"state": said, "at": "2026-11-24T17:00:00.000Z", **more}


def gates(depot):
    with reading(depot.engine) as connection:
        return today(connection, depot.ana, depot.office.file, depot.office.now())


def test_a_gate_is_shown_as_it_last_said(depot, listener):
    assert [(each.gate, each.state) for each in gates(depot)] == [("g1", None)]
    for said in ("online", "degraded"):
        listener.hear([arrival(STATE, state(said, detail="disco lleno"))])
    depot.send()
    (gate,) = gates(depot)
    assert (gate.state, gate.detail) == (ServiceState.DEGRADED, "disco lleno")
    assert (gate.drafts, gate.waiting, gate.accepted, gate.gap) == (1, 1, True, False)
    assert gate.heard_at == depot.office.now()


def test_a_state_that_is_heard_again_keeps_the_time_when_it_was_said(depot, listener, clock):
    listener.hear([arrival(STATE, state("offline"))])
    (before,) = gates(depot)
    clock.now += timedelta(hours=1)
    listener.hear([arrival(STATE, state("offline"))])
    assert gates(depot)[0].said_at == before.said_at
    listener.hear([arrival(STATE, state("online"))])
    assert gates(depot)[0].said_at == depot.office.now() > before.said_at


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        (STATE, b""),
        (STATE, b"\xff"),
        (STATE, {"state": "asleep", "at": "2026-11-24T17:00:00.000Z"}),
        (STATE, []),
        ("gate/v1/depot/g9/state", state("online")),
        ("gate/v1/other/g1/state", state("online")),
    ],
)
def test_what_is_no_state_of_a_known_gate_changes_nothing(depot, listener, topic, told):
    listener.hear([arrival(topic, told)])
    with reading(depot.engine) as connection:
        assert connection.execute(select(gate_states)).all() == []


def test_a_release_of_a_central_system_is_taken_once(depot, listener):
    wrong = (b"no release", RELEASE | {"version": 2**40}, RELEASE | {"keys": {"containers": ["A\x00"]}})
    listener.hear([arrival(IN, each) for each in (*wrong, RELEASE, RELEASE)])
    with reading(depot.engine) as connection:
        (row,) = book.page(connection, depot.ana, Kind.RELEASE)[0]
        history = book.history(connection, [row.position])
    assert (row.id, row.origin) == ("rads-1", "mqtt")
    assert [(each.what, each._mapping["name"]) for each in history] == [("taken", "MQTT")]


def test_a_release_for_another_depot_is_not_taken(depot, listener):
    listener.hear([arrival("registry/v1/elsewhere/release", RELEASE)])
    with reading(depot.engine) as connection:
        assert book.page(connection, depot.ana, Kind.RELEASE)[0] == []


@pytest.mark.parametrize(
    ("topic", "is_for"),
    [
        (IN, True),
        (STATE, True),
        ("gate/v1/depot/g1/l1/ingress", False),
        ("gate/v1/depot/g1/installation", False),
        ("registry/v1/state", False),
        ("registry/v1/../release", False),
    ],
)
def test_events_are_not_its_own(topic, is_for):
    assert Listener.is_for(topic) is is_for
