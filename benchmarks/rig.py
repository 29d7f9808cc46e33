"""A gate, a broker and a registry as real processes in one folder, each of which may be killed and frozen."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from benchmarks.brokers import Other
from benchmarks.passing import Passing, lane
from benchmarks.process import Process
from benchmarks.proxy import Proxy
from gateway.load import journalled
from gateway.outbox.file import DATABASE
from gateway.rehearsal.broker import REGISTRY, Broker
from record.event import EventType
from record.proof import PublicKey, SigningKey, unwire
from record.topics import Gate

GATE = Gate("depot", "g1")
PASSED = Gate("depot", "g2")
"""The gate that trucks pass; the other one has synthetic drafts only."""

OCE = "99999999"
DEPOT = {"profile": "temporal", "district": "028", "oce": OCE, "operator_type": "14"}
BUSY_S = 60.0
"""How long a database is waited for that its program is just recovering."""

RATE = 50.0


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
        broker: type[Broker] | type[Other] = Broker,
    ) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.broker = broker(self.folder / "broker", [GATE, PASSED])
        self.site_file = self.folder / "site.yaml"
        self.registry_file = self.folder / "registry.yaml"
        self.database = self.folder / DATABASE
        self.registry_db = self.folder / "registry.db"
        self.journal = self.folder / "journal"
        self.passed_folder = self.folder / PASSED.gate
        self.passed_folder.mkdir(exist_ok=True)
        self.passed_site = self.passed_folder / "site.yaml"
        self.passed = Process(
            [sys.executable, "-m", "gateway", "run", str(self.passed_site)], self.passed_folder / "gate.log"
        )
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
            self.passing = undo.enter_context(Passing(self.passed_folder / "dev", self.told_by_passed))
            undo.callback(self.passed.kill)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def journalled(self) -> list[str]:
        return journalled(self.journal)

    def waiting(self) -> int:
        """How many events the gates' outboxes still have to bring to the registry."""
        query = "SELECT COUNT(*) FROM queue WHERE state IN ('new', 'sent', 'acknowledged')"
        return sum(int(row[0]) for row in self.of_gate(query) + self.of_passed(query))

    def of_gate(self, query: str) -> list[tuple[Any, ...]]:
        return _ask(self.database, query)

    def of_passed(self, query: str) -> list[tuple[Any, ...]]:
        return _ask(self.passed_folder / DATABASE, query)

    def told_by_passed(self, kind: EventType) -> list[dict[str, Any]]:
        """The data of what the gate that trucks pass has stored."""
        query = f"SELECT body FROM events WHERE type = '{kind.value}' ORDER BY row"
        return [unwire(row[0])["data"] for row in self.of_passed(query)]

    def held_of_passed(self, kind: EventType) -> list[dict[str, Any]]:
        """The data of what the registry holds of that gate."""
        query = (
            f"SELECT body FROM events WHERE type = '{kind.value}' AND gate = '{PASSED.gate}'"
            " ORDER BY source, sequence"
        )
        return [unwire(row[0])["data"] for row in self.of_registry(query)]

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
        self._secret(self.folder / "registry.pass", self.broker.credentials(REGISTRY)[1])
        registry_key = SigningKey.read_or_create(self.folder / "registry.pem").public
        silent = {"name": "l1", "scale": {"protocol": "mt_continuous", "port": "/dev/null"}}
        gates = {
            GATE.gate: self._write_site(GATE, self.site_file, silent, registry_key),
            PASSED.gate: self._write_site(
                PASSED, self.passed_site, lane(self.passed_folder / "dev"), registry_key
            ),
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
            "depots": {
                GATE.depot: {
                    **DEPOT,
                    "gates": {gate: {"keys": [str(key)]} for gate, key in gates.items()},
                }
            },
            "accept_simulated": True,
        }
        self.registry_file.write_text(yaml.safe_dump(registry, sort_keys=False), encoding="utf-8")

    def _write_site(self, gate: Gate, path: Path, lane: dict[str, Any], registry_key: PublicKey) -> PublicKey:
        """The site's file, its password and its key; the key's public half."""
        self._secret(path.parent / "gate.pass", self.broker.credentials(gate)[1])
        site = {
            "depot": {"name": gate.depot, **DEPOT},
            "gate": gate.gate,
            "data": ".",
            "keys": {"signing": "gate.pem", "registry": str(registry_key)},
            "broker": {
                "host": self.proxy.host,
                "port": self.proxy.port,
                **self._names_of(gate),
                "password_file": "gate.pass",
                "keepalive_s": 2,
                "resend_after_s": self._resend_after_s,
            },
            "lanes": [lane],
            "simulated": True,
        }
        path.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
        return SigningKey.read_or_create(path.parent / "gate.pem").public

    def _names_of(self, gate: Gate) -> dict[str, str]:
        """User and, where the broker is particular about it, client id of a gate."""
        names = {"user": self.broker.credentials(gate)[0]}
        if isinstance(self.broker, Other) and not self.broker.slash_in_client_id:
            names["client_id"] = f"{gate.depot}-{gate.gate}"
        return names

    def _secret(self, path: Path, content: str) -> None:
        path.touch(mode=0o600)
        path.write_text(content, encoding="utf-8")


def _ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    """A query of a database that another process writes; nothing where there is no such file or table yet.

    What SQLite refuses while that process is killed and started is tried again, and raised in the end: no answer
    is not *nothing*.
    """
    deadline = time.monotonic() + BUSY_S
    while path.exists():
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_S)) as db:
                return db.execute(query).fetchall()
        except sqlite3.OperationalError as error:
            if str(error).startswith("no such table"):
                break
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    return []
