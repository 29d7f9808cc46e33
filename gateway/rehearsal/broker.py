"""A real Mosquitto for demo and tests: a child process on a free loopback port, with the shipped recipe.

What differs from a depot's broker is only where it listens, where it stores, and that its passwords are made
up on the spot. Everything lies in one folder:

    mosquitto.conf  acl  passwords    written anew for each broker
    mosquitto.db                      sessions, queued and retained messages; kept between starts
    mosquitto.log  mosquitto.pid
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from record.shipped import find
from record.topics import Gate

REGISTRY = "registry"
CENTRAL = "central"
"""Users of the shipped ACL that are no gates."""

STARTER = "starter"
"""Asks whether the broker serves; the ACL gives it nothing."""

PATIENCE = 30.0
"""Seconds that a start or a stop may take; it takes hundredths of one, and far more where others take the machine."""

FIRST_PORT = 10_000
PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")

OWN_PLACE = frozenset(
    {"listener", "certfile", "keyfile", "tls_version"}
    | {"password_file", "acl_file", "persistence_location", "log_dest"}
)
"""Options of the depot's recipe that a rehearsal has of its own."""


class BrokerError(Exception):
    """The broker cannot run. Says what Mosquitto said; retrying helps only when the message says so."""


class Broker:
    """A Mosquitto of one's own. As a context it is started on entry and stopped on exit.

    ``directory`` is made when absent. Each of ``gates`` gets a user named ``depot/gate``; the registry and a
    central system that only reads are `REGISTRY` and `CENTRAL`. The port is chosen at the first start and
    kept.
    """

    host = "127.0.0.1"

    def __init__(self, directory: Path, gates: Iterable[Gate] = (), config_dir: Path | None = None) -> None:
        self.directory = directory.resolve()
        self.gates = tuple(gates)
        self.port = 0
        self._config_dir = config_dir
        self._passwords = {user: secrets.token_urlsafe(18) for user in self._users()}
        self._process: subprocess.Popen[bytes] | None = None
        self._served = False

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.callback(self.kill)  # also where somebody interrupts the start
            self.start()
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the process lives (frozen counts as living)."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id. Raises `BrokerError` when it does not run."""
        return self._living().pid

    @property
    def log(self) -> Path:
        """What Mosquitto said, of all its starts in this folder."""
        return self.directory / "mosquitto.log"

    def credentials(self, user: str | Gate) -> tuple[str, str]:
        """User name and password of a gate, of `REGISTRY` or of `CENTRAL`. Raises `KeyError` for others."""
        name = user_of(user) if isinstance(user, Gate) else user
        return name, self._passwords[name]

    def start(self) -> None:
        """Start it, on the same port with all that it stored before, and wait until it answers a CONNECT.

        Raises:
            BrokerError: Mosquitto is not installed, refuses its configuration, or does not answer in time.
        """
        if self.running:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        self._end_orphan()
        chosen, deadline = self.port != 0, time.monotonic() + PATIENCE
        while True:
            self.port = self.port if chosen else free_port()
            self._write_files()
            self._launch()
            try:
                self._wait()
            except BrokerError:
                taken = "Address already in use" in self._log_tail()
                if not taken or (chosen and not self._served) or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)  # somebody took it while we were away: on loopback never for long
            else:
                self._served = True
                return

    def stop(self) -> None:
        """End it with SIGTERM, on which it saves sessions and queues; no harm when it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it with SIGKILL: what it had not saved is lost, as at a power cut."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop it in its tracks: connections stay open and nothing answers, until `thaw`."""
        self._living().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen broker go on."""
        self._living().send_signal(signal.SIGCONT)

    def wipe(self) -> None:
        """Delete what it stored, as if the disk had been replaced. Raises `BrokerError` while it runs."""
        if self.running:
            raise BrokerError("stop the broker before its database is wiped")
        (self.directory / "mosquitto.db").unlink(missing_ok=True)

    def _users(self) -> list[str]:
        return [STARTER, REGISTRY, CENTRAL, *(user_of(gate) for gate in self.gates)]

    def _living(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            raise BrokerError("the broker does not run")
        return self._process

    def _write_files(self) -> None:
        self._write("acl", acl(self.gates, self._config_dir))
        self._write("passwords", "".join(f"{name}:{hashed(pw)}\n" for name, pw in self._passwords.items()))
        self._write("mosquitto.conf", self._configuration())

    def _configuration(self) -> str:
        recipe = find("mosquitto/mosquitto.conf", self._config_dir).read_text(encoding="utf-8")
        lines = [line for line in recipe.splitlines() if line and not line.startswith("#")]
        kept = [line for line in lines if line.split()[0] not in OWN_PLACE]
        own = [
            f"listener {self.port} {self.host}",
            f"password_file {self.directory / 'passwords'}",
            f"acl_file {self.directory / 'acl'}",
            f"persistence_location {self.directory}/",
            f"pid_file {self.directory / 'mosquitto.pid'}",
            "log_dest stderr",
        ]
        if os.geteuid() == 0:
            own.append("user root")  # it would become `mosquitto`, which cannot read this folder
        return "\n".join([*own, *kept, ""])

    def _write(self, name: str, text: str) -> None:
        path = self.directory / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [program(), "-c", str(self.directory / "mosquitto.conf")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait(self) -> None:
        process = self._living()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise BrokerError(f"Mosquitto ended with {process.returncode}: {self._log_tail()}")
            if answers(self.host, self.port, *self.credentials(STARTER)):
                return
            time.sleep(0.01)
        self.kill()
        raise BrokerError(f"Mosquitto did not answer within {PATIENCE:.0f} s: {self._log_tail()}")

    def _log_tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "; ".join(lines[-3:]) or "it said nothing"

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(how)
            self._process.send_signal(signal.SIGCONT)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _end_orphan(self) -> None:
        """End the broker of this folder that outlived whoever started it: two would share one database."""
        try:
            pid = int((self.directory / "mosquitto.pid").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return
        deadline = time.monotonic() + PATIENCE
        while self._is_ours(pid) and time.monotonic() < deadline:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)

    def _is_ours(self, pid: int) -> bool:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return os.fsencode(self.directory / "mosquitto.conf") in command


def user_of(gate: Gate) -> str:
    """A gate's user name: ``depot/gate``, which the ACL's patterns put into its topics."""
    return f"{gate.depot}/{gate.gate}"


def acl(gates: Iterable[Gate], config_dir: Path | None = None) -> str:
    """The shipped ACL with one block for each gate."""
    block = find("mosquitto/acl-gate", config_dir).read_text(encoding="utf-8")
    blocks = [block.replace("DEPOT", gate.depot).replace("GATE", gate.gate) for gate in gates]
    return find("mosquitto/acl", config_dir).read_text(encoding="utf-8") + "".join(blocks)


def hashed(password: str) -> str:
    """A password as `mosquitto_passwd` stores it: PBKDF2 with SHA-512, 101 rounds, 12 bytes of salt."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101, 64)
    return "$".join(["", "7", "101", base64.b64encode(salt).decode(), base64.b64encode(digest).decode()])


def free_port() -> int:
    """A loopback port that nobody listens on at this moment, and that nobody is given who asks for any port.

    The system gives those of its own range to every outgoing connection: one of them is taken while whoever
    listens there is being restarted, also by a client that calls it meanwhile and so reaches itself. Two programs
    that ask at once are told different ones, also where somebody seeded `random` alike in both.
    """
    for port in random.SystemRandom().sample(range(FIRST_PORT, _first_given_port()), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((Broker.host, port))
            return port
    raise BrokerError("no free port was found on loopback")


def _first_given_port() -> int:
    """Where the range begins out of which the system gives ports (Linux: ip_local_port_range)."""
    try:
        first = int(PORT_RANGE.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        first = 32_768
    return first if first > FIRST_PORT + 1000 else 65_536


def program() -> str:
    """Mosquitto's path, also where Debian puts it beyond a user's PATH. Raises `BrokerError` when absent."""
    found = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        raise BrokerError("mosquitto is not installed; `sudo apt-get install mosquitto`, or `./dev setup`")
    return found


def answers(host: str, port: int, user: str, password: str) -> bool:
    """Whether the broker on this port lets a user in; another broker that took the port does not."""
    try:
        with socket.create_connection((host, port), timeout=1) as client:
            client.sendall(connect_packet(user, password))
            return client.recv(4) == ACCEPTED
    except OSError:
        return False


ACCEPTED = b"\x20\x02\x00\x00"
"""CONNACK of MQTT 3.1.1 without an old session and without an error."""


def connect_packet(user: str, password: str) -> bytes:
    """A CONNECT of MQTT 3.1.1 (OASIS standard, 3.1) with a clean session, good for one short question.

    10 LL  00 04 M Q T T  04  C2  00 05  client  user  password      each of the last three with its length
     | |                  |   |   +----- keep alive, seconds
     | |                  |   +--------- flags: user name, password, clean session
     | |                  +------------- protocol level
     | +-------------------------------- bytes that follow, below 128 here
     +---------------------------------- kind of packet
    """
    texts = (b"iie-start", user.encode(), password.encode())
    body = b"\x00\x04MQTT\x04\xc2\x00\x05" + b"".join(bytes([0, len(text)]) + text for text in texts)
    return bytes([0x10, len(body)]) + body
