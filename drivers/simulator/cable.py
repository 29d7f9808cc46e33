"""What every simulated device on a line has: an end, a thread that plays, and a cable that can be pulled."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from drivers.simulator.pty import End


class OnACable:
    """A device at the far end of a line, played by `_run`. A context manager, or by `start` and `close`."""

    def __init__(self, end: End, name: str) -> None:
        self.end = end
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> Self:
        """Begin to play."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Pull the cable."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)
        self.end.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        raise NotImplementedError
