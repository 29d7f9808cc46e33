"""A depot whose reports go to a simulator of customs, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from record.event import EventType
from registry.reports.office import Office
from registry.reports.state import State, What
from registry.settings import RegistryFile
from registry.transmission.adapters import adapter
from registry.transmission.courier import Courier
from registry.transmission.simulator import Simulator, Verdict

SENDER = {"ruc": "1790012345001", "user": "OPERADOR1"}


@dataclass
class Plan:
    """Verdicts by the order in which documents arrive; accepted where none is said."""

    verdicts: list[Verdict] = field(default_factory=list)

    def __call__(self, number: str) -> Verdict:
        return self.verdicts.pop(0) if self.verdicts else Verdict.ACCEPT


class Port:
    """A depot with its courier. Nothing happens by itself: the test takes each step."""

    def __init__(self, depot: Any, courier: Courier, customs: Simulator, plan: Plan, told: list[int]) -> None:
        self.depot, self.courier, self.customs, self.plan, self.told = depot, courier, customs, plan, told

    def queued(self, simulated: bool = True) -> str:
        """A reviewed draft that somebody has sent on its way: the draft's id."""
        chain = self.depot.chain
        record = chain.record(EventType.DRAFT, self.depot.draft_data(), simulated=simulated)
        draft = record["data"]["draft"]
        self.depot.arrive(chain.arrival("l1/ingress", record | {"subject": draft}))
        for what in (What.REVIEWED, What.QUEUED):
            self.depot.do(draft, what)
        return str(draft)

    def state(self, draft: str) -> State:
        return State(self.depot.row(draft).state)

    def past(self, draft: str) -> list[Any]:
        return list(self.depot.see(draft).history)


@pytest.fixture
def plan() -> Plan:
    return Plan()


@pytest.fixture
def customs(plan: Plan) -> Iterator[Simulator]:
    with Simulator(plan) as running:
        yield running


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def port_of(
    engine: Engine,
    chain: Any,
    receiver: Callable[..., Any],
    registry_key: Any,
    clock: Any,
    kit: Any,
    plan: Plan,
    customs: Simulator,
    told: list[int],
    tmp_path: Path,
) -> Callable[..., Port]:
    """Makes the depot, by settings of transmission that differ where a test says so."""

    def make(**changes: Any) -> Port:
        rules = {"url": customs.url, "simulator": True, "depots": {"depot": SENDER}, "timeout_s": 5} | changes
        file: RegistryFile = kit.registry_file(chain, accept_simulated=True, transmission=rules)
        office = Office(engine, file, registry_key, clock, tmp_path)

        class Depot(kit.Depot):
            def draft_data(self) -> Any:
                return kit.draft_data(kit.uuid7())

            def arrive(self, arrival: Any) -> None:
                (result,) = self._intake.receive([arrival])
                assert result.outcome == "accepted", result.refused
                self.office.take_up()

        depot = Depot(office, engine, chain, receiver(accept_simulated=True))
        assert file.transmission is not None
        way = adapter(file.transmission, tmp_path)
        courier = Courier(office, file.transmission, way, lambda: told.append(1))
        return Port(depot, courier, customs, plan, told)

    return make


@pytest.fixture
def port(port_of: Callable[..., Port]) -> Port:
    return port_of()
