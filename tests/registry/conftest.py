"""A gate's side for the registry's tests: chains of real signed events, a real broker, a real process."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as mqtt
import pytest
import uuid_utils
from argon2 import PasswordHasher
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from benchmarks.postgres import NoPostgres, Postgres, programs
from gateway.rehearsal.broker import REGISTRY, Broker
from record.base import timestamp
from record.event import EventType
from record.proof import GENESIS, Proof, PublicKey, SigningKey, seal, unwire, verify, wire
from record.receipt import Receipt
from record.registry_state import RegistryState, ServiceState
from record.topics import REGISTRY_STATE, Gate
from record.web.passwords import Passwords
from registry.cli import main
from registry.database import migrate, open_engine, reading
from registry.intake import Arrival
from registry.numbers import ECUADOR
from registry.people.role import Role
from registry.people.who import Who
from registry.receiving import Receiver
from registry.reports.office import Office, Seen
from registry.reports.tables import reports
from registry.roster import Roster
from registry.settings import Http, RegistryFile, Settings
from registry.web.server import WebServer, listen

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
OCE = "01234567"
PATIENCE_S = 100.0


def uuid7() -> str:
    return str(uuid_utils.uuid7())


def draft_data(draft: str, revision: int = 1, **changes: Any) -> dict[str, Any]:
    """The data of a complete draft; ``changes`` go into its only item."""
    item = {
        "sequence": 1,
        "container": "CSQU3054383",
        "size_type": "22G1",
        "seals": ["EC123456"],
        "description": "BANANO FRESCO",
        "packages": 1080,
        "packaging": "035",
        "weight_kg": "21350",
    }
    item |= changes
    return {
        "draft": draft,
        "revision": revision,
        "visit": uuid7(),
        "stay": uuid7(),
        "lane": "l1",
        "status": "complete",
        "payload": {
            "report": "IIE",
            "depot": {
                "profile": "temporal",
                "district": "028",
                "oce": OCE,
                "operator_type": "05",
                "channel": "S",
            },
            "entered_at": timestamp(NOON),
            "document": {"type": "DAE", "number": "02820264000123456"},
            "items": [{name: value for name, value in item.items() if value is not None}],
        },
        "evidence": {"clock": "synchronised", "machine": "pc", "version": "0.1.0"},
        "provenance": {"/items/0/weight_kg": {"evidence": ["w1"]}},
        "findings": [],
    }


@dataclass
class Chain:
    """One installation of one gate: seals events, each with the hash of the one before."""

    gate: Gate = field(default_factory=lambda: Gate("depot", "g1"))
    key: SigningKey = field(default_factory=SigningKey.generate)
    installation: str = field(default_factory=uuid7)
    sequence: int = 0
    previous: str = GENESIS

    @property
    def source(self) -> str:
        return self.gate.source(self.installation)

    def record(self, type: EventType, data: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """The next event, not yet sealed."""
        self.sequence += 1
        return {
            "specversion": "1.0",
            "id": uuid7(),
            "source": self.source,
            "type": type.value,
            "time": timestamp(NOON),
            "datacontenttype": "application/json",
            "dataschema": type.schema,
            "sequence": self.sequence,
            "previous": self.previous,
            "simulated": False,
            "data": data,
        } | changes

    def seal(self, record: dict[str, Any]) -> bytes:
        """The bytes of a record, which from now on is the last one of the chain."""
        sealed = seal(record, self.key)
        self.previous = Proof.parse(sealed["proof"]).hash
        return wire(sealed)

    def draft(self, draft: str | None = None, revision: int = 1, **changes: Any) -> Arrival:
        data = draft_data(draft or uuid7(), revision, **changes)
        return self.arrival("l1/ingress", self.record(EventType.DRAFT, data, subject=data["draft"]))

    def opened(self) -> Arrival:
        data = {"installation": self.installation, "key": str(self.key.public), "reason": "first"}
        return self.arrival("installation", self.record(EventType.INSTALLATION_OPENED, data))

    def arrival(self, below: str, record: dict[str, Any]) -> Arrival:
        return Arrival.of(f"{self.gate.root}/{below}", self.seal(record))

    def next_life(self) -> Chain:
        """Another installation of the same gate, with the same key."""
        return replace(self, installation=uuid7(), sequence=0, previous=GENESIS)


def receipt_of(body: bytes) -> Receipt:
    return Receipt.from_wire(unwire(body))


def registry_file(*chains: Chain, **changes: Any) -> RegistryFile:
    """Settings in which the chains' gates and keys are accepted."""
    return RegistryFile.model_validate({"depots": depots(*chains)} | changes)


def depots(*chains: Chain) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for chain in chains:
        depot = found.setdefault(
            chain.gate.depot,
            {
                "profile": "temporal",
                "district": "028",
                "oce": OCE,
                "operator_type": "05",
                "first_number": 1,
                "gates": {},
            },
        )
        keys = depot["gates"].setdefault(chain.gate.gate, {"keys": []})["keys"]
        keys.append(str(chain.key.public))
    return found


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture(scope="session")
def registry_key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "registry.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


@pytest.fixture
def file_engine(tmp_path: Path, empty_database: Path) -> Iterator[Engine]:
    """An SQLite file of the newest schema without anything in it, ``tmp_path / "registry.db"``."""
    shutil.copy(empty_database, tmp_path / "registry.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'registry.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for all tests of a process; each test makes databases of its own."""
    try:
        programs()
    except NoPostgres as error:
        if os.environ.get("CI"):
            pytest.fail(f"{error}; ./dev setup installs it")
        pytest.skip(str(error))
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A PostgreSQL database of the newest schema without anything in it."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


KINDS = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is about the database is tested on both kinds; what is served, and only asks it, on both with ``--long``.

    A file about one kind says so with ``KINDS`` of its own.
    """
    if "engine" in metafunc.fixturenames:
        served = {"web", "api"} & set(metafunc.definition.path.parts)
        once = served and not metafunc.config.getoption("--long")
        kinds = getattr(metafunc.module, "KINDS", KINDS)
        metafunc.parametrize("engine", kinds[:1] if once else kinds, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database of the newest schema without anything in it, of each kind in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("file_engine")
        return
    engine = open_engine(request.getfixturevalue("postgres_url"))
    yield engine
    engine.dispose()


@pytest.fixture
def receiver(engine: Engine, registry_key: SigningKey, clock: Clock, chain: Chain) -> Callable[..., Receiver]:
    """Makes a receiver that accepts ``chain`` and any other chains given."""

    def make(*others: Chain, **changes: Any) -> Receiver:
        return Receiver(engine, registry_key, Roster.of(registry_file(chain, *others, **changes)), clock)

    return make


@pytest.fixture(scope="session")
def shared_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One Mosquitto for the tests that do not harm it; each test has gates of its own names."""
    gates = [Gate("depot", f"g{number}") for number in range(1, 20)]
    with Broker(tmp_path_factory.mktemp("broker"), gates) as broker:
        yield broker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A Mosquitto that may be killed."""
    with Broker(tmp_path / "broker", [Gate("depot", "g1"), Gate("depot", "g2")]) as broker:
        yield broker


class Registry:
    """``iie-registry run`` as a process of its own."""

    def __init__(self, folder: Path, broker: Broker, *chains: Chain, **changes: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.file = folder, folder / "registry.yaml"
        self.database = folder / "registry.db"
        user, password = broker.credentials(REGISTRY)
        (folder / "password").write_text(password + "\n")
        content = {
            "broker": {
                "host": broker.host,
                "port": broker.port,
                "user": user,
                "password_file": "password",
                "client_id": f"registry-{uuid7()}",
                "keepalive_s": 2,
            },
            "depots": depots(*chains),
        } | changes
        self.file.write_text(registry_file(**content).model_dump_json(exclude_none=True))
        self.key = SigningKey.read_or_create(folder / "registry-key.pem").public
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "registry.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "registry", "run", str(self.file)], stdout=log, stderr=log
            )

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        assert self._process
        self._process.terminate()
        return self.ended()

    def ended(self) -> int:
        assert self._process
        return self._process.wait(PATIENCE_S)

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None


@pytest.fixture
def registries() -> Iterator[list[Registry]]:
    """Registries to be ended with the test."""
    started: list[Registry] = []
    yield started
    for registry in started:
        if registry.running:
            registry.kill()


@dataclass(frozen=True)
class Raw:
    """A message that is no arrival of a gate's making."""

    topic: str
    body: bytes


class Post:
    """A gate's client: publishes what it is given and collects what comes on its topics."""

    def __init__(self, broker: Broker, gate: Gate, registry_key: PublicKey) -> None:
        self.gate = gate
        self._keys = {registry_key.id: registry_key}
        self.receipts: dict[str, list[bytes]] = {}
        self.messages: queue.SimpleQueue[tuple[str, bytes, Properties]] = queue.SimpleQueue()
        self._arrived: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"gate-{uuid7()}", protocol=mqtt.MQTTv5
        )
        self._client.username_pw_set(*broker.credentials(gate))
        self._client.on_message = self._on_message
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(gate.receipt, 1), (gate.command, 1), ("registry/v1/state", 1)]
        )
        self._client.on_subscribe = lambda *_: self._arrived.put(None)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600
        self._client.reconnect_delay_set(1, 1)
        self._client.connect(broker.host, broker.port, 5, clean_start=False, properties=properties)
        self._client.loop_start()
        self._arrived.get(timeout=PATIENCE_S)

    def send(self, *arrivals: Arrival | Raw) -> None:
        for arrival in arrivals:
            self._client.publish(arrival.topic, arrival.body, qos=1)

    def insist(self, arrivals: Sequence[Arrival], enough: int) -> None:
        """Send what has no receipt again after each three seconds of silence, until ``enough`` have one."""
        deadline = time.monotonic() + 3 * PATIENCE_S
        while len(self.receipts) < enough:
            with suppress(queue.Empty):
                self._arrived.get(timeout=3)
                continue
            assert time.monotonic() < deadline, "the receipts did not come"
            self.send(*(each for each in arrivals if event_id(each) not in self.receipts))

    def answers(self, event: str, count: int = 1) -> list[Receipt]:
        """The receipts of one event, once there are ``count``."""
        self.until(lambda: len(self.receipts.get(event, ())) >= count)
        return [receipt_of(body) for body in self.receipts[event]]

    def states(self) -> list[RegistryState]:
        """What this registry has said of itself and was not looked at yet; another test's is left out."""
        found = []
        while not self.messages.empty():
            topic, body, _ = self.messages.get()
            if topic == REGISTRY_STATE:
                record = unwire(body)
                state = RegistryState.from_wire(record)
                if state.key in self._keys:
                    verify(record, self._keys)
                    found.append(state)
        return found

    def wait_for(self, wanted: Callable[[RegistryState], bool]) -> RegistryState:
        """The first state that is wanted."""
        found: list[RegistryState] = []

        def seen() -> bool:
            found.extend(state for state in self.states() if wanted(state))
            return bool(found)

        self.until(seen)
        return found[0]

    def online(self) -> RegistryState:
        """Wait until the registry listens."""
        return self.wait_for(lambda state: state.state is ServiceState.ONLINE)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for messages until a condition holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            left = deadline - time.monotonic()
            assert left > 0, "what was waited for did not come"
            with suppress(queue.Empty):
                self._arrived.get(timeout=min(left, 1))

    @property
    def connected(self) -> bool:
        """Whether the broker is there; once it is not, nothing of before is on its way any more."""
        return self._client.is_connected()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if message.topic == self.gate.receipt:
            receipt = receipt_of(message.payload)
            self.receipts.setdefault(receipt.event, []).append(message.payload)
        else:
            self.messages.put((message.topic, message.payload, message.properties))
        self._arrived.put(None)


@pytest.fixture
def posts() -> Iterator[list[Post]]:
    """Gates' clients to be closed with the test."""
    opened: list[Post] = []
    yield opened
    for post in opened:
        post.close()


def event_id(arrival: Arrival) -> str:
    return str(unwire(arrival.body)["id"])


@pytest.fixture(scope="session")
def kit() -> Any:
    """This file's names, since test files cannot import a conftest."""
    return sys.modules[__name__]


def year() -> int:
    return datetime.now(UTC).astimezone(ECUADOR).year


ANA = Who("ana", "Ana", Role.CLERK)
BEA = Who("bea", "Bea", Role.CLERK)
EVA = Who("eva", "Eva", Role.SUPERVISOR)


class Depot:
    """An office with a gate that sends to it."""

    def __init__(self, office: Office, engine: Engine, chain: Chain, intake: Receiver) -> None:
        self.office, self.engine, self.chain, self._intake = office, engine, chain, intake
        self.ana, self.bea, self.eva = ANA, BEA, EVA

    def send(self, draft: str | None = None, revision: int = 1, **changes: Any) -> str:
        """A revision of a draft arrives and is taken up: the draft's id. ``changes`` go into its data."""
        name = self.post(draft, revision, **changes)
        self.office.take_up()
        return name

    def post(self, draft: str | None = None, revision: int = 1, **changes: Any) -> str:
        """The same, not taken up yet."""
        name = draft or uuid7()
        item = changes.pop("item", {})
        data = draft_data(name, revision, **item) | changes
        self._arrive(EventType.DRAFT, data, name)
        return name

    def cancel(self, draft: str) -> None:
        """The gate takes a draft back."""
        self.post_cancelled(draft)
        self.office.take_up()

    def post_cancelled(self, draft: str) -> None:
        """The same, not taken up yet."""
        data = {"draft": draft, "lane": "l1", "reason": "wrong truck", "decided_by": "machine"}
        self._arrive(EventType.DRAFT_CANCELLED, data, draft)

    def _arrive(self, type: Any, data: dict[str, Any], subject: str) -> None:
        record = self.chain.record(type, data, subject=subject)
        (result,) = self._intake.receive([self.chain.arrival("l1/ingress", record)])
        assert result.outcome == "accepted", result.refused

    def report(self, draft: str) -> str:
        """The id of a draft's report."""
        with reading(self.engine) as connection:
            return connection.execute(select(reports.c.id).where(reports.c.draft == draft)).scalar_one()

    def see(self, draft: str, who: Who = ANA) -> Seen:
        return self.office.see(self.report(draft), who)

    def row(self, draft: str) -> Any:
        with reading(self.engine) as connection:
            return connection.execute(select(reports).where(reports.c.draft == draft)).one()

    def do(self, draft: str, what: Any, who: Who = ANA, reason: str = "") -> Any:
        seen = self.see(draft, who).report
        return self.office.do(seen.id, seen.version, who, what, reason)

    def complete(self, draft: str, asked: Any, who: Who = ANA) -> Any:
        seen = self.see(draft, who).report
        return self.office.complete(seen.id, seen.version, who, asked)


@pytest.fixture
def depot_of(
    engine: Engine, chain: Chain, receiver: Callable[..., Receiver], registry_key: SigningKey, clock: Clock
) -> Callable[..., Depot]:
    """Makes the office of the chain's depot."""

    def make(*_: object) -> Depot:
        office = Office(engine, registry_file(chain), registry_key, clock)
        return Depot(office, engine, chain, receiver())

    return make


QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes that take no time: what makes real ones slow is argon2's own business."""


class Console:
    """One served application, on a free port. `client` speaks to it as a browser: cookies, the page's own origin."""

    def __init__(self, server: WebServer, engine: Engine, settings: Settings) -> None:
        self.server, self.engine, self.settings = server, engine, settings
        self.url = f"http://127.0.0.1:{server.port}"

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"origin": self.url, **headers}, timeout=60)


@pytest.fixture
def settings(kit: Any, chain: Any, tmp_path: Path) -> Settings:
    file = kit.registry_file(chain, http={"hosts": ["registro.example.ec"]}, accept_simulated=True)
    return Settings(file, tmp_path / "registry.yaml")


@pytest.fixture
def serve(engine: Engine, clock: Any, registry_key: SigningKey) -> Iterator[Callable[[Settings], Console]]:
    """Starts consoles; they end with the test."""
    started: list[WebServer] = []

    def start(settings: Settings) -> Console:
        from registry.web.app import app

        application = app(settings, engine, clock, registry_key, Passwords(QUICK))
        server = WebServer(application, listen("127.0.0.1", 0), settings.file.http or Http(), settings.folder)
        server.start()
        started.append(server)
        return Console(server, engine, settings)

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def console(serve: Callable[[Settings], Console], settings: Settings) -> Console:
    return serve(settings)


@pytest.fixture
def settings_file(kit: Any, chain: Any, tmp_path: Path) -> Path:
    """The file of a registry whose database is `file_engine`'s."""
    path = tmp_path / "registry.yaml"
    path.write_text(kit.registry_file(chain).model_dump_json(exclude_none=True))
    return path


@pytest.fixture(scope="session")
def command() -> Callable[..., tuple[int, str]]:
    """Runs `iie-registry` in this process: its exit code and what it said."""

    def run(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)
        return done.exit_code, done.output

    return run
