"""The board: a view once given never changes, whoever writes meanwhile."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from drivers.camera.condition import PictureState
from drivers.device import DeviceState, DeviceStatus
from drivers.readings import Stability
from gateway.board import Board
from gateway.configuration import Configuration
from gateway.link.link import LinkStatus
from gateway.trouble import Trouble
from record.yamlfile import Problem, Severity

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


def test_what_threads_still_say_of_a_lane_that_is_gone_is_passed_over() -> None:
    board = Board(("carril-1", "carril-2"))
    board.lane("carril-1", kg=Decimal(40))
    board.lanes(("carril-1", "carril-3"))
    board.lane("carril-2", kg=Decimal(1))
    board.device("carril-2", DeviceStatus("balanza", DeviceState.MISSING, NOW))
    board.trouble("carril-2", Trouble.TAPE, "full")
    assert list(board.view.lanes) == ["carril-1", "carril-3"]
    assert (board.view.lanes["carril-1"].kg, board.view.troubles) == (Decimal(40), None)


def test_the_trouble_of_a_lane_goes_with_it() -> None:
    board, told = Board(("carril-1", "carril-2")), list[str | None]()
    board.on_trouble(told.append)
    board.trouble("carril-2", Trouble.MASKED, "net")
    board.lanes(("carril-1",))
    assert told == [None, "carril-2: masked", None]


def test_devices_that_a_lane_has_no_more_are_forgotten() -> None:
    board = Board(("carril-1",))
    for name in ("balanza", "lateral"):
        board.device("carril-1", DeviceStatus(name, DeviceState.STREAMING, NOW))
    board.pictures("carril-1", "lateral", PictureState.BLACK)
    board.devices("carril-1", {"balanza"})
    lane = board.view.lanes["carril-1"]
    assert (list(lane.devices), lane.pictures) == (["balanza"], {})


def test_a_file_that_is_not_followed_is_a_trouble_with_its_place() -> None:
    board = Board(("carril-1",))
    wrong = Problem("site.yaml", 14, 7, "lanes[0].scale.baud", "config.expected_int")
    board.configuration(Configuration("site.yaml", NOW, NOW, (wrong,)))
    assert "site.yaml:14:7: lanes[0].scale.baud" in str(board.view.troubles)
    doubtful = replace(wrong, severity=Severity.WARNING)
    board.configuration(Configuration("site.yaml", NOW, NOW, (doubtful,)))
    assert board.view.troubles is None


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


def test_visits_with_drafts_are_counted_and_those_that_were_announced() -> None:
    board = Board(("carril-1", "carril-2"))
    for announced in (True, False, True):
        board.drafted("carril-1", announced)
    lanes = board.view.lanes
    assert (lanes["carril-1"].drafted, lanes["carril-1"].announced) == (3, 2)
    assert (lanes["carril-2"].drafted, lanes["carril-2"].announced) == (0, 0)


def test_a_weight_that_stands_still_leaves_the_view_as_it_is() -> None:
    board = Board(("l1",))
    board.lane("l1", kg=Decimal(20))
    before = board.view
    board.lane("l1", kg=Decimal(20))
    assert board.view is before
    board.lane("l1", kg=Decimal(40))
    assert board.view is not before
    board.lane("gone", kg=Decimal(20))
