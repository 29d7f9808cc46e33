"""The log of a service in systemd's journal, with fields to ask for: ``journalctl -u iie-gateway LANE=carril-1``.

One datagram an entry (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/):

    MESSAGE=one line\\n     or, for several lines,     MESSAGE\\n length (8 bytes, little endian) lines\\n

Lanes and devices have threads of their own, called ``lane-NAME`` and ``device-LANE/NAME``, so that whatever is logged
there, also by a library, carries their fields. A record may name them itself (``extra={"lane": …, "device": …}``).
"""

from __future__ import annotations

import logging
import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

SOCKET = Path("/run/systemd/journal/socket")
PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
"""syslog(3): LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_INFO; everything below is LOG_DEBUG."""

DEBUG = 7


class JournalHandler(logging.Handler):
    """Sends each record to the journal, and to ``instead`` where that does not take it."""

    def __init__(self, identifier: str, path: Path = SOCKET, instead: TextIO | None = None) -> None:
        """Raises `OSError` where there is no journal."""
        super().__init__()
        self._identifier = identifier
        self._instead = logging.StreamHandler(instead or sys.stderr)
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self._line.connect(str(path))
        except OSError:
            self._line.close()
            raise

    def emit(self, record: logging.LogRecord) -> None:
        """As `logging.Handler.emit`."""
        try:
            message = self.format(record)
            self._line.send(datagram(fields(record, message, self._identifier)))
        except OSError:
            self._instead.handle(record)

    def close(self) -> None:
        """Let go of the journal."""
        self._line.close()
        super().close()


def is_journal(stream: TextIO) -> bool:
    """Whether systemd has tied this stream to the journal (systemd.exec(5), ``JOURNAL_STREAM``)."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return (device, inode) == (str(found.st_dev), str(found.st_ino))


def journal_of(stream: TextIO, identifier: str) -> JournalHandler | None:
    """A handler for the journal that this stream is tied to; None where it is tied to none, or that is away."""
    if not is_journal(stream):
        return None
    try:
        return JournalHandler(identifier, instead=stream)
    except OSError:
        return None


def fields(record: logging.LogRecord, message: str, identifier: str) -> Iterator[tuple[str, str]]:
    """What the journal keeps of a record, each by its name (systemd.journal-fields(7))."""
    yield "MESSAGE", message
    yield "PRIORITY", str(next((p for level, p in PRIORITIES if record.levelno >= level), DEBUG))
    yield "SYSLOG_IDENTIFIER", identifier
    yield "LOGGER", record.name
    yield "CODE_FILE", record.pathname
    yield "CODE_LINE", str(record.lineno)
    yield "CODE_FUNC", record.funcName or ""
    lane, device = _place(record)
    if lane:
        yield "LANE", lane
    if device:
        yield "DEVICE", device


def datagram(entry: Iterator[tuple[str, str]]) -> bytes:
    """An entry as the journal reads it."""
    parts = []
    for name, value in entry:
        data = value.encode("utf-8", "replace")
        if b"\n" in data:
            parts.append(name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n")
        else:
            parts.append(name.encode() + b"=" + data + b"\n")
    return b"".join(parts)


def _place(record: logging.LogRecord) -> tuple[str, str]:
    """Lane and device, as the record names them or as its thread is called."""
    kind, _, name = (record.threadName or "").partition("-")
    lane, device = getattr(record, "lane", ""), getattr(record, "device", "")
    if kind == "lane":
        lane = lane or name
    elif kind == "device":
        place, _, called = name.rpartition("/")
        lane, device = lane or place, device or called
    return lane, device
