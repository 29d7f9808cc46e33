"""The states of a report and what leads from one to another."""

from __future__ import annotations

import pytest

from registry.reports.state import MOVES, OVERRIDES, State, What, move, possible


def test_the_usual_ways():
    for way in (
        (What.REVIEWED, What.EXPORTED, What.APPROVED),
        (What.REVIEWED, What.QUEUED, What.SENT, What.APPROVED),
        (What.REVIEWED, What.QUEUED, What.SENT, What.REJECTED, What.REOPENED, What.REVIEWED),
        (What.REVIEWED, What.QUEUED, What.FAILED, What.REOPENED),
        (What.REVIEWED, What.QUEUED, What.UNQUEUED, What.EXPORTED, What.REJECTED),
    ):
        state = State.DRAFT
        for what in way:
            after = move(what, state)
            assert after is not None, (what, state)
            state = after


@pytest.mark.parametrize("state", [State.APPROVED, State.WITHDRAWN])
def test_what_is_over_is_over(state):
    assert possible(state) == ()


def test_only_a_supervisor_overrides_an_answer():
    for what, states in OVERRIDES.items():
        for state in states:
            assert move(what, state) is None
            assert move(what, state, override=True) is MOVES[what][1]


def test_nothing_leads_to_customs_without_a_review():
    for what, (sources, target) in MOVES.items():
        if target.has_left and what is not What.SENT:
            assert State.DRAFT not in sources


def test_letters_of_customs_systems():
    letters = {state: state.letter for state in State if state.letter}
    assert letters == {
        State.QUEUED: "N",
        State.SENT: "S",
        State.APPROVED: "A",
        State.REJECTED: "R",
        State.ERROR: "E",
    }
