"""Inputs and outputs on pymodbus's own server, over TCP and over a serial line."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.device import Backoff, DeviceState, Supervisor
from drivers.errors import Advice, CannotOpen, DeviceError, NotAvailable, OperationFailed
from drivers.port import Line
from drivers.readings import Signal, Stamped
from drivers.signal.board import Point
from drivers.signal.device import Signals
from drivers.signal.modbus import ModbusBoard
from drivers.simulator.modbus import ModbusSimulator
from gateway.rehearsal.broker import free_port

Until = Callable[[Callable[[], Any]], None]

LOOP, BARRIER, BUTTON = Point("loop", 3), Point("barrier", 9, inverted=True), Point("button", 5, coil=True)
GREEN, RELEASE = Point("green", 0), Point("release", 7, inverted=True)


@pytest.fixture
def number() -> int:
    return free_port()


@pytest.fixture
def module(number: int) -> Iterator[ModbusSimulator]:
    with ModbusSimulator(f"127.0.0.1:{number}") as module:
        yield module


def board(number: int, **options: Any) -> ModbusBoard:
    line = Line(f"socket://127.0.0.1:{number}")
    return ModbusBoard(line, [LOOP, BARRIER, BUTTON], [GREEN, RELEASE], **options)


def test_inputs_are_read_by_kind_and_inverted_ones_are_turned(module: ModbusSimulator, number: int) -> None:
    opened = board(number)
    assert opened.inputs() == {"loop": False, "barrier": True, "button": False}
    module.set_input(3, True)
    module.set_input(9, True)
    module.set_coil(5, True)
    assert opened.inputs() == {"loop": True, "barrier": False, "button": True}
    opened.close()


def test_outputs_are_set_and_inverted_ones_are_turned(module: ModbusSimulator, number: int) -> None:
    opened = board(number)
    for on in (True, False):
        opened.set("green", on)
        opened.set("release", on)
        assert module.coil(0) is on
        assert module.coil(7) is not on
    opened.close()


def test_over_a_serial_line(tmp_path: Path, until: Until) -> None:
    near, far = tmp_path / "near", tmp_path / "far"
    pair = subprocess.Popen(["socat", *(f"pty,raw,echo=0,link={each}" for each in (near, far))])
    until(lambda: near.exists() and far.exists())
    with ModbusSimulator(far) as module:
        opened = ModbusBoard(Line(str(near)), [LOOP], [GREEN])
        module.set_input(3, True)
        assert opened.inputs() == {"loop": True}
        opened.set("green", True)
        assert module.coil(0)
        opened.close()
    pair.terminate()
    pair.wait(10)


def test_nobody_there(number: int) -> None:
    with pytest.raises(NotAvailable) as caught:
        board(number, timeout=0.2)
    assert caught.value.advice is Advice.CHECK_ADDRESS


def test_a_module_that_goes_away(number: int) -> None:
    with ModbusSimulator(f"127.0.0.1:{number}"):
        opened = board(number)
        opened.inputs()
    with pytest.raises(OperationFailed):
        opened.inputs()
    opened.close()


def test_a_number_that_the_module_does_not_have_is_a_setting_to_correct(
    module: ModbusSimulator, number: int
) -> None:
    opened = ModbusBoard(Line(f"socket://127.0.0.1:{number}"), [Point("far", 900)], [])
    with pytest.raises(DeviceError, match="read_discrete_inputs 900") as caught:
        opened.inputs()
    assert caught.value.advice is Advice.CHECK_SETTINGS
    assert not caught.value.retry
    opened.close()


def test_inputs_too_far_apart(number: int) -> None:
    with pytest.raises(CannotOpen, match="2000"):
        ModbusBoard(Line(f"socket://127.0.0.1:{number}"), [Point("a", 0), Point("b", 2000)], [])


def test_a_light_is_lit_again_when_the_module_is_back_and_a_barrier_is_not_opened_late(
    number: int, until: Until
) -> None:
    signals = Signals("posts", lambda: board(number, timeout=0.5), ["green", "release"], poll=0.01)
    delivered: list[Stamped] = []
    supervisor = Supervisor(
        signals, delivered.append, lambda _: None, stale_after=None, backoff=Backoff(0.01, 0.02)
    )
    before = threading.active_count()
    supervisor.start()
    with ModbusSimulator(f"127.0.0.1:{number}") as module:
        until(lambda: delivered)
        signals.set("green", True)
        until(lambda: module.coil(0))
    until(lambda: supervisor.status.state is DeviceState.MISSING)
    with pytest.raises(NotAvailable, match="release"):
        signals.pulse("release")
    with ModbusSimulator(f"127.0.0.1:{number}") as module:
        until(lambda: module.coil(0) and module.coil(7))
        module.set_input(3, True)
        until(lambda: Signal("loop", True) in [each.reading for each in delivered])
        assert supervisor.stop()
        assert not module.coil(0)
    until(lambda: threading.active_count() <= before)
