"""A real console for tests: the application behind uvicorn on a free port, spoken to over a socket."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

from record.proof import SigningKey
from record.web.passwords import Passwords
from registry.database import writing
from registry.people import users
from registry.people.role import Role
from registry.settings import Http, Settings
from registry.web.app import app
from registry.web.server import WebServer, listen

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes that take no time: what makes real ones slow is argon2's own business."""


class Console:
    """One served console. `client` speaks to it as a browser does: cookies, and the page's own origin."""

    def __init__(self, server: WebServer, engine: Engine, settings: Settings) -> None:
        self.server, self.engine, self.settings = server, engine, settings
        self.url = f"http://127.0.0.1:{server.port}"

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"origin": self.url, **headers}, timeout=30)


@pytest.fixture
def settings(kit: Any, chain: Any, tmp_path: Path) -> Settings:
    file = kit.registry_file(chain, http={"hosts": ["registro.example.ec"]}, accept_simulated=True)
    return Settings(file, tmp_path / "registry.yaml")


@pytest.fixture
def serve(engine: Engine, clock: Any, registry_key: SigningKey) -> Iterator[Callable[[Settings], Console]]:
    """Starts consoles; they end with the test."""
    started: list[WebServer] = []

    def start(settings: Settings) -> Console:
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
def client(console: Console) -> Iterator[httpx.Client]:
    with console.client() as client:
        yield client


class Enrol:
    """Makes users, and logs one in where a client is given."""

    password = "correct horse battery"

    def __init__(self, engine: Engine, clock: Any) -> None:
        self._engine, self._clock = engine, clock
        self._hash = Passwords(QUICK).hashed(self.password)

    def __call__(
        self, name: str, role: Role, client: httpx.Client | None = None, depots: list[str] | None = None
    ) -> str:
        with writing(self._engine) as connection:
            user = users.add(connection, name, role, self._clock(), depots)
            users.set_password(connection, user, self._hash)
        if client is not None:
            self.enter(name, client)
        return user

    def enter(self, name: str, client: httpx.Client) -> None:
        answer = client.post("/login", data={"name": name, "password": self.password})
        assert answer.status_code == 303, answer.text

    @staticmethod
    def csrf(client: httpx.Client) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', client.get("/me").text)
        assert found
        return found[1]


@pytest.fixture
def enrol(engine: Engine, clock: Any) -> Enrol:
    return Enrol(engine, clock)
