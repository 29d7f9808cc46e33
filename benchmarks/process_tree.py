"""Memory of a whole gate at work: `python -m benchmarks.process_tree --seconds 60`.

A real gateway with a scale on a pseudo-terminal and four RTSP cameras of 720p, a picture every half second
each, and a truck on the scale whose door all four show. Told is the peak of all its processes together, as
proportional share (Pss: a page that n processes share counts for one nth in each) and as resident memory,
and whether the number was read. `--picture` shows another one, such as a photograph in which nothing is found:
then every picture is read for as long as the truck stands there. Needs GStreamer's RTSP server (docs/cameras.md).

    scale ─ pty ─▶ gateway ─┬─ one process a camera ◀─ RTSP ─ GStreamer: one drawn door
                            └─ reading process
"""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from drivers.readings import Kind, Stability, Unit, Weight
from drivers.simulator.scale import ScaleSimulator
from gateway.outbox.file import DATABASE
from ocr.render import render_door
from record.event import EventType
from record.proof import SigningKey, unwire

NUMBER, CAMERAS, LIMIT_MB = "MSKU6011672", 4, 1200
SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = """
import sys, gi
gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f"( filesrc location={sys.argv[1]} ! jpegdec ! imagefreeze is-live=true ! videoconvert "
    "! video/x-raw,format=I420,framerate=8/1 ! x264enc tune=zerolatency speed-preset=ultrafast "
    "key-int-max=8 ! rtph264pay name=pay0 pt=96 )"
)
factory.set_shared(True)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1"); server.set_service("0")
for face in ("rear", "left", "right", "top"):
    server.get_mount_points().add_factory("/" + face, factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
"""


def site(port: str, scale: Path) -> dict[str, Any]:
    faces, server = ("rear", "left", "right", "top"), f"rtsp://127.0.0.1:{port}"
    return {
        "depot": {
            "name": "depot",
            "profile": "temporal",
            "district": "028",
            "oce": "99999999",
            "operator_type": "14",
        },
        "gate": "g1",
        "data": ".",
        "keys": {"signing": "gate.pem", "registry": str(SigningKey.generate().public)},
        "broker": {"host": "127.0.0.1", "port": 9},
        "lanes": [
            {
                "name": "l1",
                "scale": {"name": "scale", "protocol": "mt_continuous", "port": str(scale)},
                "cameras": [
                    {"name": face, "kind": "rtsp", "url": f"{server}/{face}", "face": face} for face in faces
                ],
            }
        ],
    }


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    members = [pid]
    for member in members:
        for thread in Path(f"/proc/{member}/task").glob("*/children"):
            members += [int(child) for child in read(thread).split()]
    return members


def memory(pid: int) -> tuple[float, float]:
    """Proportional share and resident memory in MB; nothing of a process that has ended."""
    fields = dict(line.split(":", 1) for line in read(Path(f"/proc/{pid}/smaps_rollup")).splitlines()[1:])
    share, resident = (int(fields.get(name, "0 kB").split()[0]) / 1024 for name in ("Pss", "Rss"))
    return share, resident


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def numbers(folder: Path) -> set[str]:
    """The containers of all drafts so far."""
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True, timeout=10)) as database,
    ):
        query = f"SELECT body FROM events WHERE type = '{EventType.DRAFT.value}'"
        drafts = [unwire(row[0])["data"] for row in database.execute(query)]
        return {
            item["container"] for draft in drafts for item in draft["payload"]["items"] if item["container"]
        }
    return set()


def measured(folder: Path, seconds: float, picture: Path | None) -> bool:
    (folder / "door.jpg").write_bytes(
        picture.read_bytes() if picture else render_door(NUMBER, "22G1", seed=4)
    )
    command = [SYSTEM_PYTHON, "-c", SERVER, str(folder / "door.jpg")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with ended(server), ScaleSimulator(folder / "scale", "mt_continuous", seven_bit=True) as scale:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        SigningKey.read_or_create(folder / "gate.pem")
        (folder / "site.yaml").write_text(json.dumps(site(port, folder / "scale")), encoding="utf-8")
        with (folder / "gate.log").open("w", encoding="utf-8") as log:
            gate = subprocess.Popen(
                [sys.executable, "-m", "gateway", "run", str(folder / "site.yaml")],
                stdout=log,
                stderr=log,
                text=True,
            )
        with ended(gate):
            fits = watched(gate, scale, folder, seconds)
            return fits and (picture is not None or numbers(folder) == {NUMBER})


def watched(gate: subprocess.Popen[str], scale: ScaleSimulator, folder: Path, seconds: float) -> bool:
    """Sample the gate's processes for so long, the truck on the scale from the first second."""
    scale.set(Weight(Decimal(29680), Unit.KG, Stability.STABLE, Kind.GROSS))
    peak, resident, parts, until = 0.0, 0.0, "", time.monotonic() + seconds
    most = 0
    while time.monotonic() < until and gate.poll() is None:
        members = family(gate.pid)
        shares = [memory(member) for member in members]
        total = sum(share for share, _ in shares)
        resident, most = max(resident, sum(rss for _, rss in shares)), max(most, len(members))
        if total > peak:
            peak, parts = total, ", ".join(f"{share:.0f}" for share, _ in sorted(shares, reverse=True))
        time.sleep(0.5)
    print(f"{most} processes; peak {peak:.0f} MB proportional ({parts}), {resident:.0f} MB resident, summed")
    print(f"container in the draft: {', '.join(numbers(folder)) or 'none'}")
    return gate.poll() is None and most >= CAMERAS + 2 and peak < LIMIT_MB


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--picture", type=Path, help="a JPEG that the cameras show")
    parser.add_argument("--folder", type=Path, help="keep the gate's files here")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = chosen.folder or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        if not measured(folder.resolve(), chosen.seconds, chosen.picture):
            sys.exit(f"Not as it should be: fewer processes, no number, or {LIMIT_MB} MB passed.")


if __name__ == "__main__":
    main()
