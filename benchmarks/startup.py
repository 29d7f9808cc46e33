"""How soon a gate weighs: `python -m benchmarks.startup --runs 5`.

From the start of its process to the opening of the scale's line, to the first weight (a truck stands there already,
so its visit begins with it), and to READY=1, when the page answers too. The processor's seconds until then stand
beside, since a busy machine makes the clock run on. No reading model is loaded by then: that is looked at too. Exit
code 1 where the median first weight takes two seconds.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import httpx

from benchmarks.gate import House, processor
from benchmarks.process_tree import family, read
from drivers.readings import Kind, Stability, Unit, Weight

LIMIT_S = 2.0
UP = 'iie_gateway_device_up{device="scale",lane="l1"} 1.0'


def run(folder: Path) -> tuple[float, float, float, float]:
    """Seconds to the open line, the first weight and READY=1, and of the processor until the first weight."""
    house = House(folder)
    with house.scale() as scale, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(folder / "notify"))
        systemd.settimeout(0.005)
        scale.set(Weight(Decimal(29680), Unit.KG, Stability.STABLE, Kind.GROSS))
        began = time.monotonic()
        opened = weight = ready = cost = 0.0
        with house.running(NOTIFY_SOCKET=str(folder / "notify")) as gate:
            while not (opened and weight and ready):
                spent = time.monotonic() - began
                if not opened and scale.end.listening:  # type: ignore[attr-defined]
                    opened = spent
                if not ready and told(systemd):
                    ready = spent
                if not weight and ": visit " in (folder / "gate.log").read_text():
                    weight, cost = time.monotonic() - began, processor(gate.pid)
                    models = [each for each in family(gate.pid) if "onnx" in read(Path(f"/proc/{each}/maps"))]
                    assert not models, "a reading model was loaded before the first weight"
                assert spent < 60, (folder / "gate.log").read_text()
    return opened, weight, ready, cost


def told(systemd: socket.socket) -> bool:
    try:
        return systemd.recv(100).startswith(b"READY=1")
    except TimeoutError:
        return False


def asked(url: str) -> str:
    try:
        return httpx.get(url, timeout=5).text
    except httpx.TransportError:
        return ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    found = []
    for _ in range(1 + chosen.runs):
        with tempfile.TemporaryDirectory() as folder:
            found.append(run(Path(folder)))
    del found[0]  # it may have had to compile its modules
    opened, weight, ready, cost = (statistics.median(column) for column in zip(*found, strict=True))
    print(
        f"line open {opened:.2f} s, first weight {weight:.2f} s, READY=1 {ready:.2f} s; processor {cost:.2f} s"
    )
    if weight >= LIMIT_S:
        sys.exit(f"The first weight takes {LIMIT_S:g} s or more.")


if __name__ == "__main__":
    main()
