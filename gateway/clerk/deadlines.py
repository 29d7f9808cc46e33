"""Deadlines of a report: the end of its base document and of its regularisation, the hours to send and to correct it.

Customs gives each DAE an end of its own (confirmed); a regularised one takes no correction any more (resolution
DGN-2014-0846-RE, article 2). For sending and correcting no figure is published, and that regularisation ends 30 days
after embarkation is known from a summary alone: there is no such deadline unless the site sets one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from gateway.clerk.case import Case
from record.base import timestamp
from record.finding import Code, Finding, Severity


def deadline_findings(case: Case) -> Iterator[Finding]:
    """Findings of what has ended, or was weighed too late to be sent or corrected in time."""
    yield from _document(case)
    yield from _regularisation(case)
    yield from _second_weighing(case, case.site.rules.send_hours, Code.SENDING_LATE)
    yield from _second_weighing(case, case.site.rules.correction_hours, Code.CORRECTION_LATE)


def _document(case: Case) -> Iterator[Finding]:
    until = case.preadvice.document_until if case.preadvice else None
    if until is not None and until < case.visit.arrived_at:
        severity = Severity(case.site.rules.ended_document)
        params = {"until": until.date().isoformat()}
        yield Finding(code=Code.DOCUMENT_ENDED, severity=severity, field="/document", params=params)


def _regularisation(case: Case) -> Iterator[Finding]:
    """The document's end and the days after it have passed: what comes or leaves now, it cannot take in."""
    end, days = case.preadvice.document_until if case.preadvice else None, case.site.rules.regularisation_days
    if end is None or days is None:
        return
    until = end + timedelta(days=days)
    if until < case.visit.arrived_at:
        params = {"until": until.date().isoformat()}
        yield Finding(
            code=Code.REGULARISATION_LATE, severity=Severity.WARNING, field="/document", params=params
        )


def _second_weighing(case: Case, hours: int | None, code: Code) -> Iterator[Finding]:
    """The weight of the way out became known, and made a new revision, after so many hours."""
    if hours is None or case.second is None or case.leaving:
        return
    due = case.visit.arrived_at + timedelta(hours=hours)
    if case.second.weighing.at > due:
        params = {"hours": str(hours), "due": timestamp(due)}
        yield Finding(code=code, severity=Severity.WARNING, field=None, params=params)
