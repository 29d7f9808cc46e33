import threading

import pytest

from drivers.errors import NotAvailable
from drivers.port import Line
from drivers.readings import Signal
from drivers.signal.board import Point
from drivers.signal.placed import signals_at
from drivers.simulator.modbus import ModbusSimulator
from gateway.rehearsal.broker import free_port

LOOP, GREEN = Point("loop", 3), Point("green", 0)


def test_a_modbus_module(stop: threading.Event) -> None:
    number = free_port()
    with ModbusSimulator(f"127.0.0.1:{number}", unit=7) as module:
        module.set_input(3, True)
        signals = signals_at("posts", Line(f"socket://127.0.0.1:{number}"), [LOOP], [GREEN], unit=7)
        signals.set("green", True)
        reading = signals.read(stop)
        assert next(reading) == Signal("loop", True, initial=True)
        assert module.coil(0)
        reading.close()


def test_pins_of_this_machine(stop: threading.Event) -> None:
    pytest.importorskip("gpiod")
    signals = signals_at("posts", Line("/dev/gpiochip99"), [LOOP], [GREEN], {"listo": {"green"}})
    signals.show("listo")
    with pytest.raises(NotAvailable, match="gpiochip99"):
        next(signals.read(stop))
