"""A report is no longer found by its plates once they have reached the age of personal data."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registry.database import reading, writing
from registry.people.role import Role
from registry.people.who import Who
from registry.reports import query
from registry.reports.query import Wanted
from registry.reports.retention import forget_plates

EVIDENCE = {"clock": "synchronised", "machine": "pc", "version": "0.1.0"}
PLATE = {"id": "p1", "plate": "GBO0123", "part": "tractor", "origin": "scan"}
ALL = Who("a", "Ana", Role.AUDITOR)


@pytest.fixture
def depot(depot_of):
    return depot_of()


def test_plates_are_forgotten_at_their_age_and_nothing_else_is(depot, engine, clock):
    evidence = EVIDENCE | {"plates": [PLATE]}
    old = depot.send(evidence=evidence)
    clock.move(hours=24 * 60)
    fresh = depot.send(evidence=evidence)
    clock.move(hours=24 * 31)
    before = clock() - timedelta(days=90)

    def found(words: str) -> set[str]:
        with reading(engine) as connection:
            return {row.draft for row in query.page(connection, ALL, Wanted(words=words))[0]}

    assert found("GBO-0123") == {old, fresh}
    with writing(engine) as connection:
        assert forget_plates(connection, before) > 0
        assert forget_plates(connection, before) == 0
    assert found("GBO-0123") == {fresh}
    assert found("CSQU3054383") == {old, fresh}
