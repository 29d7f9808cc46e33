"""Heads stand before the first gap; a gap that stays is asked for, ever more seldom."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from record.event import MAX_BYTES, EventType
from record.proof import SigningKey, seal, wire
from record.registry_state import Head, RegistryState, ServiceState
from registry import heads
from registry.database import reading, writing


@pytest.fixture
def head(engine, chain):
    """Sequence and hash of the chain's head."""

    def now():
        with reading(engine) as connection:
            told = heads.told(connection).get(chain.source)
        return None if told is None else (told.sequence, told.hash)

    return now


@pytest.fixture
def due(engine, clock):
    """The gaps to be asked for, as (first, last); asking is noted."""

    def now():
        with writing(engine) as connection:
            gaps = heads.due(connection, clock())
            for gap in gaps:
                heads.asked(connection, gap, clock())
        return [(gap.first, gap.last) for gap in gaps]

    return now


def test_the_state_stays_below_64_kib_however_long_the_names_are():
    source = f"/{'d' * 32}/{'g' * 32}/{'0' * 33}"
    head = Head(sequence=2**31 - 1, hash="f" * 64)
    held = {f"{source}{number:03d}": head for number in range(heads.TOLD)}
    state = RegistryState(state=ServiceState.ONLINE, at=datetime.now(UTC), key="f" * 16, heads=held)
    assert len(wire(seal(state.to_wire(), SigningKey.generate()))) < MAX_BYTES


def test_the_head_follows_the_chain(chain, receiver, head):
    intake = receiver()
    for sequence in (1, 2, 3):
        intake.receive([chain.draft()])
        assert head() == (sequence, chain.previous)


def test_the_head_waits_before_a_gap_and_jumps_over_what_was_there(chain, receiver, head):
    intake = receiver()
    one, two, three, four = (chain.draft() for _ in range(4))
    intake.receive([one, four, three])
    assert head()[0] == 1
    intake.receive([two])
    assert head() == (4, chain.previous)


def test_whatever_the_order_the_head_ends_at_the_end(chain, receiver, head):
    arrivals = [chain.draft() for _ in range(30)]
    random.Random(7).shuffle(arrivals)
    intake = receiver()
    for start in range(0, 30, 4):
        intake.receive(arrivals[start : start + 4])
    assert head() == (30, chain.previous)


def test_the_head_passes_a_refused_event_that_holds_its_place(chain, receiver, head):
    receiver().receive([chain.draft(), chain.draft(weight_kg="heavy"), chain.draft()])
    assert head() == (3, chain.previous)


def test_a_dead_record_is_replaced_without_breaking_the_chain(kit, chain, receiver, head):
    before = chain.previous
    dead = chain.draft()
    link = chain.previous
    data = {"event": kit.event_id(dead), "hash": link, "reason": "too large for the broker"}
    record = chain.record(EventType.RECORD_DEAD, data, sequence=1, previous=before)
    chain.sequence = 1
    stand_in = chain.arrival("l1/ingress", record)
    chain.previous = link
    intake = receiver()
    intake.receive([stand_in])
    assert head() == (1, link)
    intake.receive([chain.draft()])
    assert head() == (2, chain.previous)


def test_a_gap_is_asked_for_after_thirty_seconds_and_then_ever_more_seldom(chain, receiver, clock, due):
    intake = receiver()
    one, two, three, four = (chain.draft() for _ in range(4))
    intake.receive([one, four])
    clock.move(seconds=29)
    assert due() == []
    clock.move(seconds=1)
    assert due() == [(2, 3)]
    clock.move(seconds=59)
    assert due() == []
    clock.move(seconds=1)
    assert due() == [(2, 3)]
    clock.move(hours=1)
    assert due() == [(2, 3)]
    intake.receive([two])
    clock.move(seconds=30)
    assert due() == [(3, 3)]
    intake.receive([three])
    clock.move(days=1)
    assert due() == []


def test_a_chain_whose_beginning_is_missing_is_asked_for_it(chain, receiver, clock, due, head):
    first = chain.draft()
    receiver().receive([chain.draft()])
    clock.move(seconds=30)
    assert head() is None
    assert due() == [(1, 1)]
    receiver().receive([first])
    assert due() == []
