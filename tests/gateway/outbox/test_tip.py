"""The chain has no hole and no fork, whoever else writes into the file and whatever is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from gateway.outbox.letter import Letter
from gateway.outbox.outbox import Outbox
from gateway.outbox.verify import verified
from record.errors import BadRecord
from record.event import EventType
from record.proof import SigningKey
from record.topics import Gate, Stream

GATE = Gate("guayaquil", "garita-1")
TOO_LARGE = Letter(EventType.VISIT_CLOSED, "t", {"text": "x" * 70_000})


def letter(number: int) -> Letter:
    """A small letter."""
    return Letter(
        EventType.VISIT_CLOSED, GATE.lane("l1", Stream.VISIT), {"number": number}, subject=str(number)
    )


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def box(tmp_path: Path, key: SigningKey) -> Iterator[Outbox]:
    with closing(Outbox(tmp_path / "gateway.db", GATE, key)) as made:
        yield made


def sequences(box: Outbox, key: SigningKey) -> list[int]:
    """The numbers of the present installation, once all of the file is found unbroken."""
    assert verified(box.file, key.public).problems == []
    return sorted(each.sequence for each in box.find() if each.source == box.source)


def test_another_program_that_puts_is_seen(tmp_path: Path, key: SigningKey, box: Outbox) -> None:
    box.put(letter(1))
    with closing(Outbox(tmp_path / "gateway.db", GATE, key, owner=False)) as beside:
        beside.put(letter(2))
        box.put(letter(3), letter(4))
        beside.put(letter(5))
    box.put(letter(6))
    assert sequences(box, key) == [1, 2, 3, 4, 5, 6, 7]


def test_a_new_installation_opened_by_another_program_is_seen(
    tmp_path: Path, key: SigningKey, box: Outbox
) -> None:
    box.put(letter(1))
    with closing(Outbox(tmp_path / "gateway.db", GATE, key, owner=False)) as beside:
        beside.open_installation("restored")
    box.put(letter(2))
    assert sequences(box, key) == [1, 2]


def test_a_put_that_is_refused_takes_no_place(key: SigningKey, box: Outbox) -> None:
    box.put(letter(1))
    with pytest.raises(BadRecord):
        box.put(letter(2), TOO_LARGE)
    box.put(letter(3))
    assert sequences(box, key) == [1, 2, 3]


def test_a_put_inside_a_transaction_that_is_rolled_back_takes_no_place(key: SigningKey, box: Outbox) -> None:
    box.put(letter(1))
    with pytest.raises(ZeroDivisionError), box.file.writing(durable=True):
        box.put(letter(2))
        raise ZeroDivisionError
    box.put(letter(3))
    assert sequences(box, key) == [1, 2, 3]


def test_events_that_are_issued_anew_move_the_place(key: SigningKey, box: Outbox) -> None:
    old = box.source
    box.put(letter(1), letter(2))
    box.part(old, 2)
    box.put(letter(3))
    assert sequences(box, key) == [1, 2, 3, 4]


def test_several_threads_make_one_chain(key: SigningKey, box: Outbox) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: box.put(letter(number)), range(40)))
    assert sequences(box, key) == list(range(1, 42))
