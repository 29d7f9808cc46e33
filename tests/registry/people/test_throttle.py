"""Attempts to log in wait longer with each failure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registry.database import writing
from registry.people.throttle import FORGOTTEN, FREE, LONGEST, attempt, pause, subjects, succeeded


def test_pauses_grow_and_end_somewhere():
    waits = [pause("user:x", count) for count in range(1, 40)]
    assert waits == sorted(waits)
    assert waits[FREE["user"] - 2] == timedelta(0)
    assert waits[FREE["user"] - 1] > timedelta(0)
    assert waits[-1] == LONGEST


@pytest.fixture
def tried(engine, clock):
    def once(name: str, address: str = "10.0.0.1") -> timedelta:
        with writing(engine) as connection:
            return attempt(connection, subjects(name, address), clock())

    return once


def test_a_name_waits_from_every_address(tried, clock):
    for _ in range(FREE["user"]):
        assert tried("Ana") == timedelta(0)
    assert tried("ANA", "10.0.0.9") > timedelta(0)
    assert tried("Bea") == timedelta(0)
    clock.move(seconds=2)
    assert tried("ana") == timedelta(0)


def test_an_address_waits_for_every_name(tried):
    for number in range(FREE["address"]):
        assert tried(f"user {number}") == timedelta(0)
    assert tried("somebody else") > timedelta(0)
    assert tried("somebody else", "10.0.0.2") == timedelta(0)


def test_success_and_time_make_good(tried, engine, clock):
    for _ in range(FREE["user"]):
        tried("Ana")
    with writing(engine) as connection:
        succeeded(connection, subjects("Ana", "10.0.0.1"))
    assert tried("Ana") == timedelta(0)
    for _ in range(FREE["user"]):
        tried("Ana")
    clock.move(seconds=FORGOTTEN.total_seconds() + 1)
    assert tried("Ana") == timedelta(0)


def test_a_name_of_any_kind_can_be_counted(tried):
    for name in ("", "x" * 10_000, "\x00", "\ud800", "'; DROP TABLE users; --"):
        assert tried(name, "a" * 500) == timedelta(0)
