"""The book of reports: one read whole, one written with its change; the database's side of `report`.

Every write is one change: the report's row at its next version, its entries, what it is found by, a row of
history, an event for central systems.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, delete, insert, select, update

from record.draft import BaseDocument, DocumentType, Draft, Payload
from record.errors import BadRecord, IieError
from record.proof import SigningKey, unwire
from registry import bulk
from registry.content import of_payload, parsed, read
from registry.corrections.tables import corrections
from registry.notices import book as notices
from registry.reports import keys, telling
from registry.reports.change import Change, Step
from registry.reports.entry import Entry
from registry.reports.pointer import Json
from registry.reports.report import Report
from registry.reports.rules import Rules
from registry.reports.state import OPEN, State
from registry.reports.tables import report_changes, report_entries, report_keys, reports
from registry.reports.tray import tray_of
from registry.tables import events

SUMMARY = ("document_type", "document_number", "container", "weight_kg", "packages", "description")
"""Columns that are filled from the effective payload."""

NO_SUMMARY: Json = dict.fromkeys(SUMMARY)

OF: BindParameter[Any] = bindparam("of")
OF_EACH: BindParameter[Any] = bindparam("of", expanding=True)
OF_ID = select(reports).where(reports.c.id == OF)
OF_ID_LOCKED = OF_ID.with_for_update()
OF_DRAFTS = select(reports).where(reports.c.draft.in_(OF_EACH)).order_by(reports.c.draft).with_for_update()
PLACES = select(reports.c.id, reports.c.position).where(reports.c.id.in_(OF_EACH))
SAVE = update(reports).where(
    reports.c.position == bindparam("of_position"), reports.c.version == bindparam("of_version")
)
BODIES = select(events.c.id, events.c.body).where(events.c.id.in_(OF_EACH))
ENTRIES = select(
    report_entries.c.report,
    *(report_entries.c[each.name] for each in fields(Entry)),
).where(report_entries.c.report.in_(OF_EACH))
CORRECTED = (
    select(corrections.c.changes)
    .where(
        corrections.c.report == OF,
        corrections.c.number == bindparam("number"),
        corrections.c.state == State.APPROVED.value,
    )
    .order_by(corrections.c.position)
)
CONTAINERS = select(report_keys.c.value).where(report_keys.c.report == OF, report_keys.c.kind == "container")


class Stale(IieError):
    """Somebody else has changed the report since it was read. Look at what they did, then do it again."""

    advice = "console.problem.conflict"


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

    def of_drafts(self, drafts: Sequence[str]) -> dict[str, Report]:
        """The reports of gates' drafts, locked; each under its draft."""
        rows = self._connection.execute(OF_DRAFTS, {"of": list(drafts)}).all() if drafts else []
        return {str(row.draft): report for row, report in zip(rows, self.wholes(rows), strict=True)}

    def _one(self, query: Select[Any], which: str) -> Report | None:
        row = self._connection.execute(query, {"of": which}).one_or_none()
        return None if row is None else self.whole(row)

    def whole(self, row: Row[Any]) -> Report:
        """A report's row with all that belongs to it."""
        return self.wholes([row])[0]

    def wholes(self, rows: Sequence[Row[Any]]) -> list[Report]:
        """The same of several rows, with as many queries of events and entries as of one."""
        events = {event for row in rows for event in (row.event, row.proposed) if event}
        drafts, entries = self.drafts_of(events), self._entries([row.position for row in rows])
        return [self._whole(row, drafts, entries.get(row.position, {})) for row in rows]

    def _whole(self, row: Row[Any], drafts: Mapping[str, Draft], entries: Mapping[str, Entry]) -> Report:
        draft = drafts[row.event] if row.event else None
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
            proposed=drafts[row.proposed] if row.proposed else None,
            entries=entries,
            corrected=self._corrected(row),
            released=self._released(row),
        )

    def drafts_of(self, events: Collection[str]) -> dict[str, Draft]:
        """The drafts that events brought. Raises `BadRecord` naming an event that is gone or brings another thing."""
        if not events:
            return {}
        rows = self._connection.execute(BODIES, {"of": sorted(events)}).all()
        found = {row.id: _draft(row.id, row.body) for row in rows}
        for event in events - found.keys():
            raise BadRecord(f"event {event} is gone")
        return found

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
        containers = self._connection.execute(CONTAINERS, {"of": row.position}).scalars().all()
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

    def _entries(self, positions: Sequence[int]) -> dict[int, dict[str, Entry]]:
        """People's entries, by report and field."""
        found: dict[int, dict[str, Entry]] = {}
        if positions:
            for row in self._connection.execute(ENTRIES, {"of": list(positions)}):
                found.setdefault(row.report, {})[row.field] = Entry(*row[1:])
        return found

    def history(self, position: int) -> Sequence[Row[Any]]:
        """Every change of a report, the first first."""
        query = select(report_changes).where(report_changes.c.report == position)
        return self._connection.execute(query.order_by(report_changes.c.version)).all()

    def add(self, report: Report, change: Change) -> Report:
        """Write a new report."""
        return self.add_all([(report, change)])[0]

    def add_all(self, new: Sequence[tuple[Report, Change]]) -> list[Report]:
        """Write new reports, each with its change."""
        rows = [
            {
                "id": report.id,
                "draft": report.draft,
                "received_at": report.received_at,
                "depot": report.depot,
                "gate": report.gate,
                "lane": report.lane,
                **NO_SUMMARY,
                **self._columns(report),
            }
            for report, _ in new
        ]
        if not rows:
            return []
        bulk.insert(self._connection, reports, rows)
        held = self._connection.execute(PLACES, {"of": [report.id for report, _ in new]}).all()
        places = {row.id: row.position for row in held}
        steps = [Step(replace(report, position=places[report.id]), None, change) for report, change in new]
        self._follow(steps)
        return [step.report for step in steps]

    def save(self, report: Report, before: Report, change: Change) -> Report:
        """Write a report as it is after a change. Raises `Stale` where it is no longer as it was ``before``."""
        return self.save_all([(report, before, change)])[0]

    def save_all(self, changed: Sequence[tuple[Report, Report, Change]]) -> list[Report]:
        """The same of several reports, each of which is changed once."""
        steps = [Step(self._next(*each), each[1], each[2]) for each in changed]
        for after, before, _ in steps:
            assert before is not None  # noqa: S101 - all are reports that there are
            was = {"of_position": before.position, "of_version": before.version}
            if self._connection.execute(SAVE, was | self._columns(after)).rowcount != 1:
                raise Stale(f"report {before.id} is no longer at version {before.version}")
        if steps:
            self._follow(steps)
        return [step.report for step in steps]

    def _next(self, report: Report, before: Report, change: Change) -> Report:
        """A report at its next version, with the entries of a change."""
        kept = {name: each for name, each in before.entries.items() if name not in change.dropped}
        entries = {**kept, **change.entries}
        return replace(report, version=before.version + 1, changed_at=self._now, entries=entries)

    def _look_for_release(self, report: Report) -> None:
        """Count an exit's matters once what a release would name of it is written."""
        if report.kind == "ISE" and report.state is State.DRAFT and self._rules.release_required:
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

    def _follow(self, steps: Sequence[Step]) -> None:
        """Everything beside the rows themselves."""
        for step in steps:
            self._write_entries(step.report, step.change)
        keys.write(self._connection, steps, self._now)
        bulk.insert(self._connection, report_changes, [_history(step, self._now) for step in steps])
        telling.tell(self._connection, self._key, steps, self._now)
        for step in steps:
            self._look_for_release(step.report)

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


def _draft(name: str, body: bytes) -> Draft:
    """The draft that an event brought."""
    event, known = parsed(body, unwire(body).get("data"))
    data = known or read(event)
    if not isinstance(data, Draft):
        raise BadRecord(f"event {name} brings no draft")
    return data


def _history(step: Step, now: datetime) -> Json:
    """The row of history of a change."""
    report, before, change = step
    who = change.who
    return {
        "report": report.position,
        "version": report.version,
        "at": now,
        "what": change.what.value,
        "before": before.state.value if before else None,
        "after": report.state.value,
        "user": who.id if who else None,
        "name": who.name if who else None,
        "role": who.role.value if who else None,
        "reason": change.reason,
        "detail": dict(change.detail),
    }
