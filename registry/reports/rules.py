"""What a depot's reports have to fulfil, as REGISTRY.yaml says it. Figures without an official source are marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from record.codes import Codes, shipped
from registry.settings import RegistryFile, ReportRules


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one registry."""

    required: frozenset[str] = frozenset(
        {"document", "container", "description", "packages", "packaging", "weight_kg", "exit_reason"}
    )
    longest: Mapping[str, int] = field(default_factory=lambda: {"description": 200, "seals": 14})
    tolerance_percent: Decimal = Decimal(10)
    release_required: bool = True
    most_packages: int = 100_000
    most_weight_kg: int = 100_000
    codes: Codes = field(default_factory=shipped)

    @classmethod
    def of(cls, file: RegistryFile) -> Rules:
        """The rules that a settings file names."""
        wanted: ReportRules = file.reports
        return cls(
            required=frozenset({"document", "exit_reason", *wanted.required}),
            longest={"description": wanted.description_length, "seals": wanted.seal_length},
            tolerance_percent=wanted.second_person_percent,
            release_required=wanted.release_required,
            most_packages=wanted.most_packages,
            most_weight_kg=wanted.most_weight_kg,
        )
