"""What reports are found by: their numbers, and the document, containers and plates that they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, select

from record.identifiers.folding import fold
from registry import bulk
from registry.daes import book as declarations
from registry.reports.change import Step
from registry.reports.report import Report
from registry.reports.tables import report_keys

Key = tuple[str, str]
"""Kind and value."""

OF: BindParameter[Any] = bindparam("of", expanding=True)
HELD = select(report_keys).where(report_keys.c.report.in_(OF))
GONE = delete(report_keys).where(
    report_keys.c.report == bindparam("of_report"),
    report_keys.c.kind == bindparam("of_kind"),
    report_keys.c.value == bindparam("of_value"),
)

COMPACT = re.compile("[0-9A-Z]{1,32}")
"""A text that nobody writes in another way."""


def write(connection: Connection, steps: Sequence[Step], now: datetime) -> None:
    """Find reports by what they name now; a number that one once had stays. Documents that are new are met."""
    held = _held(connection, [step.report.position for step in steps if step.before is not None])
    new: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    met: list[tuple[str, str, str]] = []
    for report, _, _ in steps:
        wanted, had = set(of(report)), held.get(report.position, set())
        for kind, value in sorted(wanted - had):
            new.append({"report": report.position, "kind": kind, "value": value})
            if kind == "document":
                met.append((report.depot, str(report.payload["document"]["type"]), value[:20]))
        for kind, value in had - wanted:
            if kind != "number":
                gone.append({"of_report": report.position, "of_kind": kind, "of_value": value})
    if gone:
        connection.execute(GONE, gone)
    bulk.insert(connection, report_keys, new)
    declarations.meet_all(connection, met, now)


def of(report: Report) -> Iterator[Key]:
    """What a report is found by, each as it is written and as people may write it."""
    yield "number", report.delivery_number
    document = report.payload.get("document") or {}
    if document.get("number"):
        yield from (("document", form) for form in forms(str(document["number"])))
    for item in report.items:
        if item.get("container"):
            yield "container", str(item["container"])[:32]
    plates: Iterable[Any] = report.gate_draft.evidence.plates if report.gate_draft else ()
    for plate in plates:
        yield from (("plate", form) for form in forms(plate.plate))


def forms(text: str) -> set[str]:
    """A text as it is written, and as people may write it: without what separates groups, in capitals."""
    if COMPACT.fullmatch(text):
        return {text}
    return {text[:32].replace("\x00", "\ufffd"), fold(text).compact[:32].replace("\x00", "\ufffd")} - {""}


def _held(connection: Connection, positions: Sequence[int]) -> Mapping[int, set[Key]]:
    found: dict[int, set[Key]] = {}
    if positions:
        for row in connection.execute(HELD, {"of": positions}):
            found.setdefault(row.report, set()).add((row.kind, row.value))
    return found
