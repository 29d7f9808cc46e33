"""A depot with approved reports, and the office of its corrections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry.corrections.office import Corrections
from registry.daes import book as declarations
from registry.database import writing
from registry.reports.state import What


class Correcting:
    """What tests of corrections do to a depot."""

    def __init__(self, depot: Any) -> None:
        self.depot, self.office = depot, Corrections(depot.office)

    def approved(self, container: str = "CSQU3054383", document: str = "02820264000123456") -> str:
        """The id of a report that customs has approved."""
        payload = self._payload(container, document)
        draft = self.depot.send(payload=payload)
        for what in (What.REVIEWED, What.EXPORTED, What.APPROVED):
            self.depot.do(draft, what)
        return str(self.depot.report(draft))

    def _payload(self, container: str, document: str) -> dict[str, Any]:
        item = {
            "sequence": 1,
            "container": container,
            "size_type": "22G1",
            "seals": ["EC123456"],
            "description": "BANANO FRESCO",
            "packages": 1080,
            "packaging": "035",
            "weight_kg": "21350",
        }
        depot = {"profile": "temporal", "district": "028", "oce": "01234567", "operator_type": "05"}
        return {
            "report": "IIE",
            "depot": {**depot, "channel": "S"},
            "entered_at": "2026-11-24T17:00:00.000Z",
            "document": {"type": "DAE", "number": document},
            "items": [item],
        }

    def report(self, report: str) -> Any:
        return self.depot.office.see(report, self.depot.ana).report

    def correct(
        self, report: str, texts: dict[str, str], reason: str = "sello cambiado", who: Any = None
    ) -> str:
        from registry.reports.completion import Asked

        version = self.report(report).version
        return self.office.correct(report, version, who or self.depot.ana, Asked(texts, reason=reason))

    def see(self, correction: str) -> Any:
        return self.office.see(correction, self.depot.ana)

    def do(self, correction: str, *deeds: What, who: Any = None, reason: str = "") -> Any:
        """Deeds one after the other, by another person than the author unless said."""
        for what in deeds:
            version = self.see(correction).correction.version
            done = self.office.do(correction, version, who or self.depot.bea, what, reason)
        return done

    def regularise(self, report: str) -> None:
        found, now = self.report(report), self.depot.office.now()
        document = found.payload["document"]
        with writing(self.depot.engine) as connection:
            known = declarations.of_document(connection, found.depot, document["type"], document["number"])
            assert known is not None
            deed, values = declarations.Deed.REGULARISED, {"regularised_at": now}
            declarations.write(connection, known, self.depot.ana, now, deed, values, "", {})


@pytest.fixture
def correcting(depot_of: Callable[..., Any]) -> Correcting:
    return Correcting(depot_of())
