"""A depot's office for tests: drafts come in as signed events, people do what they may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select

from record.proof import SigningKey
from registry.database import reading
from registry.people.role import Role
from registry.people.who import Who
from registry.reports.office import Office, Seen
from registry.reports.tables import reports

ANA = Who("ana", "Ana", Role.CLERK)
BEA = Who("bea", "Bea", Role.CLERK)
EVA = Who("eva", "Eva", Role.SUPERVISOR)


class Depot:
    """An office with a gate that sends to it."""

    def __init__(self, office: Office, engine: Engine, chain: Any, intake: Any, kit: Any) -> None:
        self.office, self.engine, self.chain, self._intake, self._kit = office, engine, chain, intake, kit
        self.ana, self.bea, self.eva = ANA, BEA, EVA

    def send(self, draft: str | None = None, revision: int = 1, **changes: Any) -> str:
        """A revision of a draft arrives and is taken up: the draft's id. ``changes`` go into its data."""
        name = draft or self._kit.uuid7()
        item = changes.pop("item", {})
        data = self._kit.draft_data(name, revision, **item) | changes
        self._arrive(self._kit.EventType.DRAFT, data, name)
        return name

    def cancel(self, draft: str) -> None:
        data = {"draft": draft, "lane": "l1", "reason": "wrong truck", "decided_by": "machine"}
        self._arrive(self._kit.EventType.DRAFT_CANCELLED, data, draft)

    def _arrive(self, type: Any, data: dict[str, Any], subject: str) -> None:
        record = self.chain.record(type, data, subject=subject)
        (result,) = self._intake.receive([self.chain.arrival("l1/ingress", record)])
        assert result.outcome == "accepted", result.refused
        self.office.take_up()

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
def depot(
    engine: Engine, kit: Any, chain: Any, receiver: Callable[..., Any], registry_key: SigningKey, clock: Any
) -> Depot:
    office = Office(engine, kit.registry_file(chain), registry_key, clock)
    return Depot(office, engine, chain, receiver(), kit)
