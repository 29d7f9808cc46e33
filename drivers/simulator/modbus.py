"""A simulated Modbus input and output module: pymodbus's own server over TCP, or RTU on a serial device.

Its inputs are set from here, its coils by whoever speaks to it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from pymodbus.pdu import ModbusPDU
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

T = TypeVar("T")

READ_COILS, READ_DISCRETE, READ_HOLDING = 1, 2, 3
WRITE_COIL, WRITE_COILS, WRITE_REGISTERS = 5, 15, 16


class ModbusSimulator:
    """A module of ``points`` coils, inputs and registers at ``at``: a serial device's path, or ``host:port``.

    Used as a context manager; it answers from entering to leaving. ``unit`` is its address. ``written`` are the
    single coils that were switched over the line, in order.
    """

    def __init__(self, at: Path | str, points: int = 32, unit: int = 1) -> None:
        self._at = at
        self._points = points
        self._unit = unit
        self.written: list[tuple[int, bool]] = []
        self._loop = asyncio.new_event_loop()
        self._server: ModbusTcpServer | ModbusSerialServer
        self._thread = threading.Thread(target=self._loop.run_forever, name="modbus-simulator", daemon=True)

    def set_input(self, number: int, on: bool) -> None:
        """Close or open the contact of a discrete input."""
        self._do(self._server.async_setValues(self._unit, READ_DISCRETE, number, [on]))

    def set_coil(self, number: int, on: bool) -> None:
        """Switch a coil from this side, as a module's own button does."""
        self._do(self._server.async_setValues(self._unit, WRITE_COILS, number, [on]))

    def coil(self, number: int) -> bool:
        """Whether a coil is on."""
        return bool(self._do(self._server.async_getValues(self._unit, READ_COILS, number, 1))[0])

    def set_registers(self, number: int, values: list[int]) -> None:
        """Put numbers of 16 bits into the holding registers from ``number`` on."""
        self._do(self._server.async_setValues(self._unit, WRITE_REGISTERS, number, values))

    def __enter__(self) -> ModbusSimulator:
        self._thread.start()
        self._server = self._do(self._serve())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._server.shutdown())  # type: ignore[no-untyped-call]
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _serve(self) -> ModbusTcpServer | ModbusSerialServer:
        server: ModbusTcpServer | ModbusSerialServer
        if isinstance(self._at, Path):
            server = ModbusSerialServer(
                self._module(), port=str(self._at), baudrate=9600, trace_pdu=self._heard
            )
        else:
            host, _, number = self._at.rpartition(":")
            server = ModbusTcpServer(self._module(), address=(host, int(number)), trace_pdu=self._heard)
        await server.serve_forever(background=True)
        return server

    def _heard(self, sending: bool, pdu: ModbusPDU) -> ModbusPDU:
        if not sending and pdu.function_code == WRITE_COIL:
            self.written.append((pdu.address, bool(pdu.bits[0])))
        return pdu

    def _module(self) -> SimDevice:
        bits = [SimData(0, values=[False] * self._points, datatype=DataType.BITS)]
        words = [SimData(0, values=[0] * self._points, datatype=DataType.REGISTERS)]
        return SimDevice(self._unit, simdata=(bits, list(bits), words, list(words)))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)
