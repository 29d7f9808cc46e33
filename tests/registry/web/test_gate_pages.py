"""Today's gates at the console."""

from __future__ import annotations

import json

from registry.intake import Arrival
from registry.people.role import Role
from registry.watch.listening import Listener


def test_gates_are_live_and_others_are_not_seen(client, enrol, console, depot_of):
    depot = depot_of(console)
    enrol("Ana", Role.CLERK, client)
    page = client.get("/gates").text
    assert "no ha dicho nada" in page and 'hx-get="/gates/rows"' in page
    told = {"state": "offline", "at": "2026-11-24T17:00:00.000Z", "detail": "<b>x</b>"}
    listener = Listener(depot.office, console.settings.file)
    listener.hear([Arrival.of("gate/v1/depot/g1/state", json.dumps(told).encode())])
    depot.send()
    rows = client.get("/gates/rows").text
    assert "Sin conexión" in rows and "<b>x</b>" not in rows and "&lt;b&gt;" in rows
    with console.client() as other:
        enrol("Otra", Role.CLERK, other, depots=["elsewhere"])
        assert "g1" not in other.get("/gates/rows").text
