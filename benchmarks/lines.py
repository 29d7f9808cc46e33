"""What it costs to attend a scale's line: the processor's share by line rate, beside a bare loop of reads.

    python -m benchmarks.lines [--seconds 10] [--protocol mt_continuous]

A writer plays frames into a pseudo terminal at the rate of a full line. Four readers attend it one after the
other, each in a process of its own whose CPU time is counted:

    bare      select and read(256), nothing else
    pyserial  its read(256) with a time-out of 50 ms, nothing else
    scale     port, decoder, weights
    gateway   the same under its supervisor: time stamps, states, statuses at most ten times a second

``lost`` is frames that were written and not decoded; the first of a line that is joined is none.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import select
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import serial

from drivers.device import Supervisor
from drivers.port import Line
from drivers.readings import Weight
from drivers.scale.device import Scale
from drivers.scale.protocol import Settings
from drivers.scale.protocols import protocol
from drivers.simulator.pty import Pty
from drivers.simulator.scale import shown

RATES = {"10 frames/s": None, "9600, full": 9600, "115200, full": 115200}
BITS_A_BYTE = 10


def bare(path: str, _protocol: str, over: threading.Event) -> int:
    device = serial.Serial(path, 115200, timeout=0)
    frames = 0
    while not over.is_set():
        if select.select([device.fileno()], [], [], 0.05)[0]:
            frames += os.read(device.fileno(), 256).count(b"\r")
    return frames


def pyserial(path: str, _protocol: str, over: threading.Event) -> int:
    device = serial.Serial(path, 115200, timeout=0.05)
    frames = 0
    while not over.is_set():
        frames += device.read(256).count(b"\r")
    return frames


def scale(path: str, spoken: str, over: threading.Event) -> int:
    device = Scale("scale", Line(path, 115200), spoken)
    return sum(isinstance(each, Weight) for each in device.read(over))


def gateway(path: str, spoken: str, over: threading.Event) -> int:
    frames: list[int] = [0]

    def deliver(_: object) -> None:
        frames[0] += 1

    supervisor = Supervisor(Scale("scale", Line(path, 115200), spoken), deliver, lambda _: None)
    supervisor.start()
    over.wait()
    supervisor.stop()
    return frames[0]


READERS: dict[str, Callable[[str, str, threading.Event], int]] = {
    "bare": bare,
    "pyserial": pyserial,
    "scale": scale,
    "gateway": gateway,
}


def attended(reader: str, path: str, spoken: str, seconds: float, result: Connection) -> None:
    """In a process of its own: read for so long, then send frames, CPU seconds and wall seconds."""
    over = threading.Event()
    threading.Timer(seconds, over.set).start()
    started, used = time.monotonic(), time.process_time()
    frames = READERS[reader](path, spoken, over)
    result.send((frames, time.process_time() - used, time.monotonic() - started))


def written(pty: Pty, frame: bytes, rate: float, until: Callable[[], bool]) -> int:
    """Write frames at this rate while somebody listens; how many were written."""
    while not pty.listening:
        time.sleep(0.01)
    start, sent = time.monotonic(), 0
    while not until() and pty.listening:
        due = int((time.monotonic() - start) * rate)
        if due > sent:
            pty.send(frame * (due - sent))
            sent = due
        time.sleep(0.01)
    return sent


def measured(
    reader: str, spoken: str, frame: bytes, rate: float, seconds: float
) -> tuple[float, float, int, int]:
    """CPU share in percent, frames a second, frames decoded and written."""
    with TemporaryDirectory() as folder:
        pty = Pty(Path(folder) / "line")
        near, far = multiprocessing.Pipe()
        arguments = (reader, str(pty.link), spoken, seconds, far)
        process = multiprocessing.get_context("spawn").Process(target=attended, args=arguments)
        process.start()
        sent = written(pty, frame, rate, lambda: not process.is_alive())
        frames, used, wall = near.recv()
        process.join()
        pty.close()
    return 100 * used / wall, frames / wall, frames, sent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--protocol", default="mt_continuous")
    options = parser.parse_args()
    spoken = protocol(options.protocol)
    frame = spoken.encode(shown(spoken, Decimal(12340)), Settings())
    print(f"{spoken.id}, frames of {len(frame)} bytes, {options.seconds:g} s each")
    print(f"{'line':<14}{'reader':<10}{'CPU %':>7}{'frames/s':>10}{'lost':>6}")
    for name, baud in RATES.items():
        rate = baud / BITS_A_BYTE / len(frame) if baud else 10.0
        for reader in READERS:
            share, speed, frames, sent = measured(reader, spoken.id, frame, rate, options.seconds)
            print(f"{name:<14}{reader:<10}{share:>7.2f}{speed:>10.1f}{max(0, sent - frames):>6}", flush=True)


if __name__ == "__main__":
    main()
