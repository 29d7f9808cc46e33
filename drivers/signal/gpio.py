"""Inputs and outputs on the pins of this machine: the kernel's GPIO character device, through libgpiod.

Edges are heard from the kernel, which also takes the bouncing out of contacts; nothing is polled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from drivers.errors import Advice, CannotOpen, DeviceError, NotAvailable, OperationFailed
from drivers.signal.board import Point

if TYPE_CHECKING:
    import gpiod

BOUNCE = timedelta(milliseconds=20)
"""How long a contact must rest before the kernel calls it an edge."""


class Lines(Protocol):
    """The pins that were asked of one chip, as libgpiod's request gives them. Everything raises `OSError`."""

    def get(self, number: int) -> bool:
        """Whether the pin is active."""

    def set(self, number: int, active: bool) -> None:
        """Make the pin active or inactive."""

    def wait(self, timeout: float) -> None:
        """Come back at the next edge, at the latest after ``timeout`` seconds."""

    def close(self) -> None:
        """Give the pins back."""


class GpioBoard:
    """Pins of one chip, such as ``/dev/gpiochip0``. Raises `NotAvailable` or `CannotOpen`.

    ``opener`` asks for the pins; the kernel's own unless a test says otherwise.
    """

    def __init__(
        self,
        chip: str,
        inputs: Sequence[Point],
        outputs: Sequence[Point],
        *,
        opener: Callable[[str, Sequence[Point], Sequence[Point]], Lines] | None = None,
    ) -> None:
        self._chip = chip
        self._inputs = inputs
        self._outputs = {point.name: point for point in outputs}
        try:
            self._lines = (opener or open_lines)(chip, inputs, outputs)
        except OSError as error:
            raise _opening_error(chip, error) from error

    def inputs(self) -> Mapping[str, bool]:
        """As `drivers.signal.board.Board.inputs`."""
        try:
            return {point.name: self._lines.get(point.number) is not point.inverted for point in self._inputs}
        except OSError as error:
            raise self._gone(error) from error

    def set(self, name: str, on: bool) -> None:
        """As `drivers.signal.board.Board.set`."""
        point = self._outputs[name]
        try:
            self._lines.set(point.number, on is not point.inverted)
        except OSError as error:
            raise self._gone(error) from error

    def wait(self, timeout: float) -> None:
        """As `drivers.signal.board.Board.wait`."""
        try:
            self._lines.wait(timeout)
        except OSError as error:
            raise self._gone(error) from error

    def close(self) -> None:
        """As `drivers.signal.board.Board.close`."""
        try:
            self._lines.close()
        except OSError:
            return

    def _gone(self, error: OSError) -> OperationFailed:
        return OperationFailed(f"{self._chip}: {error}", advice=Advice.CHECK_CABLE)


def _opening_error(chip: str, error: OSError) -> DeviceError:
    if isinstance(error, PermissionError):
        return CannotOpen(f"{chip}: no permission", advice=Advice.CHECK_PERMISSION)
    if isinstance(error, FileNotFoundError):
        return NotAvailable(f"{chip}: there is no such chip", advice=Advice.CHECK_SETTINGS)
    return CannotOpen(f"{chip}: {error}", advice=Advice.PORT_BUSY)


def open_lines(chip: str, inputs: Sequence[Point], outputs: Sequence[Point]) -> Lines:
    """Ask the kernel for the pins. Raises `OSError`, or `CannotOpen` where libgpiod is not installed."""
    try:
        import gpiod
    except ImportError as error:
        message = f"{chip}: the package gpiod is not installed"
        raise CannotOpen(message, advice=Advice.CHECK_SETTINGS, retry=False) from error
    from gpiod.line import Direction, Edge, Value

    heard = gpiod.LineSettings(direction=Direction.INPUT, edge_detection=Edge.BOTH, debounce_period=BOUNCE)
    settings: dict[Iterable[int | str] | int | str, gpiod.LineSettings | None] = {
        point.number: heard for point in inputs
    }
    for point in outputs:
        rest = Value.ACTIVE if point.inverted else Value.INACTIVE
        settings[point.number] = gpiod.LineSettings(direction=Direction.OUTPUT, output_value=rest)
    return GpiodLines(gpiod.request_lines(chip, consumer="iie-gateway", config=settings))


class GpiodLines:
    """libgpiod's request in our words."""

    def __init__(self, request: gpiod.LineRequest) -> None:
        self._request = request

    def get(self, number: int) -> bool:
        """As `Lines.get`."""
        return bool(self._request.get_value(number).value)

    def set(self, number: int, active: bool) -> None:
        """As `Lines.set`."""
        from gpiod.line import Value

        self._request.set_value(number, Value.ACTIVE if active else Value.INACTIVE)

    def wait(self, timeout: float) -> None:
        """As `Lines.wait`."""
        if self._request.wait_edge_events(timeout):
            self._request.read_edge_events()

    def close(self) -> None:
        """As `Lines.close`."""
        self._request.release()
