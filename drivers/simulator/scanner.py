"""A simulated barcode scanner on a pseudo terminal or a socket: it sends what it is told to send."""

from __future__ import annotations

import threading
from pathlib import Path

from drivers.simulator.cable import OnACable
from drivers.simulator.scale import end_at


class ScannerSimulator(OnACable):
    """A scanner at ``at``: a path for a pseudo terminal, or ``host:port`` for TCP (port 0: any free one)."""

    def __init__(self, at: Path | str) -> None:
        super().__init__(end_at(at, None), "scanner-simulator")
        self._lock = threading.Lock()

    def send(self, text: str, aim: str = "]C1", prefix: bytes = b"", suffix: bytes = b"\r") -> None:
        """Read one code: prefix, AIM identifier, text in UTF-8, suffix."""
        self.send_bytes(prefix + aim.encode("ascii") + text.encode("utf-8") + suffix)

    def send_bytes(self, data: bytes) -> None:
        """Send these bytes as they are."""
        with self._lock:
            self.end.send(data)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.end.receive(0.2)
