"""Números de entrega: never the same one twice, whoever reserves and whenever."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.database import writing
from registry.numbers import LARGEST, NumbersExhausted, reserve, written, year_of

BEFORE_MIDNIGHT = datetime(2027, 1, 1, 4, 59, 59, 999000, tzinfo=UTC)
MIDNIGHT = datetime(2027, 1, 1, 5, 0, tzinfo=UTC)


def test_a_number_has_21_characters():
    assert written("01234567", 2026, 42, "S") == "01234567202600000042S"


@given(st.integers(1, LARGEST), st.integers(2000, 2999))
def test_a_number_says_its_year_and_sequence(sequence, year):
    number = written("01234567", year, sequence, "P")
    assert (len(number), int(number[8:12]), int(number[12:20])) == (21, year, sequence)


def test_the_year_ends_at_midnight_in_ecuador():
    assert (year_of(BEFORE_MIDNIGHT), year_of(MIDNIGHT)) == (2026, 2027)


def test_each_operator_and_year_counts_from_its_first(engine):
    with writing(engine) as connection:
        assert list(reserve(connection, "01234567", 2026, 100, 3)) == [100, 101, 102]
        assert list(reserve(connection, "01234567", 2027, 1)) == [1]
        assert list(reserve(connection, "99999999", 2026, 7)) == [7]
        assert list(reserve(connection, "01234567", 2026, 500)) == [103]


def test_what_is_rolled_back_was_never_given_out(engine):
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        reserve(connection, "01234567", 2026, 1)
        raise ZeroDivisionError
    with writing(engine) as connection:
        assert reserve(connection, "01234567", 2026, 1) == range(1, 2)


def test_after_the_last_number_there_is_none(engine):
    with writing(engine) as connection:
        assert reserve(connection, "01234567", 2026, LARGEST) == range(LARGEST, LARGEST + 1)
    with pytest.raises(NumbersExhausted), writing(engine) as connection:
        reserve(connection, "01234567", 2026, 1)


WORKER = """
import sys
from registry.database import open_engine, writing
from registry.numbers import reserve
engine = open_engine(sys.argv[1])
for _ in range(60):
    with writing(engine) as connection:
        mine = reserve(connection, "01234567", 2026, 1, 3)
    print(*mine, flush=True)
"""


def test_two_workers_at_once_never_get_the_same_number(engine):
    url = engine.url.render_as_string()
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, url], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    given_out = [worker.communicate()[0].split() for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    assert sorted(int(number) for of in given_out for number in of) == list(range(1, 361))


def test_the_first_draft_after_new_year_begins_a_new_count(kit, chain, receiver, clock):
    intake = receiver()
    numbers = []
    for clock.now in (BEFORE_MIDNIGHT, BEFORE_MIDNIGHT, MIDNIGHT):
        (result,) = intake.receive([chain.draft()])
        numbers.append(kit.receipt_of(result.reply.body).delivery_number)
    assert [number[8:20] for number in numbers] == ["202600000001", "202600000002", "202700000001"]
