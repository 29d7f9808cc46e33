"""A simulated barcode scanner on a pseudo terminal or a socket: it sends what it is told to send."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

from drivers.simulator.scale import end_at


class ScannerSimulator:
    """A scanner at ``at``: a path for a pseudo terminal, or ``host:port`` for TCP (port 0: any free one)."""

    def __init__(self, at: Path | str) -> None:
        self.end = end_at(at, None)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scanner-simulator", daemon=True)

    def send(self, text: str, aim: str = "]C1", prefix: bytes = b"", suffix: bytes = b"\r") -> None:
        """Read one code: prefix, AIM identifier, text in UTF-8, suffix."""
        self.send_bytes(prefix + aim.encode("ascii") + text.encode("utf-8") + suffix)

    def send_bytes(self, data: bytes) -> None:
        """Send these bytes as they are."""
        with self._lock:
            self.end.send(data)

    def start(self) -> ScannerSimulator:
        """Begin to take callers, where it is on a socket."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Pull the cable."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)
        self.end.close()

    def __enter__(self) -> ScannerSimulator:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.end.receive(0.2)
