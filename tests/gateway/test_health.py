"""A gate tells its condition when it differs, and leaves out what does not answer."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from drivers.device import DeviceState, DeviceStatus
from gateway.board import Board
from gateway.clock import ClockState
from gateway.health import Examined, Health, free_percent
from gateway.outbox.letter import Letter
from gateway.outbox.outbox import Outbox
from record.event import EventType
from record.health import GateHealth
from record.proof import SigningKey
from record.topics import Gate, Stream

GATE = Gate("guayaquil", "garita-1")
START = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Stage:
    """A gate's parts, a clock that goes on by a second each time it is read, and what was told."""

    def __init__(self, folder) -> None:
        self.board = Board(("norte",))
        self.box = Outbox(folder / "gateway.db", GATE, SigningKey.generate())
        self.told: list[bytes] = []
        self.seconds = 0
        examined = Examined(
            lambda: self.board.view, self.box, folder, self.now, lambda: ClockState.SYNCHRONISED
        )
        self.health = Health(examined, self.tell)

    def now(self) -> datetime:
        self.seconds += 1
        return START + timedelta(seconds=self.seconds)

    def tell(self, payload: bytes) -> None:
        self.told.append(payload)

    def last(self) -> GateHealth:
        return GateHealth.from_bytes(self.told[-1])


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path)
    with closing(made.box):
        yield made


def test_it_is_told_once_and_again_only_when_something_differs(stage):
    assert stage.health.look()
    assert not stage.health.look()
    stage.board.device("norte", DeviceStatus("scale", DeviceState.STREAMING, START))
    assert stage.health.look()
    assert stage.last().devices == {"norte": {"scale": "streaming"}}
    assert not stage.health.look()
    stage.board.device("norte", DeviceStatus("scale", DeviceState.SILENT, START))
    assert stage.health.look()
    assert [json.loads(each)["devices"]["norte"] for each in stage.told] == [
        {},
        {"scale": "streaming"},
        {"scale": "silent"},
    ]


def test_it_says_how_much_waits_and_since_when(stage):
    stage.health.look()
    (opened,) = stage.box.find()
    assert stage.last().outbox.waiting == 1
    stage.box.put(Letter(EventType.VISIT_CLOSED, GATE.lane("norte", Stream.VISIT), {"n": 1}))
    stage.health.look()
    assert stage.last().outbox.waiting == 2
    assert stage.last().outbox.oldest == datetime.fromisoformat(opened.created_at)


def test_an_outbox_that_does_not_answer_is_left_out(stage):
    stage.box.close()
    stage.health.look()
    assert stage.last().outbox is None
    assert "outbox" not in json.loads(stage.told[-1])


def test_room_that_cannot_be_asked_for_is_left_out(tmp_path):
    assert free_percent(tmp_path / "nowhere") is None
    assert 0 <= free_percent(tmp_path) <= 100
