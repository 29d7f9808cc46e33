"""A simulated RFC 2217 converter: a caller sets its line, and hears what a line set like that would hear.

pyserial's own server side speaks the protocol; what it sets is kept here in the place of a serial device.
"""

from __future__ import annotations

import contextlib
import select
import socket

from serial.rfc2217 import PortManager

from drivers.simulator.uart import Wire, heard


class FarLine:
    """The converter's serial side as its caller has set it: the attributes that pyserial's server side
    uses."""

    def __init__(self) -> None:
        self.baudrate = 9600
        self.bytesize = 8
        self.parity = "N"
        self.stopbits: float = 1
        self.xonxoff = self.rtscts = self.break_condition = False
        self.cts = self.dsr = self.cd = True
        self.ri = False
        self.dtr = self.rts = False

    @property
    def wire(self) -> Wire:
        """How the converter listens."""
        return Wire(self.baudrate, self.bytesize, self.parity, self.stopbits)

    def reset_input_buffer(self) -> None:
        """Nothing is kept here, so there is nothing to throw away."""

    def reset_output_buffer(self) -> None:
        """As `reset_input_buffer`."""


class Call:
    """One caller of the converter."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(1.0)
        self.socket = connection
        self.line = FarLine()
        self._telnet = PortManager(self.line, self)  # type: ignore[arg-type]

    def write(self, data: bytes) -> None:
        """Send to the caller what the protocol itself says."""
        with contextlib.suppress(OSError):
            self.socket.sendall(data)

    def say(self, data: bytes) -> None:
        """Send data to the caller, with 0xFF doubled."""
        self.write(b"".join(self._telnet.escape(data)))

    def hear(self) -> bytes | None:
        """What the caller wrote to the device; None when it hung up."""
        try:
            data = self.socket.recv(4096)
        except OSError:
            return None
        return b"".join(self._telnet.filter(data)) if data else None


class Rfc2217End:
    """An RFC 2217 converter on a port number of this machine (0: any free one) before a device set to
    ``wire``."""

    def __init__(self, host: str = "127.0.0.1", number: int = 0, wire: Wire | None = None) -> None:
        self._wire = wire
        self._server = socket.create_server((host, number))
        self._calls: list[Call] = []
        self.number = int(self._server.getsockname()[1])

    @property
    def speeds(self) -> list[int]:
        """Bits per second that the callers have set."""
        return [call.line.baudrate for call in self._calls]

    def send(self, data: bytes) -> None:
        """As `drivers.simulator.pty.End.send`."""
        for call in self._calls:
            call.say(data if self._wire is None else heard(data, self._wire, call.line.wire))

    def receive(self, timeout: float) -> bytes:
        """As `drivers.simulator.pty.End.receive`."""
        waiting = {call.socket: call for call in self._calls}
        data = b""
        for ready in select.select([self._server, *waiting], [], [], timeout)[0]:
            if ready is self._server:
                self._calls.append(Call(self._server.accept()[0]))
            else:
                data += self._heard(waiting[ready])
        return data

    def close(self) -> None:
        """As `drivers.simulator.pty.End.close`."""
        for call in self._calls:
            call.socket.close()
        self._calls.clear()
        self._server.close()

    def _heard(self, call: Call) -> bytes:
        data = call.hear()
        if data is None:
            self._calls.remove(call)
            call.socket.close()
            return b""
        return data if self._wire is None else heard(data, call.line.wire, self._wire)
