"""Reports that a person makes: for a day on which the gate is dead, or for a DAE in excess. Every value is theirs."""

from __future__ import annotations

from datetime import datetime

import uuid_utils

from record.base import timestamp
from record.draft import Depot, ReportKind
from registry.people.who import Who
from registry.reports.entry import Entry
from registry.reports.pointer import Json, at
from registry.reports.report import Report
from registry.reports.state import State

NOT_COPIED = frozenset({"/document"})
"""What another report of the same cargo has for itself: it entered with the first."""


def begun(depot: Depot, kind: ReportKind, now: datetime) -> Json:
    """The payload that such a report begins with: who reports, and one empty item."""
    return {
        "report": kind.value,
        "depot": depot.to_wire(),
        "entered_at": timestamp(now),
        "items": [{"sequence": 1}],
    }


def by_hand(depot: str, base: Json, number: str, now: datetime, simulated: bool = False) -> Report:
    """The report at its beginning. ``simulated``: its values are those of a report that is; it stays one."""
    return Report(
        position=0,
        id=str(uuid_utils.uuid7()),
        version=1,
        state=State.DRAFT,
        depot=depot,
        gate=None,
        lane=None,
        draft=None,
        event=None,
        delivery_number=number,
        simulated=simulated,
        voided=False,
        received_at=now,
        changed_at=now,
        base=base,
    )


def copied(other: Report, who: Who, now: datetime, reason: str) -> dict[str, Entry]:
    """The values of another report as a person's own, but for what each report has for itself."""
    found = {}
    for where in other.pointers():
        value = at(other.payload, where)
        if value not in (None, [], False) and where not in NOT_COPIED:
            found[where] = Entry(where, value, None, who.id, who.name, who.role.value, now, reason)
    return found
