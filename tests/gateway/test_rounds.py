"""A thread that goes its rounds: at once or later, again and again, whatever one step does."""

from __future__ import annotations

import queue
import threading

from gateway.rounds import Rounds


def test_its_steps_are_taken_at_once_and_again_until_it_is_stopped() -> None:
    taken: queue.Queue[str] = queue.Queue()
    rounds = Rounds("rounds-test", 0.01, lambda: taken.put("one"), lambda: taken.put("two"))
    rounds.start()
    assert [taken.get(timeout=20) for _ in range(4)] == ["one", "two"] * 2
    rounds.stop()
    assert not any(thread.name == "rounds-test" for thread in threading.enumerate())


def test_a_step_that_fails_is_told_and_stops_no_other(caplog) -> None:
    second = threading.Event()
    rounds = Rounds("rounds-test", 3600, lambda: 1 // 0, second.set)
    rounds.start()
    assert second.wait(20)
    rounds.stop()
    assert "rounds-test: a fault of the program" in caplog.text


def test_the_first_round_may_wait() -> None:
    first = threading.Event()
    rounds = Rounds("rounds-test", 3600, first.set, first_s=3600)
    rounds.start()
    rounds.stop()
    assert not first.is_set()
