"""The window by itself: when an event goes again, and when it does not."""

from __future__ import annotations

import pytest

from gateway.link.flight import LONGEST_REFUSED_S, LONGEST_RESEND_S, Flight


@pytest.fixture
def stored(outbox, letter):
    return outbox.put(letter(), letter(), letter())


def test_what_has_landed_is_on_its_way_no_more(stored):
    flight = Flight(2, 10)
    for mid, event in enumerate(stored):
        flight.depart(event, mid)
    assert len(flight) == 3
    flight.land([stored[0].row, 999])
    assert len(flight) == 2
    assert stored[0].row not in flight
    assert flight.of_event(stored[0].id) is None
    assert flight.of_event(stored[1].id) == stored[1]


def test_what_the_broker_has_not_taken_is_never_due(stored):
    flight = Flight(2, 10)
    flight.depart(stored[0], 1)
    assert flight.due(1e9) == []
    assert flight.untaken == [stored[0]]


def test_each_wait_is_twice_the_one_before_up_to_a_limit(stored):
    flight = Flight(2, 10)
    moment, waits = 0.0, []
    for mid in range(8):
        flight.depart(stored[0], mid)
        assert flight.acknowledged(mid, moment) is not None
        due = flight.by_row[stored[0].row].due
        waits.append(due - moment)
        assert flight.due(due - 0.001) == []
        assert len(flight.due(due)) == 1
        moment = due
    for number, wait in enumerate(waits):
        patience = min(10 * 2**number, LONGEST_RESEND_S)
        assert patience <= wait <= 1.25 * patience


def test_an_answer_to_an_earlier_sending_says_nothing(stored):
    flight = Flight(2, 10)
    flight.depart(stored[0], 1)
    flight.depart(stored[0], 2)
    assert flight.acknowledged(1, 0.0) is None
    assert flight.refused(77, 0.0) is None
    assert flight.due(1e9) == []


def test_what_is_taken_may_be_hurried(stored):
    flight = Flight(2, 10)
    flight.depart(stored[0], 1)
    flight.depart(stored[1], 2)
    flight.acknowledged(1, 0.0)
    flight.hurry(1.0)
    assert [each.letter for each in flight.due(1.0)] == [stored[0]]


def test_refusals_are_counted_and_tried_again_soon(stored):
    flight = Flight(2, 10)
    for number in range(3):
        flight.depart(stored[0], number)
        refused = flight.refused(number, 0.0)
        assert refused.refusals == number + 1
        assert refused.due == 0.25 * 2**number


def test_after_days_without_an_answer_it_still_goes_again(stored):
    flight = Flight(2, 10.0)
    for number in range(2000):
        flight.depart(stored[0], number)
        taken = flight.acknowledged(number, 0.0)
    assert LONGEST_RESEND_S <= taken.due <= 1.25 * LONGEST_RESEND_S
    for number in range(2000):
        flight.depart(stored[1], number)
        refused = flight.refused(number, 0.0)
    assert refused.due == LONGEST_REFUSED_S
