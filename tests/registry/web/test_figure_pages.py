"""Figures of the day: visits by the hour, what waits, what was read, weights against declarations."""

from __future__ import annotations

import re

import pytest

from record.event import EventType
from registry.database import reading
from registry.people.role import Role
from registry.people.who import Who
from registry.reports.completion import Asked
from registry.watch import figures

ANA = Who("ana", "Ana", Role.CLERK)


def close_visit(depot, kit, at: str) -> None:
    data = {
        "visit": kit.uuid7(),
        "stay": kit.uuid7(),
        "lane": "l1",
        "arrived_at": at,
        "departed_at": at,
        "outcome": "drafted",
        "decided_by": "machine",
    }
    record = depot.chain.record(EventType.VISIT_CLOSED, data, time=at)
    (result,) = depot._intake.receive([depot.chain.arrival("l1/visit", record)])
    assert result.outcome == "accepted", result.refused


def test_visits_by_the_hour_of_ecuador(depot, kit, clock):
    for at in ("2026-11-24T04:59:59.000Z", "2026-11-24T05:00:00.000Z", "2026-11-24T17:10:00.000Z"):
        close_visit(depot, kit, at)
    close_visit(depot, kit, "2026-11-24T17:50:00.000Z")
    with reading(depot.engine) as connection:
        bars = figures.visits(connection, ["depot"], clock.now.date())
        assert {bar.label: bar.value for bar in bars if bar.value} == {"00": 1, "12": 2}
        assert sum(bar.value for bar in figures.visits(connection, ["elsewhere"], clock.now.date())) == 0


def test_the_index_of_visits_is_used(depot):
    with reading(depot.engine) as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT time FROM events WHERE events.type = 'ec.iie.visit.closed'"
            " AND depot IN ('depot') AND time >= '2026-11-24'"
        ).all()
    assert any("ix_events_visits" in row[3] for row in plan)


def test_what_a_person_changed_was_not_read(depot, clock):
    kept, changed = depot.send(), depot.send()
    depot.send(item={"container": None, "loose": True})
    depot.complete(changed, Asked({"/items/0/container": "TEXU3070079"}, reason="mal leído"))
    with reading(depot.engine) as connection:
        last = figures.reading_rates(connection, ["depot"], clock.now.date())[-1]
    assert (last.label, last.value, last.part) == ("2026-11-24", 2, 1)
    assert kept


def test_the_page_draws_them_with_their_numbers(ana, depot, kit):
    close_visit(depot, kit, "2026-11-24T17:10:00.000Z")
    draft = depot.send()
    place = ana.get(f"/reports/{depot.report(draft)}/dae").headers["location"]
    page = ana.get(place).text
    form = {n: re.search(rf'name="{n}" value="([^"]+)"', page)[1] for n in ("csrf", "version")}
    ana.post(f"{place}/say", data={**form, "weight_kg": "20000"})
    page = ana.get("/figures").text
    assert page.count("<svg") == 4 and 'style="' not in page
    assert "<title>12: 1</title>" in page and "<title>24/11: 1 / 1</title>" in page
    assert "+5…+10" in page
    assert ana.get("/figures?day=2026-11-23").status_code == 200


@pytest.mark.parametrize("day", ["x", "0001-01-01", "9999-12-31", "2026-11-24T00:00"])
def test_a_day_that_is_none(ana, day):
    assert ana.get("/figures", params={"day": day}).status_code == 400
