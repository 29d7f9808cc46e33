"""Other brokers in Mosquitto's place: each with what `gateway.rehearsal.broker.Broker` can do.

ejabberd   Debian's package of that name, run with the shipped recipe (config/broker/ejabberd.yml)
rumqttd    inside the wheel `iotcore`; a Python that has it is named by IOTCORE_PYTHON
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import reduce
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from benchmarks.process import Process, until
from gateway.rehearsal.broker import CENTRAL, PATIENCE, REGISTRY, Broker, BrokerError, free_port, user_of
from record.shipped import find
from record.topics import Gate

EXAMPLE = Gate("guayaquil", "g1")
"""The gate of the shipped recipe."""

LIBRARY = "*/ejabberd-*"
"""Where Debian lays ejabberd, below /usr/lib and the name of the machine's kind."""

LARGEST_PACKET = 1024 * 1024
IOTCORE_PYTHON = "IOTCORE_PYTHON"


class Other(ABC):
    """A broker on a free loopback port, in a folder of its own. As a context it is started and, on exit, stopped."""

    host = "127.0.0.1"
    installed_by: str
    """The command that brings it to this machine."""

    stored: Sequence[str] = ()
    """Folders of what outlives its end."""

    slash_in_client_id = True
    """Whether ``depot/gate`` is a client id that it takes."""

    def __init__(self, directory: Path, gates: Iterable[Gate] = ()) -> None:
        self.directory = directory.resolve()
        self.gates = tuple(gates)
        self.port = free_port()
        self._passwords = {
            name: secrets.token_hex(16) for name in (REGISTRY, CENTRAL, *map(self.user_of, self.gates))
        }
        self.log = self.directory / "broker.log"
        self._process = Process(self.command(), self.log, self.environment())

    @classmethod
    @abstractmethod
    def is_here(cls) -> bool:
        """Whether this machine has it."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """What starts it in the foreground."""

    @abstractmethod
    def write_files(self) -> None:
        """Configuration and users, into its folder."""

    def environment(self) -> dict[str, str]:
        """What it needs in its environment."""
        return {}

    def wipe(self) -> None:
        """Delete what it stored. It must not run."""
        for name in self.stored:
            shutil.rmtree(self.directory / name, ignore_errors=True)

    @staticmethod
    def user_of(gate: Gate) -> str:
        """A gate's user name."""
        return user_of(gate)

    @property
    def running(self) -> bool:
        """Whether the process lives (frozen counts as living)."""
        return self._process.running

    def credentials(self, user: str | Gate) -> tuple[str, str]:
        """User name and password of a gate or another user. Raises `KeyError` for users that it does not know."""
        name = self.user_of(user) if isinstance(user, Gate) else user
        return name, self._passwords[name]

    def start(self) -> None:
        """Start it, with what it stored before, and wait until it listens. Raises `BrokerError`."""
        if self.running:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        self.write_files()
        self._process.start()
        try:
            until(self._listens, "the broker's port", PATIENCE)
        except TimeoutError as error:
            self._process.kill()
            raise BrokerError(f"{type(self).__name__}: {error}, see {self.log}") from error

    def stop(self) -> None:
        """End it in good order."""
        self._process.stop()

    def kill(self) -> None:
        """End it with SIGKILL."""
        self._process.kill()

    def freeze(self) -> None:
        """Stop it in its tracks, until `thaw`."""
        self._process.freeze()

    def thaw(self) -> None:
        """Let it go on."""
        self._process.thaw()

    def _listens(self) -> bool:
        if not self.running:
            raise BrokerError(f"{type(self).__name__} ended with {self._process.returncode}, see {self.log}")
        with suppress(OSError), socket.create_connection((self.host, self.port), timeout=1):
            return True
        return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.stop()


class Ejabberd(Other):
    """ejabberd as one Erlang node without a name, so without epmd. Users are registered at each start."""

    installed_by = "sudo apt-get install --no-install-recommends ejabberd"
    stored = ("mnesia",)
    domain = "localhost"

    @classmethod
    def is_here(cls) -> bool:
        """Whether Debian's package is installed."""
        return shutil.which("erl") is not None and any(Path("/usr/lib").glob(LIBRARY))

    @staticmethod
    def user_of(gate: Gate) -> str:
        """``depot.gate``: the name of a Jabber user may hold no slash (RFC 7622, 3.3.1)."""
        return f"{gate.depot}.{gate.gate}"

    def command(self) -> Sequence[str]:
        """The Erlang virtual machine, which becomes the node."""
        register = (
            f'{{ok, Users}} = file:consult("{self.directory / "users"}"), '
            f'[ejabberd_auth:try_register(Name, <<"{self.domain}">>, Word) || {{Name, Word}} <- Users].'
        )
        database = ("-mnesia", "dir", f'"{self.directory / "mnesia"}"')
        return ["erl", "-noinput", *database, "-s", "ejabberd", "-eval", register]

    def environment(self) -> dict[str, str]:
        """Where Debian's libraries, the configuration and the log are."""
        return {
            "ERL_LIBS": ":".join({str(each.parent) for each in Path("/usr/lib").glob(LIBRARY)}),
            "EJABBERD_CONFIG_PATH": str(self.directory / "ejabberd.yml"),
            "EJABBERD_LOG_PATH": str(self.directory / "ejabberd.log"),
            "HOME": str(self.directory),
        }

    def write_files(self) -> None:
        """The shipped recipe for these gates, on loopback and without TLS."""
        text = find("broker/ejabberd.yml").read_text(encoding="utf-8")
        recipe = reduce(_merged, (yaml.safe_load(_renamed(text, gate)) for gate in self.gates))
        del recipe["certfiles"]
        recipe["hosts"] = [self.domain]
        recipe["listen"] = [{**recipe["listen"][0], "ip": self.host, "port": self.port, "tls": False}]
        (self.directory / "ejabberd.yml").write_text(json.dumps(recipe), encoding="utf-8")
        users = self.directory / "users"
        users.touch(mode=0o600)
        users.write_text(
            "".join(f'{{<<"{name}">>, <<"{word}">>}}.\n' for name, word in self._passwords.items())
        )


class Rumqttd(Other):
    """rumqttd as `iotcore` has it: MQTT 5, everything in memory, no rights."""

    installed_by = (
        f"python3 -m venv DIR && DIR/bin/pip install iotcore==0.4.0, then {IOTCORE_PYTHON}=DIR/bin/python"
    )

    slash_in_client_id = False

    @classmethod
    def is_here(cls) -> bool:
        """Whether a Python with the wheel is known."""
        looked = [cls.python(), "-c", "import iotcore"]
        return subprocess.run(looked, capture_output=True, check=False).returncode == 0

    @staticmethod
    def python() -> str:
        """The interpreter that has `iotcore`."""
        return os.environ.get(IOTCORE_PYTHON, sys.executable)

    def command(self) -> Sequence[str]:
        """The wheel's own command."""
        return [
            self.python(),
            "-m",
            "iotcore",
            "--config",
            str(self.directory / "rumqttd.toml"),
            "--log-level",
            "CRITICAL",
        ]

    def write_files(self) -> None:
        """One MQTT 5 listener with passwords."""
        users = "\n".join(f'"{name}" = "{word}"' for name, word in self._passwords.items())
        (self.directory / "rumqttd.toml").write_text(
            f"""id = 0
[router]
id = 0
max_connections = 100
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
[v5.1]
name = "v5"
listen = "{self.host}:{self.port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 5000
max_payload_size = {LARGEST_PACKET}
max_inflight_count = 100
dynamic_filters = true
[v5.1.connections.auth]
{users}
""",
            encoding="utf-8",
        )


BROKERS: Mapping[str, type[Broker] | type[Other]] = {
    "mosquitto": Broker,
    "ejabberd": Ejabberd,
    "rumqttd": Rumqttd,
}


def _renamed(text: str, gate: Gate) -> str:
    """The recipe for another gate than the example."""
    return (
        text.replace(Ejabberd.user_of(EXAMPLE), Ejabberd.user_of(gate))
        .replace(user_of(EXAMPLE), user_of(gate))
        .replace(EXAMPLE.depot, gate.depot)
    )


def _merged(one: Any, other: Any) -> Any:
    """Two recipes as one: what only one of them has is added."""
    if isinstance(one, dict):
        return {key: _merged(one.get(key), other.get(key)) for key in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(each for each in other if each not in one)]
    return other if one is None else one
