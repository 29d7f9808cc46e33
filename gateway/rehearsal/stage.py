"""The stage of a rehearsal: broker, registry, customs and the simulated devices of one lane, in one folder.

FOLDER/site.yaml       the site's file, read by the same loader as every other
FOLDER/registry.yaml   the registry's
FOLDER/preadvice.yaml  what the depot was told to expect
FOLDER/gateway.db      the outbox            FOLDER/registry.db   what the registry holds
FOLDER/customs.log     the simulator of customs' services
FOLDER/dev/            ptys of scale and scanner, the folder of the second camera
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

import yaml

from drivers.simulator.camera import CameraSimulator
from drivers.simulator.scale import ScaleSimulator
from drivers.simulator.scanner import ScannerSimulator
from gateway.rehearsal.broker import REGISTRY, Broker, free_port
from gateway.rehearsal.drive import ON_S, ROCK_S, drive
from gateway.rehearsal.trucks import BOX_KG, CHASSIS_KG, TRACTOR_KG, Truck
from ocr.render import render_door, render_lane
from record.proof import SigningKey
from record.topics import Gate

GATE = Gate("deposito-demo", "garita-1")
LANE = "carril-1"
STAND_S = 7.0
PREFIX = "\x02"
DEPOT = {"profile": "temporal", "district": "028", "oce": "99999999", "operator_type": "14"}
"""A depot that does not exist; 99999999 is no OCE code of anybody."""

SENDER = {"ruc": "9999999999001", "user": "DEMO"}
"""Nobody's RUC: in the demo a simulator stands for customs. It rejects every third report."""

VISITOR = "demo"
"""Who is let in at both pages, by links that work once."""

SHOTS = 3
"""Pictures that each camera takes of one truck."""


class Stage:
    """Everything around the gate. As a context it is set up on entry and cleared on exit; its files stay."""

    def __init__(self, folder: Path, cast: Iterable[Truck]) -> None:
        self.folder = folder.resolve()
        self.site_file = self.folder / "site.yaml"
        self.registry_file = self.folder / "registry.yaml"
        self.gateway_db = self.folder / "gateway.db"
        self.registry_db = self.folder / "registry.db"
        self._cast = tuple(cast)
        self._undo = ExitStack()
        self.broker = Broker(self.folder / "broker", [GATE])
        self.page_port, self.console_port, self.customs_port = free_port(), free_port(), free_port()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            self._set(undo)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def _set(self, undo: ExitStack) -> None:
        devices = self.folder / "dev"
        (devices / "lateral").mkdir(parents=True, exist_ok=True)
        undo.enter_context(self.broker)
        self.scale = undo.enter_context(ScaleSimulator(devices / "scale", "mt_continuous", seven_bit=True))
        self.scanner = undo.enter_context(ScannerSimulator(devices / "scanner"))
        self.camera = undo.enter_context(CameraSimulator())
        self._empty = render_lane(0)
        self.camera.show(self._empty)
        self._write_files()
        customs = ("customs-sim", "--port", self.customs_port, "--reject-every", 3)
        undo.enter_context(Program(self.folder / "customs.log", "registry", *customs))
        registry = Program(self.folder / "registry.log", "registry", "run", self.registry_file)
        self._registry = undo.enter_context(registry)

    @property
    def registry_pid(self) -> int:
        """The registry's process id. Raises `RuntimeError` where it does not run."""
        return self._registry.pid

    def console_link(self) -> str | None:
        """A link that logs in once at the registry's console; None where that program says none."""
        command = [sys.executable, "-m", "registry", "user", "add", VISITOR, "--role", "supervisor"]
        told = subprocess.run(
            [*command, str(self.registry_file), "--link"], capture_output=True, text=True, timeout=60
        )
        return next((word for word in told.stdout.split() if word.startswith("http")), None)

    def pass_truck(self, truck: Truck) -> None:
        """Let a truck pass: it drives on, its papers are scanned, the cameras look at it, it drives off."""
        self._look(truck, 0)
        passage = list(drive(truck.gross_kg, STAND_S))
        moving = Thread(target=self.scale.play, args=(passage,), daemon=True)
        moving.start()
        time.sleep(ON_S + ROCK_S)
        for text in (truck.dae, truck.access_key):
            self.scanner.send(text, prefix=PREFIX.encode())
        for shot in range(1, SHOTS + 1):
            self._look(truck, shot)
            time.sleep(1.0)
        moving.join()
        self.camera.show(self._empty)
        time.sleep(1.0)

    def _look(self, truck: Truck, shot: int) -> None:
        """Both cameras see the truck anew: the stream its rear, the folder its side."""
        self.camera.show(picture(truck, 2 * shot))
        path = self.folder / "dev" / "lateral" / f"{truck.dae}-{shot}.jpg"
        path.write_bytes(picture(truck, 2 * shot + 1))

    def _write_files(self) -> None:
        self._secret("gate.pass", self.broker.credentials(GATE)[1])
        self._secret("registry.pass", self.broker.credentials(REGISTRY)[1])
        gate_key = SigningKey.read_or_create(self.folder / "keys" / "gate.pem").public
        registry_key = SigningKey.read_or_create(self.folder / "keys" / "registry.pem").public
        announced = [truck.preadvice() for truck in self._cast if truck.announced]
        self._yaml("preadvice.yaml", {"preadvice": announced})
        self._yaml("site.yaml", self._site(str(registry_key)))
        self._yaml("registry.yaml", self._registry_settings(str(gate_key)))

    def _site(self, registry_key: str) -> dict[str, Any]:
        devices = self.folder / "dev"
        cameras = [
            {
                "name": "trasera",
                "kind": "mjpeg",
                "face": "rear",
                "url": self.camera.stream_url,
                "interval_s": 0.4,
            },
            {"name": "lateral", "kind": "folder", "face": "left", "folder": str(devices / "lateral")},
        ]
        lane = {
            "name": LANE,
            "scale": {
                "name": "balanza",
                "protocol": "mt_continuous",
                "port": str(devices / "scale"),
                "bits": 8,
                "parity": "N",
                "certificate": {"number": "DEMO-1", "authority": "demo", "valid_until": "2099-12-31"},
            },
            "cameras": cameras,
            "scanners": [{"name": "lector", "port": str(devices / "scanner"), "prefix": PREFIX}],
        }
        return {
            "depot": {"name": GATE.depot, **DEPOT},
            "gate": GATE.gate,
            "data": ".",
            "keys": {"signing": "keys/gate.pem", "registry": registry_key},
            "broker": {
                "host": self.broker.host,
                "port": self.broker.port,
                "user": self.broker.credentials(GATE)[0],
                "password_file": "gate.pass",
            },
            "tares": {"tractor_kg": TRACTOR_KG, "chassis_kg": CHASSIS_KG, "boxes": BOX_KG},
            "preadvice": {"file": "preadvice.yaml"},
            "registry": {"url": f"http://127.0.0.1:{self.console_port}"},
            "page": {"port": self.page_port},
            "lanes": [lane],
            "simulated": True,
        }

    def _registry_settings(self, gate_key: str) -> dict[str, Any]:
        return {
            "broker": {
                "host": self.broker.host,
                "port": self.broker.port,
                "user": self.broker.credentials(REGISTRY)[0],
                "password_file": "registry.pass",
            },
            "database": "sqlite:///registry.db",
            "signing_key": "keys/registry.pem",
            "http": {"port": self.console_port},
            "evidence": {"folder": "registry-evidence", "min_free_mb": 0},
            "depots": {GATE.depot: {**DEPOT, "first_number": 1, "gates": {GATE.gate: {"keys": [gate_key]}}}},
            "accept_simulated": True,
            "transmission": {
                "url": f"http://127.0.0.1:{self.customs_port}/cdes_svr",
                "simulator": True,
                "depots": {GATE.depot: SENDER},
                "poll_s": 2,
            },
        }

    def _yaml(self, name: str, content: dict[str, Any]) -> None:
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def _secret(self, name: str, content: str) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(content, encoding="utf-8")


def picture(truck: Truck, frame: int) -> bytes:
    """What a camera sees of the truck: a JPEG of the container's face."""
    if truck.photo is not None:
        return truck.photo.read_bytes()
    return render_door(truck.container, truck.type_code, seed=truck.seed, frame=frame)


class Program:
    """A program of the house as a process of its own, its output in a log. Ended with SIGTERM on exit."""

    def __init__(self, log: Path, module: str, *arguments: object) -> None:
        self._arguments = [sys.executable, "-m", module, *map(str, arguments)]
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's id. Raises `RuntimeError` where it does not run."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._arguments, stdout=log, stderr=log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process.kill()
            self._process.wait()
