"""A browser's side of a real console: users, their clients, the forms that they send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from record.web.passwords import Passwords
from registry.database import writing
from registry.people import users
from registry.people.role import Role


@pytest.fixture
def client(console: Any) -> Iterator[httpx.Client]:
    with console.client() as client:
        yield client


class Enrol:
    """Makes users, and logs one in where a client is given."""

    password = "correct horse battery"

    def __init__(self, engine: Engine, clock: Any, kit: Any) -> None:
        self._engine, self._clock = engine, clock
        self._hash = Passwords(kit.QUICK).hashed(self.password)

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
def enrol(engine: Engine, clock: Any, kit: Any) -> Enrol:
    return Enrol(engine, clock, kit)


@pytest.fixture
def depot(depot_of: Any, console: Any) -> Any:
    """The first depot of the console, which gates send to."""
    return depot_of(console)


@pytest.fixture
def ana(client: Any, enrol: Any) -> Any:
    """The browser of Ana, a clerk who has logged in."""
    enrol("Ana", Role.CLERK, client)
    return client
