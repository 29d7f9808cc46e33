"""A Modbus input and output module: discrete inputs and coils, over TCP or on a serial line (RTU).

    inputs    function 2 (discrete inputs) or, where the site says so, 1 (coils): one request for each kind
    outputs   function 5 (write single coil)

Numbers are those on the wire, from 0: what a manual calls coil 00001 or input 10001 is number 0 here
(MODBUS Application Protocol V1.1b3, 4.4).

This module loads pymodbus as it is loaded itself: two threads that did so at once would wait for each other.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence

from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from drivers.errors import Advice, CannotOpen, DeviceError, NotAvailable, OperationFailed
from drivers.port import Line
from drivers.signal.board import Point
from drivers.tcp import address

LARGEST_SPAN = 2000
"""Coils or inputs that one request may ask for."""


class ModbusBoard:
    """A module at ``line``: ``socket://host:502`` for TCP, a serial device for RTU. ``unit`` is its address.

    Raises `NotAvailable` when it cannot be reached.
    """

    def __init__(
        self,
        line: Line,
        inputs: Sequence[Point],
        outputs: Sequence[Point],
        unit: int = 1,
        timeout: float = 1.0,
    ) -> None:
        self._line = line
        self._unit = unit
        self._kinds = [(coil, [point for point in inputs if point.coil is coil]) for coil in (False, True)]
        self._outputs = {point.name: point for point in outputs}
        for _, points in self._kinds:
            _check_span(line, points)
        self._client = _client(line, timeout)
        if not self._client.connect():
            raise NotAvailable(f"{line.port}: no Modbus module answers", advice=Advice.CHECK_ADDRESS)

    def inputs(self) -> Mapping[str, bool]:
        """As `drivers.signal.board.Board.inputs`."""
        found: dict[str, bool] = {}
        for coil, points in self._kinds:
            if points:
                found |= self._read(coil, points)
        return found

    def set(self, name: str, on: bool) -> None:
        """As `drivers.signal.board.Board.set`."""
        point = self._outputs[name]
        self._ask("write_coil", point.number, on is not point.inverted)

    def wait(self, timeout: float) -> None:
        """As `drivers.signal.board.Board.wait`: a module cannot say that an input has changed."""
        time.sleep(timeout)

    def close(self) -> None:
        """As `drivers.signal.board.Board.close`."""
        self._client.close()  # type: ignore[no-untyped-call]

    def _read(self, coil: bool, points: Sequence[Point]) -> dict[str, bool]:
        first = min(point.number for point in points)
        count = max(point.number for point in points) - first + 1
        bits = self._ask("read_coils" if coil else "read_discrete_inputs", first, count=count).bits
        if len(bits) < count:
            raise OperationFailed(f"{self._line.port}: the module answered {len(bits)} of {count} inputs")
        return {point.name: bits[point.number - first] is not point.inverted for point in points}

    def _ask(self, function: str, *arguments: int, **options: int) -> ModbusPDU:
        try:
            answer: ModbusPDU = getattr(self._client, function)(*arguments, device_id=self._unit, **options)
        except (ModbusException, OSError) as error:
            raise OperationFailed(f"{self._line.port}: {error}", advice=Advice.CHECK_CABLE) from error
        if answer.isError():
            raise _refused(self._line, function, arguments[0], answer)
        return answer


def _check_span(line: Line, points: Sequence[Point]) -> None:
    numbers = [point.number for point in points]
    if numbers and (min(numbers) < 0 or max(numbers) - min(numbers) >= LARGEST_SPAN):
        message = f"{line.port}: input numbers must lie within {LARGEST_SPAN} of each other, from 0"
        raise CannotOpen(message, advice=Advice.CHECK_SETTINGS, retry=False)


def _refused(line: Line, function: str, number: int, answer: ModbusPDU) -> DeviceError:
    code = getattr(answer, "exception_code", 0)
    message = f"{line.port}: the module refuses {function} {number} (exception {code})"
    return CannotOpen(message, advice=Advice.CHECK_SETTINGS, retry=code not in (1, 2, 3))


def _client(line: Line, timeout: float) -> ModbusTcpClient | ModbusSerialClient:
    """A client that keeps its complaints to itself: what fails is raised, and the supervisor logs it once."""
    logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
    if line.port.startswith("socket://"):
        host, number = address(line)
        return ModbusTcpClient(host, port=number, timeout=timeout, retries=1)
    return ModbusSerialClient(
        line.port,
        baudrate=line.baud,
        bytesize=line.bits,
        parity=line.parity,
        stopbits=int(line.stop),
        timeout=timeout,
        retries=1,
    )
