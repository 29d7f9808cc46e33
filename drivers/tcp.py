"""TCP to a serial converter: we dial it (``socket://``), or it dials us (``listen://``).

A converter that loses power says nothing, so the connection is kept alive by the kernel: after some fifteen
seconds without an answer a read fails. A converter that dials out again while its old connection still seems
open replaces it: the newest caller is the one that counts.
"""

from __future__ import annotations

import select
import socket
import time
from urllib.parse import urlsplit

from drivers.errors import Advice, CannotOpen, DeviceError, NotAvailable, OperationFailed, TimedOut
from drivers.port import COLLECT, LARGEST, WRITE_TIMEOUT, Line

KEEP_ALIVE = ((socket.TCP_KEEPIDLE, 5), (socket.TCP_KEEPINTVL, 3), (socket.TCP_KEEPCNT, 3))
"""Ask after 5 s of silence, then every 3 s, and give up after three questions without an answer."""


def address(line: Line) -> tuple[str, int]:
    """Host and port number of ``socket://host:port``. Raises `CannotOpen` when it is none."""
    try:
        parts = urlsplit(line.port)
        host, number = parts.hostname, parts.port
    except ValueError:
        host, number = None, None
    if host is None or number is None:
        message = f"{line.port}: expected {line.port.partition(':')[0]}://host:port"
        raise CannotOpen(message, advice=Advice.CHECK_SETTINGS, retry=False)
    return host, number


def connect(line: Line) -> SocketPort:
    """Dial a converter. Raises `NotAvailable` or `TimedOut`."""
    try:
        connection = socket.create_connection(address(line), timeout=line.open_timeout)
    except TimeoutError as error:
        raise TimedOut(f"{line.port}: no answer", advice=Advice.CHECK_ADDRESS) from error
    except OSError as error:
        raise NotAvailable(f"{line.port}: {error}", advice=Advice.CHECK_ADDRESS) from error
    return SocketPort(line, connection)


def listen(line: Line) -> ListeningPort:
    """Wait for a converter to dial in. Raises `CannotOpen` when the port number is taken."""
    host, number = address(line)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, number))
        server.listen(1)
    except OSError as error:
        server.close()
        raise CannotOpen(f"{line.port}: {error}", advice=Advice.PORT_BUSY) from error
    return ListeningPort(line, server)


def keep_alive(connection: socket.socket) -> None:
    """Have the kernel find out that the other side is dead although it says nothing."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEP_ALIVE:
        connection.setsockopt(socket.IPPROTO_TCP, option, value)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class SocketPort:
    """One connection to a converter."""

    away = None

    def __init__(self, line: Line, connection: socket.socket) -> None:
        self._line = line
        self._socket = connection
        keep_alive(connection)
        connection.settimeout(WRITE_TIMEOUT)

    def read(self, timeout: float) -> bytes:
        """As `drivers.port.Port.read`."""
        try:
            if not select.select([self._socket], [], [], timeout)[0]:
                return b""
            time.sleep(COLLECT)
            data = self._socket.recv(LARGEST)
        except (OSError, ValueError) as error:
            raise self._gone(error) from error
        if not data:
            raise self._gone("the other side closed it")
        return data

    def write(self, data: bytes) -> None:
        """As `drivers.port.Port.write`."""
        try:
            self._socket.sendall(data)
        except TimeoutError as error:
            message = f"{self._line.port}: the converter does not take what is sent"
            raise TimedOut(message, advice=Advice.CHECK_CONVERTER) from error
        except OSError as error:
            raise self._gone(error) from error

    def close(self) -> None:
        """As `drivers.port.Port.close`."""
        self._socket.close()

    def _gone(self, reason: object) -> OperationFailed:
        message = f"{self._line.port}: the connection is gone ({reason})"
        return OperationFailed(message, advice=Advice.CHECK_CONVERTER)


class ListeningPort:
    """A port number on which a converter may call. It stays open when the caller goes."""

    def __init__(self, line: Line, server: socket.socket) -> None:
        self._line = line
        self._server = server
        self._caller: SocketPort | None = None

    @property
    def number(self) -> int:
        """The port number that is listened on; useful when the address asked for number 0."""
        return int(self._server.getsockname()[1])

    @property
    def away(self) -> DeviceError | None:
        """As `drivers.port.Port.away`."""
        if self._caller is not None:
            return None
        return NotAvailable(f"{self._line.port}: nobody has called yet", advice=Advice.CHECK_CONVERTER)

    def read(self, timeout: float) -> bytes:
        """As `drivers.port.Port.read`; a caller that hangs up is no error."""
        waiting = [self._server] if self._caller is None else [self._server, self._caller._socket]
        ready = select.select(waiting, [], [], timeout)[0]
        if self._server in ready:
            self._answer()
            return b""
        if not ready or self._caller is None:
            return b""
        try:
            return self._caller.read(0)
        except OperationFailed:
            self._hang_up()
            return b""

    def write(self, data: bytes) -> None:
        """As `drivers.port.Port.write`; with nobody there it is lost, as on a cable."""
        if self._caller is None:
            return
        try:
            self._caller.write(data)
        except (OperationFailed, TimedOut):
            self._hang_up()

    def close(self) -> None:
        """As `drivers.port.Port.close`."""
        self._hang_up()
        self._server.close()

    def _answer(self) -> None:
        connection, _ = self._server.accept()
        self._hang_up()
        self._caller = SocketPort(self._line, connection)

    def _hang_up(self) -> None:
        if self._caller is not None:
            self._caller.close()
            self._caller = None
