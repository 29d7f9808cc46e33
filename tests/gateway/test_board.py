"""The board: a view once given never changes, whoever writes meanwhile."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from drivers.device import DeviceState, DeviceStatus
from drivers.readings import Stability
from gateway.board import Board
from gateway.link.link import LinkStatus

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


def test_a_new_board_has_its_lanes_and_knows_nothing() -> None:
    view = Board(("carril-1", "carril-2")).view
    assert list(view.lanes) == ["carril-1", "carril-2"]
    assert (view.lanes["carril-1"].kg, view.lanes["carril-1"].visit) == (None, None)
    assert not view.link.connected


def test_a_view_that_was_given_stays_as_it_was() -> None:
    board = Board(("carril-1",))
    before = board.view
    board.lane("carril-1", kg=Decimal(20), stability=Stability.STABLE)
    board.device("carril-1", DeviceStatus("balanza", DeviceState.STREAMING, NOW))
    board.link(LinkStatus(connected=True))
    assert before.lanes["carril-1"].kg is None
    assert before.lanes["carril-1"].devices == {}
    assert not before.link.connected
    after = board.view
    assert after.lanes["carril-1"].kg == Decimal(20)
    assert after.lanes["carril-1"].devices["balanza"].state is DeviceState.STREAMING
    assert after.link.connected


def test_one_lane_changes_and_the_others_stay() -> None:
    board = Board(("carril-1", "carril-2"))
    board.lane("carril-2", kg=Decimal(40))
    assert board.view.lanes["carril-1"].kg is None
    assert board.view.lanes["carril-2"].kg == Decimal(40)


def test_a_device_has_one_status_the_newest() -> None:
    board = Board(("carril-1",))
    for state in (DeviceState.STREAMING, DeviceState.MISSING):
        board.device("carril-1", DeviceStatus("balanza", state, NOW))
    assert [each.state for each in board.view.lanes["carril-1"].devices.values()] == [DeviceState.MISSING]


def test_a_lane_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        Board(("carril-1",)).lane("carril-9", kg=Decimal(1))


def test_no_change_of_any_thread_is_lost() -> None:
    names = tuple(f"carril-{number}" for number in range(1, 5))
    board, start = Board(names), threading.Barrier(len(names))

    def work(name: str) -> None:
        start.wait()
        for number in range(200):
            board.device(name, DeviceStatus(f"d{number}", DeviceState.STREAMING, NOW))

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(lane.devices) for lane in board.view.lanes.values()] == [200] * len(names)
