"""A base document's ledger: what was declared and announced against what has come in, what of it customs has
approved, and what has left; over all its reports.

A document spans several reports, and a container may hold cargo of several documents: packages and kilograms are of
the report that says them, so they add up; a container is counted once for each document that it carries. What is
withdrawn or cancelled counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, func, select

from record.preadvice import Preadvice
from registry.daes.book import Declaration
from registry.notices import book as notices
from registry.notices.book import Kind
from registry.reports.state import State
from registry.reports.tables import report_keys, reports

NOWHERE = frozenset({State.WITHDRAWN.value, State.CANCELLED.value})
"""States in which a report counts nowhere."""

MOST_REPORTS = 1000
"""Reports of one document that a page holds; more than this are told."""

NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)


def _of_documents() -> Select[Any]:
    """The reports that documents of some numbers stand in, the first entry of each document first; one more than
    `MOST_REPORTS` where there are more."""
    whose = (reports.c.depot, reports.c.document_type, report_keys.c.value)
    order = (reports.c.entered_at, reports.c.position)
    place = func.row_number().over(partition_by=whose, order_by=order).label("place")
    named = (
        select(reports, report_keys.c.value.label("named"), place)
        .join(report_keys, report_keys.c.report == reports.c.position)
        .where(report_keys.c.kind == "document", report_keys.c.value.in_(NUMBERS))
        .subquery()
    )
    return select(named).where(named.c.place <= MOST_REPORTS + 1).order_by(named.c.place)


def _with_boxes() -> Select[Any]:
    """The containers of each report that names one of some documents."""
    named, boxes = report_keys.alias("named"), report_keys.alias("boxes")
    return (
        select(boxes.c.report, boxes.c.value)
        .join(named, named.c.report == boxes.c.report)
        .where(named.c.kind == "document", named.c.value.in_(NUMBERS), boxes.c.kind == "container")
        .distinct()
        .order_by(boxes.c.report, boxes.c.value)
    )


REPORTS, BOXES = _of_documents(), _with_boxes()


@dataclass(frozen=True, slots=True)
class Amount:
    """So much cargo. ``lacks`` counts the reports that do not say their packages or weight yet."""

    packages: int | None = 0
    weight_kg: int | None = 0
    containers: frozenset[str] | int | None = frozenset()
    lacks: int = 0

    @property
    def boxes(self) -> int | None:
        """How many containers."""
        return len(self.containers) if isinstance(self.containers, frozenset) else self.containers


@dataclass(frozen=True, slots=True)
class Ledger:
    """One document as it adds up."""

    declared: Amount
    announced: Amount | None
    received: Amount
    approved: Amount
    left: Amount
    reports: Sequence[Row[Any]] = ()
    boxes: Mapping[int, Sequence[str]] = field(default_factory=dict)
    more: bool = False

    @property
    def measure(self) -> Amount:
        """What is compared with: what people know of the declaration; what nobody has said, as it was announced."""
        announced = self.announced or Amount(None, None, None)
        return Amount(
            _first(self.declared.packages, announced.packages),
            _first(self.declared.weight_kg, announced.weight_kg),
            _first(self.declared.boxes, announced.boxes),
        )

    def differences(self) -> dict[str, tuple[int, float] | None]:
        """Received less declared, and in percent of what was declared; None where one of them is unknown."""
        measure = self.measure
        return {
            "packages": _difference(self.received.packages, measure.packages),
            "weight_kg": _difference(self.received.weight_kg, measure.weight_kg),
            "boxes": _difference(self.received.boxes, measure.boxes),
        }


def ledger(connection: Connection, declaration: Declaration) -> Ledger:
    """The ledger of a document."""
    return ledgers(connection, [declaration])[0]


def ledgers(connection: Connection, declarations: Sequence[Declaration]) -> list[Ledger]:
    """The ledgers of some documents, in their order; a page of them costs as many queries as one."""
    numbers = sorted({each.number for each in declarations})
    rows = _reports(connection, numbers)
    boxes = _boxes(connection, numbers)
    told: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in notices.of_documents(connection, Kind.PREADVICE, numbers):
        told.setdefault((row.depot, row.named), []).append(row)
    return [
        _ledger(each, rows.get(_place(each), []), boxes, told.get((each.depot, each.number), []))
        for each in declarations
    ]


def _ledger(
    declaration: Declaration,
    rows: Sequence[Row[Any]],
    boxes: Mapping[int, Sequence[str]],
    told: Sequence[Row[Any]],
) -> Ledger:
    rows, more = rows[:MOST_REPORTS], len(rows) > MOST_REPORTS
    counted = [row for row in rows if row.state not in NOWHERE]
    entries = [row for row in counted if row.report == "IIE"]
    approved = [row for row in entries if row.state == State.APPROVED]
    return Ledger(
        declared=Amount(declaration.packages, declaration.weight_kg, declaration.containers),
        announced=announced([row for row in told if row.withdrawn_at is None], declaration.type),
        received=_sum(entries, boxes),
        approved=_sum(approved, boxes),
        left=_sum([row for row in counted if row.report == "ISE"], boxes),
        reports=rows,
        boxes={row.position: boxes[row.position] for row in rows if row.position in boxes},
        more=more,
    )


def _place(declaration: Declaration) -> tuple[str, str, str]:
    return declaration.depot, declaration.type, declaration.number


def _reports(
    connection: Connection, numbers: Sequence[str]
) -> dict[tuple[str, str | None, str], list[Row[Any]]]:
    """The reports that documents of these numbers stand in, by depot, type and number, the first entry first; one
    more than `MOST_REPORTS` where there are more."""
    found: dict[tuple[str, str | None, str], list[Row[Any]]] = {}
    for row in connection.execute(REPORTS, {"numbers": numbers}).all():
        found.setdefault((row.depot, row.document_type, row.named), []).append(row)
    return found


def announced(rows: Iterable[Row[Any]], kind: str) -> Amount | None:
    """What was announced under a document, summed over all its announcements; None where nothing was."""
    found = [notices.record_of(row) for row in rows]
    told = [
        each
        for each in found
        if isinstance(each, Preadvice) and each.keys.document is not None and each.keys.document.type == kind
    ]
    if not told:
        return None
    packages = [each.cargo.packages for each in told]
    weights = [each.cargo.weight_kg for each in told]
    boxes = frozenset(number for each in told for number in each.keys.containers)
    return Amount(
        None if None in packages else sum(count for count in packages if count is not None),
        None if None in weights else round(sum(weight for weight in weights if weight is not None)),
        boxes or None,
    )


def others(connection: Connection, declaration: Declaration, found: Ledger) -> dict[str, list[str]]:
    """The other documents of each container that this one shares."""
    numbers = sorted({number for boxes in found.boxes.values() for number in boxes})
    if not numbers:
        return {}
    query = (
        select(report_keys.c.value, reports.c.document_type, reports.c.document_number)
        .join(reports, reports.c.position == report_keys.c.report)
        .where(
            report_keys.c.kind == "container",
            report_keys.c.value.in_(numbers[:MOST_REPORTS]),
            reports.c.depot == declaration.depot,
            reports.c.state.notin_(sorted(NOWHERE)),
            reports.c.document_number.is_not(None),
        )
        .distinct()
    )
    shared: dict[str, list[str]] = {}
    for row in connection.execute(query):
        if (row.document_type, row.document_number) != (declaration.type, declaration.number):
            shared.setdefault(row.value, []).append(f"{row.document_type} {row.document_number}")
    return shared


def _boxes(connection: Connection, numbers: Sequence[str]) -> dict[int, list[str]]:
    """The containers of each report that names one of these documents."""
    found: dict[int, list[str]] = {}
    for row in connection.execute(BOXES, {"numbers": numbers}).all():
        found.setdefault(row.report, []).append(row.value)
    return found


def _sum(rows: Sequence[Row[Any]], boxes: Mapping[int, Sequence[str]]) -> Amount:
    return Amount(
        sum(row.packages or 0 for row in rows),
        sum(row.weight_kg or 0 for row in rows),
        frozenset(number for row in rows for number in boxes.get(row.position, ())),
        sum(row.packages is None or row.weight_kg is None for row in rows),
    )


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _difference(received: int | None, declared: int | None) -> tuple[int, float] | None:
    if received is None or not declared:
        return None
    return received - declared, 100 * (received - declared) / declared
