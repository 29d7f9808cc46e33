"""An exit (ISE) without a release is a finding; one that comes later settles it."""

from __future__ import annotations

from typing import Any

import pytest

from record.finding import Code
from record.release import Release
from registry.database import reading, writing
from registry.notices.book import By, Kind, Origin
from registry.notices.taking import take, withdraw
from registry.releases.exits import without_release
from registry.reports.completion import Asked
from registry.reports.office import NotReady
from registry.reports.rules import Rules
from registry.reports.state import State, What

BY = By("aduana", Origin.API)


@pytest.fixture
def depot(depot_of):
    return depot_of()


def exit_of(depot, **changes: Any) -> str:
    item = {
        "sequence": 1,
        "container": "CSQU3054383",
        "description": "CACAO",
        "packages": 10,
        "packaging": "104",
        "weight_kg": "700",
    }
    payload = {
        "report": "ISE",
        "depot": {"profile": "temporal", "district": "028", "oce": "01234567", "operator_type": "05"},
        "entered_at": "2026-11-24T17:00:00.000Z",
        "document": {"type": "DAE", "number": "02820264000123456"},
        "exit_reason": "load",
        "items": [item],
    }
    return depot.send(payload=payload, **changes)


def release(depot, **keys: Any) -> None:
    made = Release.from_wire({"id": "rads-1", "keys": keys, "valid_until": "2026-12-01T00:00:00.000Z"})
    with writing(depot.engine) as connection:
        take(depot.office.book(connection), "depot", [made], BY, depot.office.now())


def matters(depot, draft: str) -> list[str]:
    found = depot.see(draft).report.matters(depot.office.rules)
    assert depot.row(draft).open_matters == len(found)
    return [each.phrase.code for each in found]


def test_an_exit_without_a_release_is_looked_at_first(depot):
    draft = exit_of(depot)
    assert matters(depot, draft) == ["finding.no_release"]
    assert depot.row(draft).tray == "complete"
    with pytest.raises(NotReady):
        depot.do(draft, What.REVIEWED)
    (judged,) = depot.see(draft).report.judged()
    depot.complete(draft, Asked(acknowledged=[judged.key], reason="papel a la vista"))
    assert matters(depot, draft) == []
    assert depot.do(draft, What.REVIEWED).state is State.REVIEWED


@pytest.mark.parametrize(
    "keys",
    [
        {"document": {"type": "DAE", "number": "02820264000123456"}},
        {"containers": ["CSQU3054383"]},
    ],
)
def test_a_release_that_comes_later_settles_it_and_its_withdrawal_opens_it(depot, keys):
    draft = exit_of(depot)
    release(depot, **keys)
    assert matters(depot, draft) == [] and depot.row(draft).tray == "review"
    assert withdraw(depot.office, Kind.RELEASE, "depot", "rads-1", BY, "error")
    assert matters(depot, draft) == ["finding.no_release"]


@pytest.mark.parametrize(
    "keys",
    [
        {"document": {"type": "DAS", "number": "02820264000123456"}},
        {"document": {"type": "DAE", "number": "02820264000000001"}},
        {"containers": ["TEXU3070079"]},
    ],
)
def test_a_release_of_other_cargo_settles_nothing(depot, keys):
    draft = exit_of(depot)
    release(depot, **keys)
    assert matters(depot, draft) == ["finding.no_release"]


def test_a_release_that_had_ended_covers_no_later_exit(depot):
    made = {
        "id": "rads-1",
        "keys": {"containers": ["CSQU3054383"]},
        "valid_until": "2026-11-24T16:59:59.000Z",
    }
    with writing(depot.engine) as connection:
        take(depot.office.book(connection), "depot", [Release.from_wire(made)], BY, depot.office.now())
    assert matters(depot, exit_of(depot)) == ["finding.no_release"]


def test_what_the_gate_said_is_not_said_twice_and_settled_by_what_the_registry_knows(depot):
    finding = {"code": Code.NO_RELEASE.value, "severity": "error", "params": {}}
    draft = exit_of(depot, findings=[finding], status="incomplete")
    assert matters(depot, draft) == ["finding.no_release"]
    release(depot, containers=["CSQU3054383"])
    assert matters(depot, draft) == []


def test_where_no_release_is_asked_for_none_is_missed(depot):
    depot.office.rules = Rules(release_required=False)
    assert matters(depot, exit_of(depot)) == []


def test_exits_without_a_release_are_listed(depot):
    draft = exit_of(depot)
    depot.send()
    with reading(depot.engine) as connection:
        assert [row.id for row in without_release(connection, depot.ana)] == [depot.report(draft)]
    release(depot, containers=["CSQU3054383"])
    with reading(depot.engine) as connection:
        assert without_release(connection, depot.ana) == []
