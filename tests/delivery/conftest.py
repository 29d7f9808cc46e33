"""A real registry behind a real broker, and a gate's outbox and link in the test itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import uuid_utils

from benchmarks.rig import GATE, Rig
from gateway.link.link import Link
from gateway.link.login import address
from gateway.load import letters, waiting
from gateway.outbox.outbox import Outbox, Stored
from gateway.site.checks import read_site
from record.command import Command, CommandName
from record.proof import PublicKey, SigningKey, seal, wire


class Gatehouse:
    """The gate of a rig, one life after another."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.site = read_site(rig.site_file)
        self.key = SigningKey.read(rig.folder / "gate.pem")
        self._letters = letters(self.site)
        self.outbox: Outbox
        self.link: Link | None = None

    def open(self) -> None:
        self.outbox = Outbox(self.rig.database, GATE, self.key)

    def connect(self, **options: Any) -> Link:
        self.link = Link(
            self.outbox,
            GATE,
            address(self.site.broker, GATE, self.rig.folder),
            PublicKey.parse(self.site.keys.registry),
            **options,
        )
        self.link.start()
        return self.link

    def put(self, count: int) -> list[Stored]:
        return [self.outbox.put(letter)[0] for letter in islice(self._letters, count)]

    def until_received(self) -> None:
        wait_until(lambda: not waiting(self.outbox))

    def close(self) -> None:
        if self.link is not None:
            self.link.stop()
            self.link = None
        self.outbox.close()

    def held(self) -> set[str]:
        return {row[0] for row in self.rig.of_registry("SELECT id FROM events")}

    def verify(self) -> None:
        for program, file in (("registry", self.rig.registry_file), ("gateway", self.rig.site_file)):
            code, said = self.rig.verify(program, str(file))
            assert code == 0, said


def reload_command(rig: Rig) -> tuple[str, bytes]:
    """The registry's order to read the configuration anew: its id and its bytes."""
    at = datetime.now(UTC)
    command = Command(
        id=str(uuid_utils.uuid7()),
        name=CommandName.RELOAD,
        gate=f"{GATE.depot}/{GATE.gate}",
        at=at,
        expires=at + timedelta(minutes=1),
    )
    return command.id, wire(seal(command.to_wire(), SigningKey.read(rig.folder / "registry.pem")))


def wait_until(condition: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.02)


@pytest.fixture
def until() -> Callable[..., None]:
    return wait_until


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path / "rig") as rig:
        yield rig


@pytest.fixture
def reload(rig: Rig) -> Callable[[], tuple[str, bytes]]:
    return lambda: reload_command(rig)


@pytest.fixture
def gatehouse(rig: Rig) -> Iterator[Gatehouse]:
    house = Gatehouse(rig)
    house.open()
    yield house
    house.close()
