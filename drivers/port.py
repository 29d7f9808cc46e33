"""One way to open whatever a device hangs on, and to read bytes from it.

========================  =============================================================================
``/dev/ttyUSB0``          a serial device; ``/dev/serial/by-id/…`` keeps its name when replugged
``hwgrep://REGEX``        the first serial device whose USB description matches
``socket://host:port``    a converter in TCP server mode, or ser2net's raw mode
``rfc2217://host:port``   a converter that lets us set speed and parity, or ser2net's telnet mode
``listen://host:port``    a converter that dials out to us; the newest caller is the one that counts
``loop://``               what is written is read again
========================  =============================================================================

A read waits for the first byte and then collects for a moment, so that a full line costs few system calls.
Exactly one program may hold a serial device. DTR and RTS stay low unless asked for, because some indicators
restart when DTR rises; flow control is off; what the system buffered before the opening is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.errors import Advice, CannotOpen, DeviceError

COLLECT = 0.1
"""Seconds to go on collecting after the first byte. A weight is so much older; each read wakes two threads, so a
line that is full costs the less processor the longer it is, and a guard sees no tenth of a second."""

LARGEST = 4096
"""The most bytes that one read returns; the kernel's own buffer of a terminal is as large."""

WRITE_TIMEOUT = 2.0
"""Seconds within which the line must take what is written."""


class Direction(StrEnum):
    """Which way bytes go, seen from this machine."""

    IN = "in"
    OUT = "out"


Tap = Callable[[Direction, bytes], None]
"""Called with every piece of bytes that a port reads or writes, in order."""


@dataclass(frozen=True, slots=True)
class Line:
    """Where a device is and how its line is set. ``port`` is a device path or one of the module's addresses.

    ``parity`` is one of N, E, O, M, S. ``open_timeout`` is seconds. Speed and the rest mean nothing to
    ``socket://`` and ``listen://``: there the converter's own settings hold.
    """

    port: str
    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop: float = 1
    dtr: bool = False
    rts: bool = False
    open_timeout: float = 3.0

    def __post_init__(self) -> None:
        if self.bits not in (7, 8):
            raise _bad(self.port, "bits", self.bits, "7 or 8")
        if self.parity not in tuple("NEOMS"):
            raise _bad(self.port, "parity", self.parity, "N, E, O, M or S")
        if self.stop not in (1, 1.5, 2):
            raise _bad(self.port, "stop", self.stop, "1, 1.5 or 2")
        if not 50 <= self.baud <= 4_000_000:
            raise _bad(self.port, "baud", self.baud, "a speed such as 9600")

    @property
    def framing(self) -> str:
        """The usual short form, such as ``9600 7E1``."""
        return f"{self.baud} {self.bits}{self.parity}{self.stop:g}"


def _bad(port: str, key: str, value: object, expected: str) -> CannotOpen:
    message = f"{port}: {key} is {value!r}, expected {expected}"
    return CannotOpen(message, advice=Advice.CHECK_SETTINGS, retry=False)


class Port(Protocol):
    """An open port."""

    def read(self, timeout: float) -> bytes:
        """What arrived, or ``b""`` when nothing did within ``timeout`` seconds.

        Raises `OperationFailed` when the device has gone away.
        """

    def write(self, data: bytes) -> None:
        """Send all of ``data``. Raises `OperationFailed`, or `TimedOut` when the line does not take it."""

    @property
    def away(self) -> DeviceError | None:
        """Why nobody is at the other end although the port is open; None when somebody is."""

    def close(self) -> None:
        """Give the device back. Never raises."""


@contextmanager
def open_port(line: Line, tap: Tap | None = None) -> Iterator[Port]:
    """Open ``line`` for the length of a ``with`` block.

    Raises `NotAvailable`, `CannotOpen` or `TimedOut`; inside the block reads and writes may raise
    `OperationFailed`. ``tap`` hears every byte in both directions.
    """
    port = _open(line)
    try:
        yield port if tap is None else Tapped(port, tap)
    finally:
        port.close()


def _open(line: Line) -> Port:
    """The kind of port that the address asks for; its module is loaded only now."""
    scheme = line.port.partition("://")[0] if "://" in line.port else ""
    if scheme in ("socket", "listen"):
        from drivers import tcp

        return tcp.connect(line) if scheme == "socket" else tcp.listen(line)
    from drivers import serial_port

    if scheme in ("", "hwgrep"):
        return serial_port.open_device(line)
    if scheme in ("rfc2217", "loop"):
        return serial_port.open_url(line)
    message = (
        f"{line.port}: unknown kind of port {scheme!r}; known are a device path, hwgrep, socket, rfc2217, "
    )
    raise CannotOpen(message + "listen and loop", advice=Advice.CHECK_SETTINGS, retry=False)


class Tapped:
    """A port whose bytes somebody else hears too."""

    def __init__(self, port: Port, tap: Tap) -> None:
        self._port = port
        self._tap = tap

    def read(self, timeout: float) -> bytes:
        """As `Port.read`."""
        data = self._port.read(timeout)
        if data:
            self._tap(Direction.IN, data)
        return data

    def write(self, data: bytes) -> None:
        """As `Port.write`."""
        self._port.write(data)
        self._tap(Direction.OUT, data)

    @property
    def away(self) -> DeviceError | None:
        """As `Port.away`."""
        return self._port.away

    def close(self) -> None:
        """As `Port.close`."""
        self._port.close()
