"""Several workers on one PostgreSQL: whatever they do at once, it is as if one had done it after the other."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text

from record.receipt import Answer
from record.topics import Gate
from registry import heads, locks
from registry.database import migrate, open_engine, reading, writing
from registry.receiving import Receiver
from registry.roster import Roster
from registry.tables import counters, drafts, events
from registry.verify import verified

KINDS = ("postgresql",)
WORKERS = 3


@pytest.fixture
def at_once(engine, kit, registry_key, clock):
    """Lets workers of their own receive batches at the same time: one list of batches for each of them."""

    def run(chains, *shares):
        start = threading.Barrier(len(shares))
        roster = Roster.of(kit.registry_file(*chains))

        def work(batches):
            own = open_engine(engine.url.render_as_string())
            receiver = Receiver(own, registry_key, roster, clock)
            start.wait(30)
            results = [result for batch in batches for result in receiver.receive(batch)]
            own.dispose()
            return [kit.receipt_of(result.reply.body) for result in results]

        with ThreadPoolExecutor(len(shares)) as pool:
            return list(pool.map(work, shares))

    return run


def batches(arrivals, size=5):
    return [arrivals[start : start + size] for start in range(0, len(arrivals), size)]


def test_events_that_come_to_all_workers_are_stored_once_and_answered_alike(engine, kit, chain, at_once):
    arrivals = [chain.draft() for _ in range(60)]
    answers = at_once([chain], *([batches(arrivals)] * WORKERS))
    for of_event in zip(*answers, strict=True):
        assert sorted(each.answer for each in of_event) == [Answer.ACCEPTED, *[Answer.DUPLICATE] * 2]
        assert len({each.delivery_number for each in of_event}) == 1
    with reading(engine) as connection:
        assert verified(connection).unbroken
        assert connection.execute(select(counters.c.last)).scalar_one() == 60


def test_a_chain_that_is_shared_out_ends_at_its_end_without_a_gap(
    engine, chain, receiver, clock, monkeypatch
):
    """One worker has moved the head and not yet committed while another stores the event after."""
    one, two, three = (chain.opened() for _ in range(3))
    first, second = receiver(), receiver()
    first.receive([one])
    advance = heads.advance
    moved = threading.Event()

    def advance_and_stay(connection, *place):
        advance(connection, *place)
        if not moved.is_set():
            moved.set()
            until_somebody_waits(engine)

    monkeypatch.setattr("registry.heads.advance", advance_and_stay)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(first.receive, [two])
        assert moved.wait(30)
        second.receive([three])
        done.result(30)
    clock.move(hours=1)
    with reading(engine) as connection:
        (head,) = heads.told(connection).values()
        assert (head.sequence, head.hash) == (3, chain.previous)
        assert heads.due(connection, clock()) == []


def until_somebody_waits(engine):
    """Until a transaction waits for another's lock."""
    deadline = time.monotonic() + 30
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while time.monotonic() < deadline:
        with reading(engine) as connection:
            if connection.execute(waiting).scalar_one():
                return
    raise AssertionError("nobody waits")


def test_revisions_of_a_draft_that_come_to_several_workers_end_at_the_highest(engine, kit, chain, at_once):
    names = [kit.uuid7() for _ in range(10)]
    revisions = [[chain.draft(name, revision) for name in names] for revision in (1, 2, 3)]
    answers = at_once([chain], *([each, each] for each in revisions))
    numbers = {(each.draft, each.delivery_number) for of in answers for each in of}
    assert len(numbers) == 10
    with reading(engine) as connection:
        assert connection.execute(select(drafts.c.revision)).scalars().all() == [3] * 10
        assert verified(connection).unbroken


def test_gates_in_opposite_orders_do_not_make_workers_wait_for_each_other(engine, kit, at_once):
    chains = [kit.Chain(Gate("depot", f"g{number}")) for number in range(1, 9)]
    rounds = [[chain.draft() for chain in chains] for _ in range(10)]
    at_once(chains, rounds[::2], [each[::-1] for each in rounds[1::2]])
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(events)).scalar_one() == 80
        assert {head.sequence for head in heads.told(connection).values()} == {10}


def test_who_waits_for_a_lock_sees_what_the_one_before_has_committed(engine):
    holds, waits = threading.Event(), threading.Event()

    def second():
        with writing(engine) as connection:
            holds.wait(30)
            waits.set()
            locks.hold(connection, ["b", "a"])
            return connection.execute(select(counters.c.last)).scalars().all()

    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(second)
        with writing(engine) as connection:
            locks.hold(connection, ["a", "b"])
            holds.set()
            assert waits.wait(30)
            connection.execute(counters.insert().values(oce="01234567", year=2026, last=5))
        assert found.result(30) == [5]


def test_what_many_queries_say_was_true_at_one_moment(engine):
    row = {"oce": "01234567", "year": 2026, "last": 5}
    with reading(engine) as connection:
        assert connection.execute(select(counters)).all() == []
        with writing(engine) as other:
            other.execute(counters.insert().values(row))
        assert connection.execute(select(counters)).all() == []
    with reading(engine) as connection:
        assert len(connection.execute(select(counters)).all()) == 1


def test_a_commit_is_on_the_disk_whatever_the_servers_file_says(engine, postgres):
    assert "synchronous_commit=off" in postgres.settings
    for url in (engine.url, engine.url.update_query_dict({"options": "-c work_mem=8MB"})):
        own = open_engine(url.render_as_string())
        with own.connect() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
            memory = connection.exec_driver_sql("SHOW work_mem").scalar()
        own.dispose()
    assert memory == "8MB"


def test_two_processes_may_open_a_new_database_at_once(postgres):
    url = postgres.fresh("template0")
    code = "import sys; from registry.database import *; migrate(open_engine(sys.argv[1]))"
    both = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    postgres.drop(url)
