"""A real gate for benchmarks: its process, a scale on a pseudo terminal at 9600 baud, its page, and what it costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks.process_tree import ended, family, memory, read
from drivers.simulator.scale import ScaleSimulator
from gateway.console.people import People
from gateway.console.person import Role
from gateway.outbox.file import DATABASE
from gateway.outbox.outbox import Outbox
from gateway.rehearsal.broker import free_port
from record.proof import SigningKey
from record.topics import Gate
from record.web.passwords import Passwords

READING = "ocr.child"
"""What the reading process's command line names; it is counted apart."""

TICKS = os.sysconf("SC_CLK_TCK")
GATE = Gate("depot", "g1")
FULL_HZ = 50.0
"""Frames a second that fill a line of 9600 baud: 18 bytes of ten bits each."""


class House:
    """The files of a gate with one scale, its cameras, and a page on a free port."""

    def __init__(self, folder: Path, cameras: list[dict[str, Any]] | None = None) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.file = folder / "site.yaml"
        key = SigningKey.read_or_create(folder / "gate.pem")
        scale = {"name": "scale", "protocol": "mt_continuous", "port": str(folder / "scale"), "baud": 9600}
        content = {
            "depot": {
                "name": GATE.depot,
                "profile": "temporal",
                "district": "028",
                "oce": "99999999",
                "operator_type": "14",
            },
            "gate": GATE.gate,
            "data": "data",
            "keys": {"signing": "gate.pem", "registry": str(SigningKey.generate().public)},
            "broker": {"host": "127.0.0.1", "port": 9},
            "page": {"port": self.port},
            "lanes": [{"name": "l1", "scale": scale, "cameras": cameras or []}],
        }
        self.file.write_text(json.dumps(content), encoding="utf-8")
        outbox = Outbox(folder / "data" / DATABASE, GATE, key)
        people = People(outbox.file, Passwords())
        people.add("Ana", Role.GUARD, None)
        self.link = people.link("Ana", datetime.now(UTC))
        outbox.close()

    def scale(self) -> ScaleSimulator:
        return ScaleSimulator(self.folder / "scale", "mt_continuous", FULL_HZ, seven_bit=True)

    @contextmanager
    def running(self, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """The gate at work, its log beside its file."""
        with (self.folder / "gate.log").open("a", encoding="utf-8") as log:
            command = [sys.executable, "-m", "gateway", "run", str(self.file)]
            gate = subprocess.Popen(
                command, stdout=log, stderr=log, text=True, env=as_installed() | environment
            )
            with ended(gate):
                yield gate

    @contextmanager
    def watched(self) -> Iterator[None]:
        """A guard's page that stays open."""
        over = threading.Event()
        with httpx.Client(base_url=self.url, headers={"origin": self.url}, timeout=30) as client:
            assert client.post("/enter", data={"token": self.link}).status_code == 303
            assert client.get("/").status_code == 200
            reader = threading.Thread(target=_follow, args=(client, over), daemon=True)
            reader.start()
            yield
            over.set()
            reader.join(5)


def as_installed() -> dict[str, str]:
    """The environment of a program whose modules are compiled already, as a package brings them; the first start of
    all compiles them."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return own | {"PYTHONPYCACHEPREFIX": str(Path(sys.prefix) / "bytecode")}


def _follow(client: httpx.Client, over: threading.Event) -> None:
    with suppress(httpx.HTTPError), client.stream("GET", "/events") as events:
        for _ in events.iter_lines():
            if over.is_set():
                return


def processor(gate: int) -> float:
    """Seconds of the processor that a gate and all that it started have used, without the reading process."""
    total = 0.0
    for member in family(gate):
        if READING in read(Path(f"/proc/{member}/cmdline")):
            continue
        fields = read(Path(f"/proc/{member}/stat")).rpartition(")")[2].split()
        if fields:
            own, children = sum(map(int, fields[11:13])), sum(map(int, fields[13:15]))
            total += (own + children) / TICKS
    return total


def share(gate: int) -> float:
    """Megabytes of all its processes, pages that several have counted in parts, without the reading process."""
    members = (each for each in family(gate) if READING not in read(Path(f"/proc/{each}/cmdline")))
    return sum(memory(member)[0] for member in members)
