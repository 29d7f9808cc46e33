"""What devices said last is there for support, also while the gate holds their ports."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.device import DeviceState, DeviceStatus
from gateway.board import Board
from gateway.last_heard import FILE, LastHeard
from gateway.site.checks import read_site

RIGHT = Path(__file__).parent / "broken_sites" / "right.yaml"
START = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def board():
    made = Board(("lane-1",))
    made.device("lane-1", DeviceStatus("scale", DeviceState.STREAMING, START, last_raw=b"029680000000\r"))
    made.device(
        "lane-1", DeviceStatus("booth", DeviceState.STREAMING, START, last_raw=b"1710034065 MERO ANA\r")
    )
    return made


def watched(board: Board, folder: Path, every: int) -> LastHeard:
    site = read_site(RIGHT)
    return LastHeard(lambda: board.view, lambda: site, folder, every)


def written(folder: Path) -> dict[str, bytes]:
    return {each["device"]: bytes.fromhex(each["raw"]) for each in json.loads((folder / FILE).read_text())}


def test_a_scales_frame_is_kept_as_it_came_and_of_a_scanners_the_shape(board, tmp_path):
    watched(board, tmp_path, every=1).look()
    assert written(tmp_path) == {"scale": b"029680000000\r", "booth": b"0000000000 AAAA AAA\r"}


@pytest.mark.parametrize("every", [2, 3])
def test_the_first_look_is_written_and_then_one_of_several(board, tmp_path, every):
    heard = watched(board, tmp_path, every)
    heard.look()
    board.device("lane-1", DeviceStatus("scale", DeviceState.SILENT, START, last_raw=b"000000000000\r"))
    for _ in range(every - 1):
        heard.look()
    assert written(tmp_path)["scale"] == b"029680000000\r"
    heard.look()
    assert written(tmp_path)["scale"] == b"000000000000\r"


def test_where_nothing_differs_nothing_is_written(board, tmp_path):
    heard = watched(board, tmp_path, every=1)
    heard.look()
    (tmp_path / FILE).unlink()
    heard.look()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_stops_nothing(board, tmp_path):
    heard = watched(board, tmp_path / "later", every=1)
    heard.look()
    (tmp_path / "later").mkdir()
    heard.look()
    assert set(written(tmp_path / "later")) == {"scale", "booth"}
