"""A gate, a broker and a registry as real processes in one folder, each of which may be killed and frozen."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from benchmarks.proxy import Proxy
from gateway.load import journalled
from gateway.outbox.file import DATABASE
from gateway.rehearsal.broker import REGISTRY, Broker
from record.proof import SigningKey
from record.topics import Gate

GATE = Gate("depot", "g1")
OCE = "99999999"
DEPOT = {"profile": "temporal", "district": "028", "oce": OCE, "operator_type": "14"}
PATIENCE_S = 30.0
RATE = 50.0


class Process:
    """A program that may be killed, frozen and started again."""

    def __init__(
        self, arguments: Sequence[str], log: Path, environment: dict[str, str] | None = None
    ) -> None:
        self._arguments, self.log = list(arguments), log
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._frozen = False

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        return self._process.poll() if self._process else None

    def start(self) -> None:
        if self.running:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._arguments, stdout=log, stderr=log, env=self._environment)
        self._frozen = False

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self._reap()

    def freeze(self) -> None:
        self._frozen = True
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._frozen = False
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)
        if self._frozen:
            self.thaw()

    def wait(self, seconds: float = PATIENCE_S) -> int:
        assert self._process
        return self._process.wait(seconds)

    def stop(self) -> None:
        self.terminate()
        try:
            self.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self.running and self._process:
            self._process.send_signal(number)

    def _reap(self) -> None:
        if self._process:
            self._process.wait()


class Rig:
    """Everything of one run. As a context it is set up on entry and taken down on exit; its files stay.

    ``modules`` names what runs as registry and as gate, so that a deliberate fault can be put in their place.
    """

    def __init__(
        self,
        folder: Path,
        *,
        rate: float = RATE,
        registry_module: Sequence[str] = ("-m", "registry"),
        gate_module: Sequence[str] = ("-m", "gateway"),
        resend_after_s: float = 3,
    ) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.broker = Broker(self.folder / "broker", [GATE])
        self.site_file = self.folder / "site.yaml"
        self.registry_file = self.folder / "registry.yaml"
        self.database = self.folder / DATABASE
        self.registry_db = self.folder / "registry.db"
        self.journal = self.folder / "journal"
        self._resend_after_s = resend_after_s
        self._undo = ExitStack()
        self.registry = Process(
            [sys.executable, *registry_module, "run", str(self.registry_file)], self.folder / "registry.log"
        )
        self.gate = Process(
            [
                *(sys.executable, *gate_module, "load", str(self.site_file)),
                *("--rate", str(rate), "--seconds", "86400", "--journal", str(self.journal), "--wait", "600"),
            ],
            self.folder / "gate.log",
        )

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.enter_context(self.broker)
            self.proxy = undo.enter_context(Proxy((self.broker.host, self.broker.port)))
            self._write_files()
            undo.callback(self.registry.kill)
            undo.callback(self.gate.kill)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def journalled(self) -> list[str]:
        return journalled(self.journal)

    def waiting(self) -> int:
        """How many events the gate's outbox still has to bring to the registry."""
        query = "SELECT COUNT(*) FROM queue WHERE state IN ('new', 'sent', 'acknowledged')"
        rows = self.of_gate(query)
        return int(rows[0][0]) if rows else 0

    def of_gate(self, query: str) -> list[tuple[Any, ...]]:
        return _ask(self.database, query)

    def of_registry(self, query: str) -> list[tuple[Any, ...]]:
        return _ask(self.registry_db, query)

    def copy_outbox(self, folder: Path) -> None:
        """The gate's database and what belongs to it, as it lies on the disk; the gate must not run."""
        folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.glob(f"{DATABASE}*"):
            shutil.copy2(path, folder)

    def lay_in(self, folder: Path) -> None:
        """An earlier copy in place of the gate's database; the gate must not run."""
        for path in self.folder.glob(f"{DATABASE}*"):
            path.unlink()
        for path in folder.glob(f"{DATABASE}*"):
            shutil.copy2(path, self.folder)

    def verify(self, program: str, *arguments: str) -> tuple[int, str]:
        """Exit code and words of ``verify`` of the registry or the gate."""
        command = [sys.executable, "-m", program, "verify", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, (done.stdout + done.stderr).strip()

    def _write_files(self) -> None:
        self._secret("gate.pass", self.broker.credentials(GATE)[1])
        self._secret("registry.pass", self.broker.credentials(REGISTRY)[1])
        gate_key = SigningKey.read_or_create(self.folder / "gate.pem").public
        registry_key = SigningKey.read_or_create(self.folder / "registry.pem").public
        site = {
            "depot": {"name": GATE.depot, **DEPOT},
            "gate": GATE.gate,
            "data": ".",
            "keys": {"signing": "gate.pem", "registry": str(registry_key)},
            "broker": {
                "host": self.proxy.host,
                "port": self.proxy.port,
                "user": self.broker.credentials(GATE)[0],
                "password_file": "gate.pass",
                "keepalive_s": 2,
                "resend_after_s": self._resend_after_s,
            },
            "lanes": [{"name": "l1", "scale": {"protocol": "mt_continuous", "port": "/dev/null"}}],
            "simulated": True,
        }
        registry = {
            "broker": {
                "host": self.broker.host,
                "port": self.broker.port,
                "user": REGISTRY,
                "password_file": "registry.pass",
                "keepalive_s": 2,
            },
            "database": "sqlite:///registry.db",
            "signing_key": "registry.pem",
            "depots": {GATE.depot: {**DEPOT, "gates": {GATE.gate: {"keys": [str(gate_key)]}}}},
            "accept_simulated": True,
        }
        for path, content in ((self.site_file, site), (self.registry_file, registry)):
            path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")

    def _secret(self, name: str, content: str) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(content, encoding="utf-8")


def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE_S) -> None:
    """Wait for a condition. Raises `TimeoutError` naming what did not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:g} s")
        time.sleep(0.05)


def _ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    """A query of a database that another process writes; nothing where there is no such table yet."""
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as db,
    ):
        return db.execute(query).fetchall()
    return []
