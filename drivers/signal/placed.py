"""The signals at a place, whatever kind of place it is: pins of this machine, or a Modbus module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from drivers.port import Line
from drivers.signal.board import Board, Point
from drivers.signal.device import Signals

GPIO = "/dev/gpiochip"
"""How the place of pins of this machine begins."""


def signals_at(
    name: str,
    line: Line,
    inputs: Sequence[Point],
    outputs: Sequence[Point],
    aspects: Mapping[str, Set[str]] | None = None,
    *,
    unit: int = 1,
    hold: float = 0.0,
) -> Signals:
    """The signals at ``line.port``: a GPIO chip, ``socket://host:502``, or a serial device for Modbus RTU.

    ``unit`` is a module's address on its line. The rest is as in `Signals`. To be called from the thread that
    sets devices up: the library that the place needs is loaded here.
    """
    names = [point.name for point in outputs]
    if line.port.startswith(GPIO):
        from drivers.signal.gpio import GpioBoard

        def pins() -> Board:
            return GpioBoard(line.port, inputs, outputs)

        return Signals(name, pins, names, aspects, hold=hold)
    from drivers.signal.modbus import ModbusBoard

    def module() -> Board:
        return ModbusBoard(line, inputs, outputs, unit)

    return Signals(name, module, names, aspects, hold=hold)
