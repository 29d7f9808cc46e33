"""A receiver of webhooks: a real HTTP server that keeps what it is sent and answers what it is told to."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import trustme
from sqlalchemy import Engine

from record.proof import SigningKey
from registry.database import writing
from registry.hooks import book
from registry.hooks.runner import Runner
from registry.settings import WebhookRules


class Receiver:
    """Answers each POST with the next of ``answers``, then with 204. ``got`` are headers and bodies."""

    def __init__(self, certificate: trustme.LeafCert | None = None) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.came = threading.Event()
        self.refuse: Callable[[bytes], bool] = lambda body: False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append(
                    ({k.lower(): v for k, v in self.headers.items()} | {"path": self.path}, body)
                )
                outer.came.set()
                refused = outer.refuse(body)
                status, headers = outer.answers.pop(0) if outer.answers else (422 if refused else 204, {})
                self.send_response(status)
                for name, value in ({"content-length": "0"} | headers).items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def changes(self) -> list[tuple[str, int]]:
        """The change and version of each event that came."""
        return [
            (e["data"]["change"], e["data"]["version"]) for e in (json.loads(body) for _, body in self.got)
        ]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver_at() -> Iterator[Callable[..., Receiver]]:
    """Starts receivers; they end with the test."""
    started: list[Receiver] = []

    def start(certificate: trustme.LeafCert | None = None) -> Receiver:
        started.append(Receiver(certificate))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def erp(receiver_at: Callable[..., Receiver]) -> Receiver:
    return receiver_at()


@pytest.fixture
def depot(depot_of: Callable[..., Any]) -> Any:
    return depot_of()


@pytest.fixture
def hooked(engine: Engine, clock: Any) -> Callable[..., str]:
    """Makes a hook: its id."""

    def make(url: str, name: str = "ERP", depots: list[str] | None = None) -> str:
        with writing(engine) as connection:
            return book.add(connection, name, url, clock(), "Ana", depots)

    return make


@pytest.fixture
def runner_of(engine: Engine, clock: Any, registry_key: SigningKey) -> Callable[..., Runner]:
    """Makes runners for receivers on this machine; `step` them."""

    def make(*hosts: str, public: tuple[str, ...] = (), **more: Any) -> Runner:
        rules = WebhookRules(private_hosts=hosts, hosts=public)
        return Runner(engine, rules, registry_key, clock, **more)

    return make
