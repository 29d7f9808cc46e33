"""Other systems for tests: tokens, and clients that speak with them over a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from registry.api import tokens
from registry.api.scope import Scope
from registry.database import writing

EVERYTHING = tuple(Scope)


class Systems:
    """Makes tokens, and clients that carry them."""

    def __init__(self, engine: Engine, clock: Any, console: Any) -> None:
        self._engine, self._clock, self._console = engine, clock, console
        self._clients: list[httpx.Client] = []
        self._made = 0

    def token(
        self,
        *scopes: Scope,
        depots: Sequence[str] | None = None,
        life: timedelta | None = None,
        name: str | None = None,
    ) -> tuple[str, str]:
        """A new token: its id, and itself."""
        self._made += 1
        with writing(self._engine) as connection:
            return tokens.add(
                connection,
                name or f"Sistema {self._made}",
                scopes or EVERYTHING,
                self._clock(),
                "Ana",
                depots,
                life,
            )

    def __call__(self, *scopes: Scope, depots: Sequence[str] | None = None) -> httpx.Client:
        """A client with a token of these scopes; with all of them where none is named."""
        return self.client(self.token(*scopes, depots=depots)[1])

    def client(self, token: str | None = None, **headers: str) -> httpx.Client:
        """A client with a token, or with none."""
        given = {
            "accept-language": "en",
            **({"authorization": f"Bearer {token}"} if token else {}),
            **headers,
        }
        made = httpx.Client(base_url=self._console.url, headers=given, timeout=30)
        self._clients.append(made)
        return made

    def close(self) -> None:
        for each in self._clients:
            each.close()


@pytest.fixture
def systems(engine: Engine, clock: Any, console: Any) -> Iterator[Systems]:
    made = Systems(engine, clock, console)
    yield made
    made.close()


@pytest.fixture
def system(systems: Systems) -> httpx.Client:
    """A system that may do everything."""
    return systems()


@pytest.fixture
def depot(depot_of: Callable[..., Any], console: Any) -> Any:
    return depot_of(console)
