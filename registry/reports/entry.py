"""What a person said of a field, beside what the machine had said; and when another person has to confirm it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from registry.reports.rules import Rules

FINDING = "finding:"
"""What the name of an entry begins with that settles a finding, not a field."""

MEASURED = ("weight_kg", "packages")
"""Fields whose change by a person is bounded."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``machine`` is what the gate said when it was made; ``confirmed_by`` is never who made it."""

    field: str
    value: Any
    machine: Any
    user: str
    name: str
    role: str
    at: datetime
    reason: str
    confirmed_user: str | None = None
    confirmed_name: str | None = None
    confirmed_at: datetime | None = None

    @property
    def is_field(self) -> bool:
        """Whether it lays a value into the payload."""
        return not self.field.startswith(FINDING)


def needs_second(field: str, value: Any, machine: Any, rules: Rules) -> bool:
    """Whether a person's number is so far from the machine's that another person has to confirm it."""
    if field.rpartition("/")[2] not in MEASURED:
        return False
    was, now = _number(machine), _number(value)
    if was is None or now is None or was == 0:
        return False
    return abs(now - was) * 100 > abs(was) * rules.tolerance_percent


def unconfirmed(entry: Entry, machine: Any, rules: Rules) -> bool:
    """Whether an entry waits for a second person, with the machine's value as it is now."""
    if not entry.is_field or entry.confirmed_user is not None:
        return False
    return needs_second(entry.field, entry.value, machine, rules)


def values(entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The values that entries lay into a payload, by pointer."""
    return {name: entry.value for name, entry in entries.items() if entry.is_field}


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
