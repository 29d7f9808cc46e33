"""An indicator that is read by Modbus: RTU on a serial line, or TCP, by a declared map of registers.

One request reads all registers of the map, so weight and status are of the same moment. The module loads
pymodbus, and is itself loaded only where a site has such a scale.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.exceptions import ModbusException

from drivers.device import Heard
from drivers.errors import Advice, CannotOpen, DeviceError, NotAvailable, OperationFailed
from drivers.port import Line
from drivers.readings import Skip, Skipped
from drivers.scale.register_map import RegisterMap, decode
from drivers.tcp import address

Client = ModbusTcpClient | ModbusSerialClient


class ModbusScale:
    """A scale at ``line``: ``socket://host:502`` for TCP, a serial device for RTU. Yields what its map says.

    ``interval`` is seconds between two requests; ``timeout`` seconds to wait for an answer.
    """

    def __init__(
        self,
        name: str,
        line: Line,
        registers: RegisterMap,
        interval: float = 0.1,
        timeout: float = 1.0,
    ) -> None:
        self.name = name
        self._line = line
        self._map = registers
        self._interval = interval
        self._timeout = timeout

    def read(self, stop: threading.Event) -> Iterator[Heard]:
        """As `drivers.device.Device.read`."""
        client = self._open()
        try:
            yield None
            while not stop.is_set():
                yield self._ask(client)
                stop.wait(self._interval)
        finally:
            client.close()  # type: ignore[no-untyped-call]

    def _open(self) -> Client:
        """A connected client that keeps its complaints to itself: what fails is raised."""
        logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
        client: Client
        if self._line.port.startswith("socket://"):
            host, port = address(self._line)
            client = ModbusTcpClient(host, port=port, timeout=self._timeout, retries=1)
        else:
            client = ModbusSerialClient(
                self._line.port,
                baudrate=self._line.baud,
                bytesize=self._line.bits,
                parity=self._line.parity,
                stopbits=int(self._line.stop),
                timeout=self._timeout,
                retries=1,
            )
        if not client.connect():
            raise NotAvailable(f"{self._line.port}: no Modbus device answers", advice=Advice.CHECK_ADDRESS)
        return client

    def _ask(self, client: Client) -> Heard:
        span = self._map.span
        read = client.read_holding_registers if self._map.table == "holding" else client.read_input_registers
        try:
            answer = read(span.start, count=len(span), device_id=self._map.unit)
        except (ModbusException, OSError) as error:
            raise OperationFailed(f"{self._line.port}: {error}", advice=Advice.CHECK_CABLE) from error
        if answer.isError():
            raise self._refused(getattr(answer, "exception_code", 0))
        registers = dict(zip(span, answer.registers, strict=False))
        result = decode(registers, self._map)
        if not isinstance(result, Skip):
            return result
        return Skipped(result, b"".join(word.to_bytes(2, "big") for word in answer.registers))

    def _refused(self, code: int) -> DeviceError:
        span = self._map.span
        message = f"{self._line.port}: registers {span.start} to {span.stop - 1} refused (exception {code})"
        return CannotOpen(message, advice=Advice.CHECK_SETTINGS, retry=code not in (1, 2, 3))
