"""paho-mqtt's client, reading from the line in large pieces.

paho asks the system for the first byte of each packet, then for its length byte by byte, then for the rest. Each
of these calls lets go of the interpreter and has to get it back from the thread that checks receipts. Here the
first call takes all that has come and the others are served from that. Over TLS the `ssl` module does the same.
"""

from __future__ import annotations

import socket
from typing import Any

import paho.mqtt.client as mqtt

PIECE = 64 * 1024


class ReadAhead(socket.socket):
    """A connected line that is read in large pieces. Only `recv` knows of what was read ahead."""

    _ahead = b""
    _at = 0

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """At most ``size`` bytes, as `socket.socket.recv` gives them; what is here already comes first."""
        if self._at == len(self._ahead):
            self._ahead, self._at = super().recv(max(size, PIECE), flags), 0
        start = self._at
        self._at = min(start + size, len(self._ahead))
        return self._ahead[start : self._at]

    def pending(self) -> int:
        """How many bytes are here already; paho looks before it waits for more, as with TLS."""
        return len(self._ahead) - self._at


class Client(mqtt.Client):
    """A client whose line reads ahead."""

    def _create_socket_connection(self) -> Any:
        line = super()._create_socket_connection()  # type: ignore[no-untyped-call, unused-ignore]
        timeout = line.gettimeout()
        ahead = ReadAhead(line.family, line.type, line.proto, fileno=line.detach())
        ahead.settimeout(timeout)
        return ahead
