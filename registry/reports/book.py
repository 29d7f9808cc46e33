"""The book of reports: one read whole, one written with its change; the database's side of `report`.

Every write is one change: the report's row at its next version, its entries, what it is found by, a row of
history, an event for central systems.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, delete, insert, select, update

from record.draft import BaseDocument, DocumentType, Draft, Payload
from record.errors import BadRecord, IieError
from record.event import Event
from record.identifiers.folding import fold
from record.proof import SigningKey, unwire
from record.report import ReportChange
from registry.content import of_payload, read
from registry.corrections.tables import corrections
from registry.daes import book as declarations
from registry.notices import book as notices
from registry.people.who import Who
from registry.reports import telling
from registry.reports.entry import Entry
from registry.reports.pointer import Json
from registry.reports.report import Report
from registry.reports.rules import Rules
from registry.reports.state import OPEN, State, What
from registry.reports.tables import report_changes, report_entries, report_keys, reports
from registry.reports.tray import tray_of
from registry.tables import events

SUMMARY = ("document_type", "document_number", "container", "weight_kg", "packages", "description")
"""Columns that are filled from the effective payload."""

OF: BindParameter[Any] = bindparam("of")
OF_ID = select(reports).where(reports.c.id == OF)
OF_ID_LOCKED = OF_ID.with_for_update()
OF_DRAFT = select(reports).where(reports.c.draft == OF).with_for_update()
BODY = select(events.c.body).where(events.c.id == OF)
ENTRIES = select(report_entries).where(report_entries.c.report == OF)
CORRECTED = (
    select(corrections.c.changes)
    .where(
        corrections.c.report == OF,
        corrections.c.number == bindparam("number"),
        corrections.c.state == State.APPROVED.value,
    )
    .order_by(corrections.c.position)
)
KEYS = select(report_keys.c.kind, report_keys.c.value).where(report_keys.c.report == OF)

ZERO = Decimal(0)


class Stale(IieError):
    """Somebody else has changed the report since it was read. Look at what they did, then do it again."""

    advice = "console.problem.conflict"


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


class Book:
    """Reads and writes reports within one transaction."""

    def __init__(self, connection: Connection, rules: Rules, key: SigningKey, now: datetime) -> None:
        self._connection, self._rules, self._key, self._now = connection, rules, key, now

    @property
    def connection(self) -> Connection:
        """The transaction."""
        return self._connection

    def find(self, report: str, lock: bool = False) -> Report | None:
        """The report of an id; locked until the transaction ends where it is to be changed."""
        return self._one(OF_ID_LOCKED if lock else OF_ID, report)

    def of_draft(self, draft: str) -> Report | None:
        """The report of a gate's draft, locked."""
        return self._one(OF_DRAFT, draft)

    def _one(self, query: Select[Any], which: str) -> Report | None:
        row = self._connection.execute(query, {"of": which}).one_or_none()
        return None if row is None else self.whole(row)

    def whole(self, row: Row[Any]) -> Report:
        """A report's row with all that belongs to it."""
        draft = self.draft_of(row.event) if row.event else None
        return Report(
            position=row.position,
            id=row.id,
            version=row.version,
            state=State(row.state),
            depot=row.depot,
            gate=row.gate,
            lane=row.lane,
            draft=row.draft,
            event=row.event,
            delivery_number=row.delivery_number,
            simulated=row.simulated,
            voided=row.voided,
            received_at=row.received_at,
            changed_at=row.changed_at,
            base=draft.payload.to_wire() if draft else self._begun(row.position),
            gate_draft=draft,
            proposed_event=row.proposed,
            proposed=self.draft_of(row.proposed) if row.proposed else None,
            entries=self._entries(row.position),
            corrected=self._corrected(row),
            released=self._released(row),
        )

    def draft_of(self, event: str) -> Draft:
        """The draft that an event brought. Raises `BadRecord` where the event is gone or is another."""
        body = self._connection.execute(BODY, {"of": event}).scalar_one()
        data = read(Event.from_wire(unwire(body)))
        if not isinstance(data, Draft):
            raise BadRecord(f"event {event} brings no draft")
        return data

    def _begun(self, position: int) -> Json:
        """What a report that a person has made began with; its first row of history holds it."""
        first = (report_changes.c.report == position) & (report_changes.c.version == 1)
        detail = self._connection.execute(select(report_changes.c.detail).where(first)).scalar_one()
        return dict(detail["base"])

    def _released(self, row: Row[Any]) -> bool | None:
        """Whether customs lets an exit leave that is not reported yet; None where nobody asks."""
        if row.report != "ISE" or State(row.state) not in OPEN or not self._rules.release_required:
            return None
        document = None
        if row.document_type is not None and row.document_number is not None:
            document = BaseDocument(type=DocumentType(row.document_type), number=row.document_number)
        keys = self._connection.execute(KEYS, {"of": row.position})
        containers = [key.value for key in keys if key.kind == "container"]
        found = notices.release_of(self._connection, row.depot, document, containers, row.entered_at)
        return found is not None

    def recount(self, report: Report) -> None:
        """Count anew what keeps a report from review: something beside it has changed."""
        matters = len(report.matters(self._rules)) if report.state is State.DRAFT else 0
        values = {"open_matters": matters, "tray": tray_of(report.state, matters)}
        self._connection.execute(update(reports).where(reports.c.position == report.position).values(values))

    def _corrected(self, row: Row[Any]) -> Json:
        """What approved corrections of the report's number say, by field."""
        if not State(row.state).has_left:
            return {}
        of = {"of": row.position, "number": row.delivery_number}
        found = self._connection.execute(CORRECTED, of).scalars()
        return {str(each["field"]): each["after"] for changes in found for each in changes}

    def _entries(self, position: int) -> dict[str, Entry]:
        return {
            row.field: Entry(
                row.field,
                row.value,
                row.machine,
                row.user,
                row.name,
                row.role,
                row.at,
                row.reason,
                row.confirmed_user,
                row.confirmed_name,
                row.confirmed_at,
            )
            for row in self._connection.execute(ENTRIES, {"of": position})
        }

    def history(self, position: int) -> Sequence[Row[Any]]:
        """Every change of a report, the first first."""
        query = select(report_changes).where(report_changes.c.report == position)
        return self._connection.execute(query.order_by(report_changes.c.version)).all()

    def add(self, report: Report, change: Change) -> Report:
        """Write a new report."""
        row = {
            "id": report.id,
            "draft": report.draft,
            "received_at": report.received_at,
            "depot": report.depot,
            "gate": report.gate,
            "lane": report.lane,
            **self._columns(report),
        }
        result = self._connection.execute(insert(reports).returning(reports.c.position), row)
        added = replace(report, position=result.scalar_one())
        self._follow(added, None, change)
        self._look_for_release(added)
        return added

    def save(self, report: Report, before: Report, change: Change) -> Report:
        """Write a report as it is after a change. Raises `Stale` where it is no longer as it was ``before``."""
        entries = {name: each for name, each in before.entries.items() if name not in change.dropped}
        after = replace(
            report, version=before.version + 1, changed_at=self._now, entries={**entries, **change.entries}
        )
        written = self._connection.execute(
            update(reports)
            .where(reports.c.position == before.position, reports.c.version == before.version)
            .values(self._columns(after))
        )
        if written.rowcount != 1:
            raise Stale(f"report {before.id} is no longer at version {before.version}")
        self._follow(after, before, change)
        self._look_for_release(after)
        return after

    def _look_for_release(self, report: Report) -> None:
        """Count an exit's matters once what a release would name of it is written."""
        if report.kind == "ISE" and report.state is State.DRAFT:
            found = self.find(report.id)
            if found is not None:
                self.recount(found)

    def _columns(self, report: Report) -> Json:
        """What a report's row says of it; the summary is of the effective payload."""
        matters = len(report.matters(self._rules)) if report.state is State.DRAFT else 0
        return {
            "version": report.version,
            "state": report.state.value,
            "event": report.event,
            "proposed": report.proposed_event,
            "voided": report.voided,
            "simulated": report.simulated,
            "delivery_number": report.delivery_number,
            "report": report.kind,
            "changed_at": report.changed_at,
            "open_matters": matters,
            "tray": tray_of(report.state, matters),
            "disputed": report.proposed_event is not None or report.voided,
            "items": len(report.items),
            **self._summary(report),
        }

    def _summary(self, report: Report) -> Json:
        """Columns of the effective payload; the last good ones stay where it is none at the moment."""
        try:
            payload = report.document()
        except BadRecord:
            return {"entered_at": Payload.from_wire(report.base).entered_at}
        found = of_payload(payload)
        return {"entered_at": payload.entered_at, **{name: found[name] for name in SUMMARY}}

    def _follow(self, report: Report, before: Report | None, change: Change) -> None:
        """Everything beside the row itself."""
        self._write_entries(report, change)
        self._write_keys(report)
        who = change.who
        row = {
            "report": report.position,
            "version": report.version,
            "at": self._now,
            "what": change.what.value,
            "before": before.state.value if before else None,
            "after": report.state.value,
            "user": who.id if who else None,
            "name": who.name if who else None,
            "role": who.role.value if who else None,
            "reason": change.reason,
            "detail": dict(change.detail),
        }
        self._connection.execute(insert(report_changes), row)
        told = _told(report, before, change, self._now)
        telling.tell(self._connection, self._key, report.position, told, self._now)

    def _write_entries(self, report: Report, change: Change) -> None:
        names = [*change.dropped, *change.entries]
        if names:
            of_report = report_entries.c.report == report.position
            self._connection.execute(
                delete(report_entries).where(of_report, report_entries.c.field.in_(names))
            )
        rows = [
            {
                "report": report.position,
                "field": name,
                "value": each.value,
                "machine": each.machine,
                "user": each.user,
                "name": each.name,
                "role": each.role,
                "at": each.at,
                "reason": each.reason,
                "second": each in report.unconfirmed(self._rules),
                "confirmed_user": each.confirmed_user,
                "confirmed_name": each.confirmed_name,
                "confirmed_at": each.confirmed_at,
            }
            for name, each in change.entries.items()
        ]
        if rows:
            self._connection.execute(insert(report_entries), rows)

    def _write_keys(self, report: Report) -> None:
        """What a report is found by; a number that it once had stays."""
        wanted = set(_keys(report))
        of_report = report_keys.c.report == report.position
        held = {(row.kind, row.value) for row in self._connection.execute(KEYS, {"of": report.position})}
        for kind, value in held - wanted:
            if kind != "number":
                same = (report_keys.c.kind == kind) & (report_keys.c.value == value)
                self._connection.execute(delete(report_keys).where(of_report, same))
        rows = [{"report": report.position, "kind": k, "value": v} for k, v in sorted(wanted - held)]
        if rows:
            self._connection.execute(insert(report_keys), rows)
        for kind, number in sorted(wanted - held):
            if kind == "document":
                document = str(report.payload["document"]["type"])
                declarations.meet(self._connection, report.depot, document, number[:20], self._now)


def _keys(report: Report) -> Iterator[tuple[str, str]]:
    yield "number", report.delivery_number
    document = report.payload.get("document") or {}
    if document.get("number"):
        yield from (("document", form) for form in _forms(str(document["number"])))
    for item in report.items:
        if item.get("container"):
            yield "container", str(item["container"])[:32]
    plates: Iterable[Any] = report.gate_draft.evidence.plates if report.gate_draft else ()
    for plate in plates:
        yield from (("plate", form) for form in _forms(plate.plate))


def _forms(text: str) -> set[str]:
    """A text as it is written, and as people may write it: without what separates groups, in capitals."""
    return {text[:32].replace("\x00", "\ufffd"), fold(text).compact[:32].replace("\x00", "\ufffd")} - {""}


def _told(report: Report, before: Report | None, change: Change, now: datetime) -> ReportChange:
    """The change as central systems read it: roles, no names, no reasons."""
    data: Json = {
        "report": report.id,
        "version": report.version,
        "change": change.what.value,
        "before": before.state.value if before else None,
        "state": report.state.value,
        "at": now,
        "role": change.who.role.value if change.who else None,
        "fields": change.fields,
        "depot": report.depot,
        "delivery_number": report.delivery_number,
        "draft": report.draft,
        "visit": report.gate_draft.visit if report.gate_draft else None,
        "revision": report.gate_draft.revision if report.gate_draft else None,
        "simulated": report.simulated,
    }
    try:
        source = report.document()
    except BadRecord:
        source = Payload.from_wire(report.base)
    weights = [item.weight_kg for item in source.items]
    counts = [item.packages for item in source.items]
    return ReportChange(
        **data,
        kind=source.report,
        entered_at=source.entered_at,
        document=source.document,
        containers=tuple(item.container for item in source.items if item.container),
        packages=None if None in counts else sum(count for count in counts if count is not None),
        weight_kg=None if None in weights else sum((kg for kg in weights if kg is not None), start=ZERO),
    )
