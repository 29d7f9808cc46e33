"""Pins of a chip that is not there: a fake of what libgpiod gives."""

from collections.abc import Sequence
from typing import Any

import pytest

from drivers.errors import Advice, CannotOpen, NotAvailable, OperationFailed
from drivers.signal.board import Point
from drivers.signal.gpio import GpioBoard, open_lines

LOOP, GATE = Point("loop", 17), Point("gate", 27, inverted=True)
GREEN, RELEASE = Point("green", 22), Point("release", 23, inverted=True)


class FakeLines:
    def __init__(self) -> None:
        self.active = {17: False, 27: False}
        self.unplugged = False
        self.closed = False

    def _check(self) -> None:
        if self.unplugged:
            raise OSError(19, "No such device")

    def get(self, number: int) -> bool:
        self._check()
        return self.active[number]

    def set(self, number: int, active: bool) -> None:
        self._check()
        self.active[number] = active

    def wait(self, timeout: float) -> None:
        self._check()

    def close(self) -> None:
        self.closed = True
        self._check()


@pytest.fixture
def lines() -> FakeLines:
    return FakeLines()


def board(lines: FakeLines) -> GpioBoard:
    return GpioBoard("/dev/gpiochip0", [LOOP, GATE], [GREEN, RELEASE], opener=lambda *_: lines)


def test_inputs_and_outputs_with_inverted_ones_turned(lines: FakeLines) -> None:
    opened = board(lines)
    assert opened.inputs() == {"loop": False, "gate": True}
    lines.active |= {17: True, 27: True}
    assert opened.inputs() == {"loop": True, "gate": False}
    opened.set("green", True)
    opened.set("release", True)
    assert (lines.active[22], lines.active[23]) == (True, False)
    opened.wait(0)
    opened.close()
    assert lines.closed


def test_a_chip_that_goes_away(lines: FakeLines) -> None:
    opened = board(lines)
    lines.unplugged = True
    for operation in (opened.inputs, lambda: opened.set("green", True), lambda: opened.wait(0)):
        with pytest.raises(OperationFailed):
            operation()
    opened.close()


@pytest.mark.parametrize(
    ("error", "kind", "advice"),
    [
        (PermissionError(13, "Permission denied"), CannotOpen, Advice.CHECK_PERMISSION),
        (FileNotFoundError(2, "No such file"), NotAvailable, Advice.CHECK_SETTINGS),
        (OSError(16, "Device or resource busy"), CannotOpen, Advice.PORT_BUSY),
    ],
)
def test_what_cannot_be_opened_says_why(error: OSError, kind: type[Exception], advice: Advice) -> None:
    def refuse(chip: str, inputs: Sequence[Point], outputs: Sequence[Point]) -> FakeLines:
        raise error

    with pytest.raises(kind) as caught:
        GpioBoard("/dev/gpiochip0", [LOOP], [GREEN], opener=refuse)
    assert caught.value.advice is advice  # type: ignore[attr-defined]


def test_no_such_chip_on_this_machine() -> None:
    pytest.importorskip("gpiod")
    with pytest.raises(NotAvailable):
        GpioBoard("/dev/gpiochip99", [LOOP], [GREEN])


class TestLibgpiod:
    """What is asked of libgpiod, whose request is played by a fake."""

    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
        gpiod = pytest.importorskip("gpiod")
        asked: dict[str, Any] = {"values": {17: gpiod.line.Value.INACTIVE}, "edges": 1}

        class Request:
            def get_value(self, number: int) -> Any:
                return asked["values"][number]

            def set_value(self, number: int, value: Any) -> None:
                asked["values"][number] = value

            def wait_edge_events(self, timeout: float) -> bool:
                return bool(asked["edges"])

            def read_edge_events(self) -> None:
                asked["edges"] -= 1

            def release(self) -> None:
                asked["released"] = True

        def request_lines(chip: str, consumer: str, config: dict[int, Any]) -> Request:
            asked.update(chip=chip, config=config)
            return Request()

        monkeypatch.setattr(gpiod, "request_lines", request_lines)
        return asked

    def test_inputs_are_debounced_by_the_kernel_and_outputs_begin_at_rest(
        self, asked: dict[str, Any]
    ) -> None:
        from gpiod.line import Direction, Value

        open_lines("/dev/gpiochip0", [LOOP], [GREEN, RELEASE]).close()
        config = asked["config"]
        assert config[17].direction is Direction.INPUT
        assert config[17].debounce_period.total_seconds() == 0.02
        assert config[22].direction is config[23].direction is Direction.OUTPUT
        assert (config[22].output_value, config[23].output_value) == (Value.INACTIVE, Value.ACTIVE)
        assert asked["released"]

    def test_values_and_edges(self, asked: dict[str, Any]) -> None:
        from gpiod.line import Value

        lines = open_lines("/dev/gpiochip0", [LOOP], [GREEN])
        assert lines.get(17) is False
        asked["values"][17] = Value.ACTIVE
        assert lines.get(17) is True
        lines.set(22, True)
        assert asked["values"][22] is Value.ACTIVE
        lines.wait(1)
        lines.wait(1)
        assert asked["edges"] == 0
