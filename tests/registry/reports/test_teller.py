"""The teller: events of reports reach the broker in order, and only then leave the outbox."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from record.event import parse
from registry.database import reading
from registry.reports.tables import report_outbox
from registry.reports.teller import Teller


class Broker:
    """Takes as many messages as it is told to."""

    def __init__(self) -> None:
        self.room = 1000
        self.taken: list[tuple[str, int]] = []

    def deliver(self, messages, patience_s):
        taken = messages[: self.room]
        self.taken += [(topic, parse(body).sequence) for topic, body in taken]
        self.room -= len(taken)
        return len(taken)


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def teller(depot, broker, clock):
    return Teller(depot.engine, broker, clock)


def waiting(depot) -> int:
    with reading(depot.engine) as connection:
        query = select(func.count()).select_from(report_outbox).where(report_outbox.c.sent_at.is_(None))
        return connection.execute(query).scalar_one()


def test_what_the_broker_took_is_told_no_more(depot, teller, broker):
    for _ in range(3):
        depot.send()
    assert teller.tell() == (3, True)
    assert teller.tell() == (0, True)
    assert broker.taken == [("registry/v1/depot/report", number) for number in (1, 2, 3)]


def test_what_it_did_not_take_waits_in_its_place(depot, teller, broker):
    for _ in range(4):
        depot.send()
    broker.room = 2
    assert teller.tell() == (2, False)
    assert teller.tell() == (0, False)
    assert waiting(depot) == 2
    broker.room = 10
    assert teller.tell() == (2, True)
    assert [number for _, number in broker.taken] == [1, 2, 3, 4]


def test_its_thread_tells_when_it_is_woken_and_ends(depot, teller, broker):
    teller.rounds.start()
    depot.send()
    teller.rounds.wake()
    while waiting(depot):
        teller.rounds.wake()
    teller.rounds.stop()
    assert broker.taken == [("registry/v1/depot/report", 1)]


def test_what_was_told_long_ago_is_forgotten(depot, teller, clock):
    depot.send()
    teller.tell()
    depot.send()
    clock.move(days=31)
    assert teller.forget() == 1
    assert teller.forget() == 0
    assert waiting(depot) == 1
