"""One change of a report, as it is to be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from registry.people.who import Who
from registry.reports.entry import Entry
from registry.reports.report import Report
from registry.reports.state import What


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written of one change; ``who`` is None where a gate or the machine did it."""

    what: What
    who: Who | None = None
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()


class Step(NamedTuple):
    """A report as it is after a change, and as it was ``before``; None of a new one."""

    report: Report
    before: Report | None
    change: Change
