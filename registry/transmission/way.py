"""Whether a report may go to customs' system, and in whose name."""

from __future__ import annotations

from dataclasses import dataclass

from record.messages import Phrase
from registry.reports.document import BadSchema, Documents
from registry.reports.report import Report
from registry.settings import RegistryFile
from registry.transmission.parcel import Sender
from registry.transmission.rules import TransmissionRules

CII = "CII"
"""The kind of a correction, beside those of reports."""


@dataclass(frozen=True, slots=True)
class Way:
    """The way to customs of one registry; there is none where the settings have none."""

    file: RegistryFile
    documents: Documents

    @property
    def rules(self) -> TransmissionRules | None:
        """The settings' part, where there is one."""
        return self.file.transmission

    @property
    def depots(self) -> list[str]:
        """The depots whose reports are transmitted."""
        return [each for each in self.rules.depots if each in self.file.depots] if self.rules else []

    def leads_from(self, depot: str) -> bool:
        """Whether reports of a depot are transmitted at all."""
        return depot in self.depots

    def sender(self, depot: str) -> Sender:
        """As whom customs knows one of `depots`."""
        if self.rules is None:
            raise KeyError(depot)
        known, own = self.file.depots[depot], self.rules.depots[depot]
        return Sender(known.oce, own.ruc, known.operator_type, own.user)

    def why_not(self, report: Report, kind: str | None = None) -> Phrase | None:
        """Why a report, or a document of another ``kind`` about it, may not go this way; None where it may.

        A simulated report never reaches customs, a real one never a simulator, whose word would stand as an
        approval; and nothing reaches customs that was not checked by the operator's own schema.
        """
        if self.rules is None or not self.leads_from(report.depot):
            return Phrase("transmission.no_way", {"depot": report.depot})
        if report.simulated != self.rules.simulator:
            return Phrase("transmission.simulated" if report.simulated else "transmission.only_simulated")
        if self.rules.simulator:
            return None
        try:
            own = self.documents.schema_file(kind or report.kind)
        except BadSchema as error:
            return Phrase("console.document.invalid", {"what": str(error)})
        return None if own is not None else Phrase("transmission.no_schema", {"kind": kind or report.kind})
