"""Verification of what was told of reports: whatever somebody changes in the database is found."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from registry.database import reading, writing
from registry.reports.state import What
from registry.verify import verified

FIRST, LAST = (f"(SELECT {which}(position) FROM report_outbox)" for which in ("min", "max"))


def problems(depot) -> list[str]:
    with reading(depot.engine) as connection:
        return [each.code.rpartition(".")[2] for each in verified(connection).problems]


@pytest.fixture
def told(depot):
    for _ in range(3):
        depot.do(depot.send(), What.REVIEWED)
    assert problems(depot) == []
    return depot


def test_forgotten_events_leave_no_hole(told):
    with writing(told.engine) as connection:
        connection.execute(text(f"DELETE FROM report_outbox WHERE position <= {FIRST} + 1"))
    assert problems(told) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            f"DELETE FROM report_outbox WHERE position = {FIRST} + 2",
            "report_chain",
        ),
        (
            f"DELETE FROM report_outbox WHERE position = {LAST}",
            "report_head",
        ),
        ("UPDATE report_chains SET sequence = sequence + 1", "report_head"),
        ("UPDATE report_chains SET source = '/depot/registry/x'", "report_chain"),
        (
            "UPDATE reports SET version = 7",
            "report_history",
        ),
    ],
)
def test_what_was_changed_is_found(told, change, found):
    with writing(told.engine) as connection:
        connection.execute(text(change))
    assert found in problems(told)


def test_an_event_of_another_hand_is_found(told):
    with writing(told.engine) as connection:
        (body,) = connection.execute(
            text("SELECT body FROM report_outbox ORDER BY position DESC LIMIT 1")
        ).one()
        forged = bytes(body).replace(b'"clerk"', b'"judge"')
        assert forged != bytes(body)
        connection.execute(
            text(f"UPDATE report_outbox SET body = :body WHERE position = {LAST}"),
            {"body": forged},
        )
    assert "report_event" in problems(told)
