"""The process of a stream camera, seen from its parent: started, given one opening after another, ended by force.

Loading OpenCV costs a third of a second of processor, a look at a camera a fortieth: a process that stays makes the
looks at idle cameras cheap. It is as easily ended as one that was started for a single look.
"""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing import Pipe
from typing import Any

from drivers.camera.grabber import CLOSE, CLOSED, NEXT
from drivers.camera.source import Opening
from drivers.camera.web import Timeouts
from drivers.errors import OperationFailed

BEAT = 0.25
_PROGRAM = "from drivers.camera.grabber import main; main()"
_QUIET = {"OPENCV_LOG_LEVEL": "OFF", "OPENCV_FFMPEG_LOGLEVEL": "-8", "OMP_NUM_THREADS": "1"}


class GrabberProcess:
    """One process of `drivers.camera.grabber`. ``shown`` names the camera in errors.

    Every method but `end` raises `OperationFailed` when the process has died.
    """

    def __init__(self, shown: str) -> None:
        self.lives = 0
        self.is_lost = False
        self._shown = shown
        self._closing = 0
        self._line, theirs = Pipe()
        command = [sys.executable, "-P", "-c", _PROGRAM, str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, env={**os.environ, **_QUIET}
            )
        self._send(sys.path)

    def open(self, opening: Opening, timeouts: Timeouts) -> None:
        """Ask it to open a source; `heard` gives the answer."""
        self.lives += 1
        self._send((opening, timeouts.open, timeouts.read))

    def ask(self) -> None:
        """Ask for the next picture of what is open."""
        self._send(NEXT)

    def close(self) -> None:
        """Let go of what is open. Nothing is waited for: what it still says of it is passed over."""
        self._closing += 1
        self._send(CLOSE)

    def heard(self) -> bytes | None:
        """What it says of what was opened last, None when it says nothing for one beat."""
        try:
            said = self._line.recv_bytes() if self._line.poll(BEAT) else None
        except (EOFError, OSError) as error:
            raise self._lost() from error
        if not self._closing:
            return said
        self._closing -= said == CLOSED
        return None

    def end(self) -> None:
        """End it, whatever it is doing."""
        self._line.close()
        self._process.kill()
        self._process.wait()

    def _send(self, what: Any) -> None:
        try:
            self._line.send(what)
        except OSError as error:
            raise self._lost() from error

    def _lost(self) -> OperationFailed:
        self.is_lost = True
        return OperationFailed(f"{self._shown}: its process ended")
