"""The far end of a cable: what a simulated device plays its bytes into.

`Pty` is a pseudo terminal under a path that stays the same, and behaves as a cable with a UART at either end:
nobody listening means that the bytes are lost, and a receiver at another speed hears what a UART would.
`TcpEnd` is a converter in server mode, `DialEnd` one that calls.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import termios
import tty
from pathlib import Path
from typing import Protocol

from drivers.simulator.uart import Wire, heard

SPEEDS = {
    getattr(termios, name): int(name[1:]) for name in dir(termios) if name[0] == "B" and name[1:].isdigit()
}
"""The kernel's names of speeds, in bits per second."""


class End(Protocol):
    """Where a simulated device sends and hears bytes."""

    def send(self, data: bytes) -> None:
        """Send; what nobody hears is lost."""

    def receive(self, timeout: float) -> bytes:
        """What was written to the device within ``timeout`` seconds, ``b""`` when nothing was."""

    def close(self) -> None:
        """Pull the cable."""


def receiver(sender: Wire, speed: int) -> Wire:
    """How the far end hears: eight bits, because a pseudo terminal has no seven.

    It has no parity either, so the parity of a line of eight bits is taken to be set alike on both sides.
    """
    return Wire(speed, 8, sender.parity if sender.bits == 8 else "N", sender.stop if sender.bits == 8 else 1)


class Pty:
    """A pseudo terminal whose far end is found at ``link``. ``wire`` is how the simulated device is set."""

    def __init__(self, link: Path, wire: Wire | None = None) -> None:
        self.link = link
        self.wire = wire
        self._master, far = os.openpty()
        tty.setraw(far)
        self.name = os.ttyname(far)
        os.close(far)
        os.set_blocking(self._master, False)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(self.name)

    @property
    def listening(self) -> bool:
        """Whether somebody has the far end open."""
        poll = select.poll()
        poll.register(self._master, 0)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    @property
    def speed(self) -> int:
        """Bits per second that the far end was set to."""
        return SPEEDS.get(termios.tcgetattr(self._master)[5], 0)

    def send(self, data: bytes) -> None:
        """As `End.send`."""
        if not self.listening:
            return
        if self.wire is not None:
            data = heard(data, self.wire, receiver(self.wire, self.speed or self.wire.baud))
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, data)

    def receive(self, timeout: float) -> bytes:
        """As `End.receive`."""
        if not self.listening:
            _pause(timeout)
            return b""
        try:
            if select.select([self._master], [], [], timeout)[0]:
                return os.read(self._master, 4096)
        except OSError:
            _pause(timeout)
        return b""

    def close(self) -> None:
        """As `End.close`."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
        if self.link.is_symlink() and self.link.readlink() == Path(self.name):
            self.link.unlink()


def _pause(timeout: float) -> None:
    """Wait without hearing: with nobody at the far end the kernel says at once that there is nothing."""
    select.select([], [], [], timeout)


class TcpEnd:
    """A converter that waits for callers on a port number of this machine (0: any free one)."""

    def __init__(self, host: str = "127.0.0.1", number: int = 0) -> None:
        self._server = socket.create_server((host, number))
        self._callers: list[socket.socket] = []
        self.number = int(self._server.getsockname()[1])

    def send(self, data: bytes) -> None:
        """As `End.send`."""
        for caller in list(self._callers):
            try:
                caller.sendall(data)
            except OSError:
                self._drop(caller)

    def receive(self, timeout: float) -> bytes:
        """As `End.receive`."""
        ready = select.select([self._server, *self._callers], [], [], timeout)[0]
        data = b""
        for each in ready:
            if each is self._server:
                caller, _ = self._server.accept()
                caller.settimeout(1.0)
                self._callers.append(caller)
            else:
                data += self._heard(each)
        return data

    def hang_up(self) -> None:
        """Close the connections and wait for new ones."""
        for caller in list(self._callers):
            self._drop(caller)

    def close(self) -> None:
        """As `End.close`."""
        self.hang_up()
        self._server.close()

    def _heard(self, caller: socket.socket) -> bytes:
        try:
            data = caller.recv(4096)
        except OSError:
            data = b""
        if not data:
            self._drop(caller)
        return data

    def _drop(self, caller: socket.socket) -> None:
        if caller in self._callers:
            self._callers.remove(caller)
        caller.close()


class DialEnd:
    """A converter that calls ``host:port``, and calls again when the call ends."""

    AGAIN = 0.5
    """Seconds between two attempts."""

    def __init__(self, host: str, number: int) -> None:
        self._address = (host, number)
        self._call: socket.socket | None = None

    def send(self, data: bytes) -> None:
        """As `End.send`."""
        if self._call is None:
            return
        try:
            self._call.sendall(data)
        except OSError:
            self.close()

    def receive(self, timeout: float) -> bytes:
        """As `End.receive`."""
        if self._call is None and not self._dial():
            _pause(max(timeout, self.AGAIN))
            return b""
        if self._call is None or not select.select([self._call], [], [], timeout)[0]:
            return b""
        try:
            data = self._call.recv(4096)
        except OSError:
            data = b""
        if not data:
            self.close()
        return data

    def close(self) -> None:
        """As `End.close`."""
        if self._call is not None:
            self._call.close()
            self._call = None

    def _dial(self) -> bool:
        try:
            self._call = socket.create_connection(self._address, timeout=1.0)
        except OSError:
            return False
        return True
