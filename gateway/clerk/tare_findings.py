"""What is to be said of a stored tare that a weight rests on: that it is old, that it is learnt, that it is not sure.

A learnt tare that is not sure keeps a measured weight from being complete: a person types the weight then.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from gateway.clerk.case import WEIGHT_FIELD, Case
from gateway.clerk.learnt_tare import LearntTare
from record.base import plain
from record.finding import Code, Finding, Severity


def tare_findings(case: Case) -> Iterator[Finding]:
    """The findings of a case's stored tare; none where its weight rests on no stored one."""
    stored = case.lent_tare
    if stored is None:
        return
    if stored.learnt is not None:
        yield from _learnt(case, stored.learnt)
        return
    limit = case.site.tares.max_age_days
    if case.visit.arrived_at.date() - stored.day > timedelta(days=limit):
        day = stored.day.isoformat()
        yield _finding(Code.TARE_OLD, Severity.WARNING, plate=stored.plate, day=day, days=str(limit))


def _learnt(case: Case, tare: LearntTare) -> Iterator[Finding]:
    plates = ", ".join(tare.plates)
    day = tare.day.isoformat()
    yield _finding(Code.TARE_LEARNT, Severity.WARNING, plates=plates, day=day, kg=plain(tare.kg))
    if not tare.is_sure(case.site.rules.empty_kg):
        weights = ", ".join(plain(kg) for kg in (tare.kg, tare.before_kg) if kg is not None)
        severity = Severity.ERROR if case.is_measured else Severity.WARNING
        yield _finding(Code.TARE_UNSURE, severity, plates=plates, weights=weights)


def _finding(code: Code, severity: Severity, **params: str) -> Finding:
    return Finding(code=code, severity=severity, field=WEIGHT_FIELD, params=params)
