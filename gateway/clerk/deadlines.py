"""Deadlines of a report: the end of its base document, and the hours within which the depot has to send it.

Customs gives each DAE an end of its own (confirmed); for sending no figure is published, so there is none unless the
site sets one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from gateway.clerk.case import Case
from record.base import timestamp
from record.finding import Code, Finding, Severity


def deadline_findings(case: Case) -> Iterator[Finding]:
    """Findings of what has ended, or was weighed too late to be sent in time."""
    yield from _document(case)
    yield from _sending(case)


def _document(case: Case) -> Iterator[Finding]:
    until = case.preadvice.document_until if case.preadvice else None
    if until is not None and until < case.visit.arrived_at:
        severity = Severity(case.site.rules.ended_document)
        params = {"until": until.date().isoformat()}
        yield Finding(code=Code.DOCUMENT_ENDED, severity=severity, field="/document", params=params)


def _sending(case: Case) -> Iterator[Finding]:
    hours = case.site.rules.send_hours
    if hours is None or case.second is None or case.leaving:
        return
    due = case.visit.arrived_at + timedelta(hours=hours)
    if case.second.weighing.at > due:
        params = {"hours": str(hours), "due": timestamp(due)}
        yield Finding(code=Code.SENDING_LATE, severity=Severity.WARNING, field=None, params=params)
