"""Everything dies at random; and three deliberate faults that this would find."""

from __future__ import annotations

import pytest

from benchmarks.chaos import run

SECONDS = 20.0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_doubled_or_out_of_its_chain(tmp_path, seed):
    outcome = run(tmp_path, seed, SECONDS)
    assert outcome.wrong == [], tmp_path
    assert outcome.journalled > 0
    assert outcome.trucks > 0
    assert outcome.actions["kill_gate_in_mid_visit"] > 0
    assert sum(outcome.actions.values()) > 2


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(3, 13))
def test_nothing_is_lost_in_a_minute(tmp_path, seed):
    assert run(tmp_path, seed, 60.0).wrong == [], tmp_path


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("fault", "action"),
    [
        ("acknowledged", "kill_broker_while_registry_is_away"),
        ("early", "kill_registry"),
        ("copy", "lay_in_copy"),
    ],
)
def test_a_deliberate_fault_is_found(tmp_path, fault, action):
    outcome = run(tmp_path, 1, 2.0, fault=fault, actions=[action])
    assert any("are not at the registry" in wrong for wrong in outcome.wrong)
