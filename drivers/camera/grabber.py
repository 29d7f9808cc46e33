"""The process of one stream camera: holds the stream, keeps only the newest frame, encodes it when asked.

    parent                    child
      | Opening, Timeouts ──▶  |  loads what it opens with
      |                   ◀──  |  LOADED; opens
      |                   ◀──  |  OPENED, or the reason why not
      | NEXT              ──▶  |
      |                   ◀──  |  the next frame as JPEG, or ENDED
      | CLOSE             ──▶  |  lets go of the stream
      |                   ◀──  |  CLOSED; another Opening may follow
      | ends the line     ──▶  |  ends

Frames are taken from the stream all the time, so that none is old, and made into pictures only when one is
wanted: grabbing two streams costs a tenth of a core.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from drivers.camera.source import Backend, Opening

if TYPE_CHECKING:
    import cv2

LOADED = b"loaded"
OPENED = b"opened"
NEXT = b"next"
CLOSE = b"close"
CLOSED = b"closed"
ENDED = b"ended"
FAILED = b"failed "
MEMORY = 500 * 1024 * 1024
_QUALITY = 92
_NICENESS = 5


def run(line: Connection) -> None:
    """Open what the parent names, one after another, until it ends the line."""
    while True:
        said = line.recv()
        if said == CLOSE:
            line.send_bytes(CLOSED)
        elif said != NEXT:
            hold(line, *said)


def hold(line: Connection, opening: Opening, open_wait: float, read_wait: float) -> None:
    """Hold one stream and answer requests for its pictures until it is to be closed, or ends."""
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = opening.options
    import cv2  # noqa: F401 - loaded before the time-out of opening begins

    line.send_bytes(LOADED)
    capture = opened(opening, open_wait, read_wait)
    if capture is None:
        line.send_bytes(FAILED + b"it cannot be opened")
        return
    line.send_bytes(OPENED)
    try:
        line.send_bytes(_last_word(line, capture, Pace(capture, opening)))
    finally:
        capture.release()


def _last_word(line: Connection, capture: cv2.VideoCapture, pace: Pace) -> bytes:
    """Take frame after frame, and give those that are asked for; what is to be said at the end."""
    wanted = False
    while True:
        if not wanted and line.poll(0):
            if line.recv() == CLOSE:
                return CLOSED
            wanted = True
        if not capture.grab():
            if not pace.again():
                return ENDED
            continue
        pace.wait()
        if wanted:
            line.send_bytes(encoded(capture))
            wanted = False


def opened(opening: Opening, open_wait: float, read_wait: float) -> cv2.VideoCapture | None:
    """The capture with both of its time-outs set (seconds), None when it does not open."""
    import cv2

    if opening.backend is Backend.V4L2:
        settings = [cv2.CAP_PROP_BUFFERSIZE, 1, cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")]
        if opening.size:
            width, height = opening.size
            settings += [cv2.CAP_PROP_FRAME_WIDTH, width, cv2.CAP_PROP_FRAME_HEIGHT, height]
        capture = cv2.VideoCapture(opening.target, cv2.CAP_V4L2, settings)
    else:
        waits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, round(open_wait * 1000)]
        waits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, round(read_wait * 1000), cv2.CAP_PROP_N_THREADS, 1]
        capture = cv2.VideoCapture(opening.target, cv2.CAP_FFMPEG, waits)
    return capture if capture.isOpened() else None


def encoded(capture: cv2.VideoCapture) -> bytes:
    """The frame that was grabbed last as JPEG, b"" when it is damaged."""
    import cv2

    fine, frame = capture.retrieve()
    if not fine:
        return b""
    return cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


class Pace:
    """Plays a file at its own speed; leaves a live source alone."""

    def __init__(self, capture: cv2.VideoCapture, opening: Opening) -> None:
        import cv2

        self._capture = capture
        self._opening = opening
        rate = capture.get(cv2.CAP_PROP_FPS)
        self._gap = 1 / rate if opening.paced and rate > 0 else 0.0
        self._due = time.monotonic()

    def wait(self) -> None:
        """Until the next frame is due."""
        if self._gap:
            self._due = max(self._due + self._gap, time.monotonic() - 1.0)
            time.sleep(max(0.0, self._due - time.monotonic()))

    def again(self) -> bool:
        """Go back to the start of a file that is to be repeated; False when there is no more."""
        import cv2

        return self._opening.repeat and self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)


def main() -> None:
    """Serve on the socket whose number is the first argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    with Connection(int(sys.argv[1])) as line:
        sys.path[:] = line.recv()
        try:
            run(line)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
