"""What a gate costs while nothing happens: `python -m benchmarks.idle --seconds 60`.

One scale that fills a line of 9600 baud, two cameras looked at once in ten seconds, a guard's page that stays open.
Told are processor and memory of all its processes together, without the reading process:

    none     the scale and the page alone
    stills   two cameras that give pictures over HTTP
    streams  two RTSP cameras of 720p that are opened, looked at and closed again
    held     the same two with a truck on the scale: both streams stay open

`held` less `stills`, by two, is what an open stream of 720p adds. Exit code 1 where `stills` or `streams` passes 3 % of
a core or 250 MB. Streams need GStreamer's RTSP server (docs/cameras.md); without it they are left out, which is told.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import cv2
import numpy
from numpy.random import default_rng

from benchmarks.gate import House, processor, share
from benchmarks.process_tree import SERVER, SYSTEM_PYTHON, ended
from benchmarks.startup import UP, asked
from drivers.readings import Kind, Stability, Unit, Weight
from drivers.simulator.camera import CameraSimulator

CORE_PERCENT, MEGABYTES = 3.0, 250.0
WARM_S = 15.0
"""Seconds that a gate is given before it is looked at: its start is no part of idling."""


def picture() -> bytes:
    """A picture of 720p with some detail in it."""
    noise = default_rng(1).integers(0, 255, (90, 160, 3), dtype=numpy.uint8)
    done, data = cv2.imencode(".jpg", cv2.resize(noise, (1280, 720), interpolation=cv2.INTER_CUBIC))
    assert done
    return data.tobytes()


@contextmanager
def stills() -> Iterator[list[dict[str, Any]]]:
    with CameraSimulator() as camera:
        camera.show(picture())
        yield [
            {"name": name, "kind": "still", "url": camera.still_url, "interval_s": 10, "region": region}
            for name, region in (("rear", [0, 0, 0.5, 1]), ("left", [0.5, 0, 1, 1]))
        ]


@contextmanager
def streams(folder: Path) -> Iterator[list[dict[str, Any]]]:
    (folder / "door.jpg").write_bytes(picture())
    command = [SYSTEM_PYTHON, "-c", SERVER, str(folder / "door.jpg")]
    with ended(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        if not port:
            raise OSError("GStreamer's RTSP server does not run")
        yield [
            {"name": face, "kind": "rtsp", "url": f"rtsp://127.0.0.1:{port}/{face}", "face": face}
            for face in ("rear", "left")
        ]


def cost(
    folder: Path, cameras: list[dict[str, Any]], seconds: float, *, truck: bool = False
) -> tuple[float, float]:
    """Per cent of a core, and megabytes at most, over so many seconds."""
    house = House(folder, cameras)
    with house.scale() as scale, house.running() as gate:
        while UP not in asked(f"{house.url}/metrics"):
            assert gate.poll() is None, (folder / "gate.log").read_text()
            time.sleep(0.1)
        with house.watched():
            if truck:
                scale.set(Weight(Decimal(29680), Unit.KG, Stability.STABLE, Kind.GROSS))
            time.sleep(WARM_S)
            began, spent, most = time.monotonic(), processor(gate.pid), 0.0
            while time.monotonic() - began < seconds:
                most = max(most, share(gate.pid))
                time.sleep(1)
            took = time.monotonic() - began
            return (processor(gate.pid) - spent) / took * 100, most


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = Path(passing)
        found: dict[str, tuple[float, float]] = {}

        def one(name: str, cameras: list[dict[str, Any]], *, truck: bool = False) -> None:
            (folder / name).mkdir()
            found[name] = core, memory = cost(folder / name, cameras, chosen.seconds, truck=truck)
            print(f"{name:8} {core:5.1f} % of a core  {memory:5.0f} MB", flush=True)

        one("none", [])
        with stills() as cameras:
            one("stills", cameras)
        try:
            with streams(folder) as cameras:
                one("streams", cameras)
                one("held", cameras, truck=True)
        except OSError as error:
            print(f"streams are left out: {error}")
        else:
            core, memory = ((found["held"][each] - found["stills"][each]) / 2 for each in (0, 1))
            print(f"an open stream of 720p adds {core:.1f} % of a core and {memory:.0f} MB")
    looked_at = [found[name] for name in ("stills", "streams") if name in found]
    if any(core >= CORE_PERCENT or memory >= MEGABYTES for core, memory in looked_at):
        sys.exit(f"More than {CORE_PERCENT:g} % of a core or {MEGABYTES:g} MB.")


if __name__ == "__main__":
    main()
