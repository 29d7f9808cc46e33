"""paho-mqtt's client, reading from the line and writing to it in large pieces.

paho asks the system for the first byte of each packet, then for its length byte by byte, then for the rest, and
hands each packet over by a call of its own. Each of these calls lets go of the interpreter and has to get it back
from the thread that checks receipts or events. Here the first call takes all that has come and the others are
served from that (over TLS the `ssl` module does the same), and what waits to go out goes in one piece.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTErrorCode

PIECE = 64 * 1024

PUBLISH, PUBACK, SUBSCRIBE = 0x30, 0x40, 0x82
"""First bytes of packets (MQTT 5, 2.1.2): a message without its flags, its acknowledgement, a subscription."""


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
    """A client whose line reads ahead, and which writes what waits in one piece."""

    def _create_socket_connection(self) -> Any:
        line = super()._create_socket_connection()  # type: ignore[no-untyped-call, unused-ignore]
        timeout = line.gettimeout()
        ahead = ReadAhead(line.family, line.type, line.proto, fileno=line.detach())
        ahead.settimeout(timeout)
        return ahead

    def _packet_queue(self, command: int, packet: Any, mid: int, qos: int, info: Any = None) -> MQTTErrorCode:
        """Queue a packet; paho's own thread looks for it by itself and need not be woken."""
        if threading.current_thread() is not self._thread:
            return super()._packet_queue(command, packet, mid, qos, info)
        self._out_packet.append(queued(command, packet, mid, qos, info))
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _packet_write(self) -> MQTTErrorCode:
        join(self._out_packet)
        return super()._packet_write()


def queued(command: int, packet: Any, mid: int, qos: int, info: Any = None) -> Any:
    """A packet as paho keeps it until it is written."""
    return {
        "command": command,
        "mid": mid,
        "qos": qos,
        "pos": 0,
        "to_process": len(packet),
        "packet": packet,
        "info": info,
    }


def join(packets: deque[Any]) -> None:
    """Make one piece of the first packets, as far as nothing is to be done after each of them, `PIECE` at most.

    Others may add packets at the end meanwhile. What is partly written stays at the front.
    """
    first: list[Any] = []
    size = 0
    while packets and size < PIECE:
        packet = packets.popleft()
        if not _is_plain(packet):
            packets.appendleft(packet)
            break
        first.append(packet)
        size += packet["to_process"]
    if len(first) == 1:
        packets.appendleft(first[0])
    elif first:
        body = b"".join(bytes(each["packet"])[each["pos"] :] for each in first)
        packets.appendleft(queued(PUBACK, body, 0, 1))


def _is_plain(packet: Any) -> bool:
    """Whether paho forgets a packet once it is written: not so a last goodbye, and what nobody acknowledges."""
    command = packet["command"]
    return command in (PUBACK, SUBSCRIBE) or (command & 0xF0 == PUBLISH and packet["qos"] > 0)
