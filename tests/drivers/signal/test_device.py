"""Inputs that settle, lights that are kept, pulses that happen at once or never."""

import threading
from collections.abc import Mapping

import pytest

from drivers.errors import CannotOpen, NotAvailable, OperationFailed
from drivers.readings import Signal
from drivers.signal.device import AT_ONCE, Outputs, Pulse, Settled, Signals


class Panel:
    """A board of lamps and contacts in memory."""

    def __init__(self) -> None:
        self.contacts = {"loop": False, "button": False}
        self.lamps: dict[str, bool] = {}
        self.orders: list[tuple[str, bool]] = []
        self.closed = False
        self.broken = False

    def inputs(self) -> Mapping[str, bool]:
        if self.broken:
            raise OperationFailed("gone")
        return dict(self.contacts)

    def set(self, name: str, on: bool) -> None:
        self.lamps[name] = on
        self.orders.append((name, on))

    def wait(self, timeout: float) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class TestSettled:
    def test_every_input_is_told_at_first_and_then_only_changes(self) -> None:
        settled = Settled(0.0)
        assert list(settled.changes({"loop": False, "button": True}, 0.0)) == [
            Signal("loop", False, initial=True),
            Signal("button", True, initial=True),
        ]
        assert list(settled.changes({"loop": False, "button": True}, 0.1)) == []
        assert list(settled.changes({"loop": True, "button": True}, 0.2)) == [Signal("loop", True)]

    def test_a_bounce_is_no_change_and_a_state_that_holds_is(self) -> None:
        settled = Settled(0.1)
        list(settled.changes({"loop": False}, 0.0))
        for at, on in ((0.2, True), (0.25, False), (0.3, True), (0.35, True)):
            assert list(settled.changes({"loop": on}, at)) == []
        assert list(settled.changes({"loop": True}, 0.41)) == [Signal("loop", True)]


class TestOutputs:
    def test_only_what_differs_is_set(self) -> None:
        panel = Panel()
        outputs = Outputs(panel)
        for _ in range(3):
            outputs.carry_out({"green": True, "red": False}, {}, 0.0)
        assert panel.orders == [("green", True), ("red", False)]

    def test_a_pulse_ends_by_itself(self) -> None:
        panel = Panel()
        outputs = Outputs(panel)
        outputs.carry_out({"release": False}, {"release": Pulse(0.5, begin_by=1.0)}, 0.0)
        outputs.carry_out({"release": False}, {}, 0.4)
        assert panel.lamps["release"]
        outputs.carry_out({"release": False}, {}, 0.5)
        assert not panel.lamps["release"]

    def test_a_pulse_that_could_not_begin_in_time_does_not_begin(self) -> None:
        panel = Panel()
        Outputs(panel).carry_out({"release": False}, {"release": Pulse(0.5, begin_by=1.0)}, 1.01)
        assert panel.orders == [("release", False)]


def test_a_reading_tells_inputs_and_carries_out_orders() -> None:
    panel, stop = Panel(), threading.Event()
    signals = Signals("posts", lambda: panel, ["green", "release"])
    reading = signals.read(stop)
    assert [next(reading), next(reading), next(reading)] == [
        Signal("loop", False, initial=True),
        Signal("button", False, initial=True),
        None,
    ]
    panel.contacts["button"] = True
    signals.set("green", True)
    signals.pulse("release", 30)
    assert next(reading) == Signal("button", True)
    assert panel.lamps == {"green": True, "release": True}
    stop.set()
    assert list(reading) == [None]
    assert panel.lamps == {"green": False, "release": False}
    assert panel.closed


def test_an_aspect_is_shown_as_a_whole() -> None:
    panel, stop = Panel(), threading.Event()
    aspects = {"listo": {"green"}, "espere": {"red"}, "revisar": {"red", "flash"}}
    signals = Signals("posts", lambda: panel, ["green", "red", "flash", "siren"], aspects)
    signals.set("siren", True)
    reading = signals.read(stop)
    for aspect, on in aspects.items():
        signals.show(aspect)
        next(reading)
        while next(reading) is not None:
            pass
        assert {name for name, lit in panel.lamps.items() if lit} == on | {"siren"}
    reading.close()


def test_a_pulse_while_the_board_is_away_is_refused_and_forgotten() -> None:
    panel, stop = Panel(), threading.Event()
    signals = Signals("posts", lambda: panel, ["release"])
    with pytest.raises(NotAvailable):
        signals.pulse("release")
    reading = signals.read(stop)
    next(reading)
    assert panel.lamps == {"release": False}
    panel.broken = True
    with pytest.raises(OperationFailed):
        list(reading)
    with pytest.raises(NotAvailable):
        signals.pulse("release")
    assert panel.closed


def test_a_pulse_that_waits_too_long_in_a_stuck_board_does_not_happen() -> None:
    panel, stop = Panel(), threading.Event()
    now = [0.0]
    signals = Signals("posts", lambda: panel, ["release"], clock=lambda: now[0])
    reading = signals.read(stop)
    next(reading)
    signals.pulse("release")
    now[0] = AT_ONCE + 0.01
    while next(reading) is not None:
        pass
    next(reading)
    assert panel.lamps == {"release": False}
    reading.close()


def test_unknown_names_are_named_with_the_known_ones() -> None:
    signals = Signals("posts", Panel, ["green"], {"listo": {"green"}})
    for order in (
        lambda: signals.set("grün", True),
        lambda: signals.pulse("grün"),
        lambda: signals.show("grün"),
    ):
        with pytest.raises(CannotOpen, match=r"grün.*known are (green|listo)"):
            order()
    with pytest.raises(CannotOpen, match="aspect 'listo'"):
        Signals("posts", Panel, ["red"], {"listo": {"green"}})
