"""How fast scales are decoded: frames a second, and the processor's share at a full line.

    python -m benchmarks.decoding [--seconds 5] [--only st_gs]

The first table decodes frames from memory, in reads of 256 bytes. The second plays a full line of 115200 bits
a second (640 frames of 18 bytes) over a pty and shows what one reader costs: a bare loop of reads, the port of
this project without a decoder, and port with decoder.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import pty
import select
import time
import tty
from collections.abc import Callable
from decimal import Decimal

from drivers.port import Line, open_port
from drivers.readings import Kind, Stability, Weight
from drivers.scale.protocol import CannotEncode, Protocol, Settings
from drivers.scale.protocols import PROTOCOLS, protocol

READ = 256
BYTES_A_SECOND = 11_520
"""What 115200 bits a second carry with start and stop bit."""

CHUNK_SECONDS = 0.01


def sample(spoken: Protocol, frames: int) -> bytes:
    """Frames of changing weights."""
    sent = bytearray()
    for number in range(frames):
        sent += _frame(spoken, Decimal(number % 90_000).scaleb(-2))
    return bytes(sent)


def _frame(spoken: Protocol, value: Decimal) -> bytes:
    for stability in Stability:
        for kind in Kind:
            for places in (None, 2):
                try:
                    weight = Weight(value, stability=stability, kind=kind)
                    return spoken.encode(weight, Settings(decimals=places))
                except CannotEncode:
                    continue
    raise AssertionError(f"{spoken.id} encodes nothing")


def frames_a_second(spoken: Protocol, frames: int = 4000) -> float:
    """Frames that one core decodes in a second, the best of three runs."""
    data = sample(spoken, frames)
    pieces = [data[at : at + READ] for at in range(0, len(data), READ)]
    best = 0.0
    for _ in range(3):
        decoder = spoken.decoder()
        begin = time.process_time()
        count = sum(len(decoder.feed(piece)) for piece in pieces) + len(decoder.flush())
        best = max(best, count / (time.process_time() - begin))
    return best


def play(master: int, data: bytes, seconds: float) -> None:
    """Write at the line's speed, a hundred times a second."""
    step = int(BYTES_A_SECOND * CHUNK_SECONDS)
    begin = time.monotonic()
    at = 0
    while (passed := time.monotonic() - begin) < seconds:
        due = int(passed * BYTES_A_SECOND)
        while at < due:
            os.write(master, (data + data)[at % len(data) : at % len(data) + step])
            at += step
        time.sleep(CHUNK_SECONDS)


def bare(path: str, seconds: float) -> int:
    """A loop of select and read, and nothing else."""
    device = os.open(path, os.O_RDONLY | os.O_NOCTTY)
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        if select.select([device], [], [], 0.05)[0]:
            count += len(os.read(device, 4096))
    os.close(device)
    return count


def port_only(path: str, seconds: float) -> int:
    """The port of this project without a decoder."""
    until, count = time.monotonic() + seconds, 0
    with open_port(Line(path, baud=115200)) as port:
        while time.monotonic() < until:
            count += len(port.read(0.2))
    return count


def port_and_decoder(path: str, seconds: float) -> int:
    """Port and decoder, as a scale of a site reads."""
    until, count = time.monotonic() + seconds, 0
    decoder = protocol("mt_continuous").decoder(joined=True)
    with open_port(Line(path, baud=115200)) as port:
        while time.monotonic() < until:
            count += sum(isinstance(found, Weight) for found in decoder.feed(port.read(0.2)))
    return count


def share(reader: Callable[[str, float], int], seconds: float) -> tuple[float, float]:
    """Percent of one core that the reader takes at a full line, and what it counted a second."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    player = multiprocessing.Process(
        target=play, args=(master, sample(protocol("mt_continuous"), 2000), seconds + 1)
    )
    player.start()
    time.sleep(0.3)
    begin, spent = time.monotonic(), time.process_time()
    count = reader(os.ttyname(slave), seconds)
    passed, used = time.monotonic() - begin, time.process_time() - spent
    player.terminate()
    player.join()
    os.close(master)
    os.close(slave)
    return 100 * used / passed, count / passed


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=5.0, help="how long a line is played")
    options.add_argument("--only", help="id of one protocol")
    chosen = options.parse_args()
    print(f"{'protocol':<20} {'frames/s':>10}")
    for name, spoken in PROTOCOLS.items():
        if name != "pattern" and chosen.only in (None, name):
            print(f"{name:<20} {frames_a_second(spoken):>10,.0f}")
    print(f"\n{'115200 bits/s':<20} {'% of a core':>12} {'a second':>10}")
    for reader in (bare, port_only, port_and_decoder):
        percent, rate = share(reader, chosen.seconds)
        unit = "frames" if reader is port_and_decoder else "bytes"
        print(f"{reader.__name__:<20} {percent:>12.1f} {rate:>10,.0f} {unit}")


if __name__ == "__main__":
    main()
