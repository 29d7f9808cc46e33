"""A report as the interface for programs tells it; what is personal stands only where the token may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from record.base import Record, timestamp
from record.messages import Phrase, UnknownTextError
from registry.api.models import Detail, Difference, File, History, Open, Proofs, Remark, Said, Step
from registry.evidence.book import Entry as Held
from registry.evidence.tables import Keeping
from registry.people.role import Role
from registry.reports import sheet
from registry.reports.report import Field, Judged, Matter, Report, phrase
from registry.reports.rules import Rules
from registry.web import report_view

PERSONAL_PARAMS = frozenset({"person", "name", "driver"})
"""Parameters of findings that say who somebody is."""


def detail(row: Row[Any], report: Report, rules: Rules, language: str, personal: bool) -> Detail:
    """One report whole."""
    return Detail.model_validate(
        sheet.json_of(row)
        | {
            "payload": report.payload,
            "fields": [_said(each, personal) for each in report.fields(rules)],
            "findings": [_remark(each, language, personal) for each in report.judged()],
            "matters": [_open(each, language) for each in report.matters(rules)] if row.open_matters else [],
            "proposed": report.proposed is not None,
            "voided": report.voided,
        }
    )


def _said(field: Field, personal: bool) -> Said:
    entry, source = field.entry, field.source
    person = source.person if source else None
    by: str | None = None
    role = name = reason = at = None
    if entry is not None:
        by = "system" if entry.role == Role.SYSTEM else "person"
        role, name, reason, at = entry.role, entry.name, entry.reason, timestamp(entry.at)
    elif person is not None:
        by, role, name, reason, at = "person", person.role, person.name, person.reason, timestamp(person.at)
    elif field.value not in (None, []) and source is not None:
        by = "gate"
    return Said.model_validate(
        {
            "field": field.pointer,
            "value": field.value,
            "gate_value": field.gate_value,
            "by": by,
            "role": role,
            "name": name if personal else None,
            "reason": reason if personal else None,
            "at": at,
            "evidence": list(source.evidence) if source else [],
            "unconfirmed": field.unconfirmed,
        }
    )


def _remark(judged: Judged, language: str, personal: bool) -> Remark:
    finding = judged.finding
    said = phrase(finding)
    if not personal:
        said = Phrase(said.code, {n: "…" if n in PERSONAL_PARAMS else v for n, v in said.params.items()})
    return Remark(
        code=finding.code.value,
        severity=finding.severity.value,
        field=finding.field,
        text=_text(said, language),
        settled=judged.settled,
    )


def _open(matter: Matter, language: str) -> Open:
    return Open(field=matter.field, text=_text(matter.phrase, language))


def _text(said: Phrase, language: str) -> str:
    """A phrase in words; one that its gate has left a parameter out of stands by its code."""
    try:
        return said.text(language)
    except UnknownTextError:
        return said.code


def history(rows: Sequence[Row[Any]], personal: bool) -> History:
    """Every change of a report."""
    return History(history=[_step(row, personal) for row in rows])


def _step(row: Row[Any], personal: bool) -> Step:
    return Step(
        version=row.version,
        at=timestamp(row.at),
        what=row.what,
        before=row.before,
        after=row.after,
        role=row.role,
        name=row.name if personal else None,
        reason=row.reason if personal else None,
        changes=[
            Difference(field=str(each.get("field", "")), before=each.get("before"), after=each.get("after"))
            for each in row.detail.get("changes", ())
        ],
    )


def proofs(report: Report, files: Mapping[str, Held], personal: bool) -> Proofs:
    """What proves a report."""
    found = report.gate_draft.evidence if report.gate_draft else None
    return Proofs(
        files=[_file(report, digest, files.get(digest)) for digest in report_view.digests(report)],
        weighings=_records(found.weighings if found else ()),
        arithmetic=_records(found.arithmetic if found else ()),
        sightings=_records(found.sightings if found else ()),
        plates=_records(found.plates if found else ()) if personal else None,
        scans=_records(found.scans if found else ()) if personal else None,
        acts=_records(found.acts if found else ()) if personal else None,
        clock=found.clock if found else None,
        machine=found.machine if found else None,
        version=found.version if found else None,
    )


def _records(records: Iterable[Record]) -> list[dict[str, Any]]:
    return [each.to_wire() for each in records]


def _file(report: Report, digest: str, held: Held | None) -> File:
    there = held is not None and held.state is Keeping.HELD
    return File(
        sha256=digest,
        kind=held.kind.value if held else "picture",
        state=held.state.value if held else Keeping.AWAITED.value,
        media_type=held.media_type if held else None,
        size=held.size if held else None,
        href=f"/v1/reports/{report.id}/evidence/{digest}" if there else None,
    )
