"""A real console for tests: the application behind uvicorn on a free port, spoken to over a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from registry.settings import Http, Settings
from registry.web.app import app
from registry.web.server import WebServer, listen


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
def serve(engine: Engine, clock: Any) -> Iterator[Callable[[Settings], Console]]:
    """Starts consoles; they end with the test."""
    started: list[WebServer] = []

    def start(settings: Settings) -> Console:
        application = app(settings, engine, clock)
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
