"""Facts of one truck that do not go together: papers, releases and earlier visits against what stands on the scale.

Each function looks at one pair of facts. What cannot both be true is an error; what may have a reason, a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.clerk.case import CONTAINER_FIELD, Case, names
from gateway.clerk.swap import named_otherwise, tickets, tractors
from gateway.clerk.visit import Visit
from gateway.site.site import Flow
from record.announcing.document import of_identifier
from record.base import plain
from record.draft import BaseDocument, DocumentType, Payload, ReportKind
from record.finding import Code, Finding, Severity
from record.identifiers import dae
from record.identifiers.identifier import Kind
from record.identifiers.remark import Code as Remark

NUMBER_FIELD = "/document/number"


def contradictions(case: Case, payload: Payload) -> Iterator[Finding]:
    """Every contradiction of a draft."""
    if payload.document is not None:
        yield from _year(case, payload.document)
        yield from _regime(case, payload.document)
        yield from _ambiguous(case, payload.document)
    yield from _scanned_container(case, payload)
    yield from _returned(case)
    yield from _too_heavy(case)
    if payload.report is ReportKind.ENTRY:
        yield from _received_before(case, payload)
    elif case.release is not None:
        yield from _release(case, payload)


def _year(case: Case, document: BaseDocument) -> Iterator[Finding]:
    """A DAE of a year that has not come, or from before there were any."""
    if document.type is not DocumentType.DAE:
        return
    year, now = int(dae.parts(document.number)["year"] or 0), case.visit.arrived_at.year
    if year > now:
        yield _finding(Severity.ERROR, Code.YEAR_IN_FUTURE, NUMBER_FIELD, year=str(year))
    elif year < dae.ECUAPASS:
        yield _finding(Severity.WARNING, Code.YEAR_BEFORE_ECUAPASS, NUMBER_FIELD, year=str(year))


def _regime(case: Case, document: BaseDocument) -> Iterator[Finding]:
    """A declaration of import; which regimes are, is known from practice alone."""
    for scan in case.visit.scans:
        if names(scan.identifier, document):
            for remark in scan.identifier.remarks:
                if remark.code is Remark.IMPORT_REGIME:
                    yield _finding(
                        Severity.WARNING, Code.IMPORT_REGIME, NUMBER_FIELD, **dict(remark.parameters)
                    )


def _ambiguous(case: Case, document: BaseDocument) -> Iterator[Finding]:
    """A number that may as well be another kind of document, where no announcement says which."""
    if case.preadvice is not None or "/document" in case.entries:
        return
    for scan in case.visit.scans:
        if of_identifier(scan.identifier) == document:
            others = [of_identifier(other) for other in scan.identifier.alternatives]
            found = ", ".join(f"{each.type.value} {each.number}" for each in others if each is not None)
            if found:
                yield _finding(Severity.WARNING, Code.DOCUMENT_AMBIGUOUS, "/document", other=found)


def _scanned_container(case: Case, payload: Payload) -> Iterator[Finding]:
    """A container on a scanned paper that is not on the truck; the announced one is believed more than a paper."""
    known = {item.container for item in payload.items if item.container}
    scanned = {s.identifier.normal for s in case.visit.scans if s.identifier.kind is Kind.CONTAINER}
    announced = set(case.preadvice.keys.containers) if case.preadvice else set()
    for number in sorted(scanned - known) if known else ():
        sure = known <= announced and number not in announced
        severity = Severity.WARNING if sure else Severity.ERROR
        params = {"scanned": number, "container": ", ".join(sorted(known))}
        yield _finding(severity, Code.CONTAINER_ON_PAPER, CONTAINER_FIELD, **params)


def _returned(case: Case) -> Iterator[Finding]:
    """Another truck of the same weight, where the scale was never free: what names it is other than before.

    A person who has named the document has seen which truck it is.
    """
    since = case.visit.returned
    if since is None:
        return
    severity = Severity.WARNING if "/document" in case.entries else Severity.ERROR
    for marks in (_documents(case.visit), tickets(case.visit), tractors(case.visit)):
        before, after = named_otherwise(marks, since)
        if before and after:
            params = {"before": ", ".join(before[:4]), "after": ", ".join(after[:4])}
            yield _finding(severity, Code.RETURNED_AS_ANOTHER, "/document", **params)
            return


def _documents(visit: Visit) -> list[tuple[float, str]]:
    """Base documents that were scanned, each with its second."""
    found = ((scan.monotonic, of_identifier(scan.identifier)) for scan in visit.scans)
    return [(moment, document.number) for moment, document in found if document is not None]


def _too_heavy(case: Case) -> Iterator[Finding]:
    """A piece or a load that no scale of its kind should show."""
    rules, kg = case.site.rules, case.net.rounded
    if kg is None or case.lane.flow is Flow.CONTAINER:
        return
    limit = rules.max_piece_kg if case.lane.flow is Flow.AIR else rules.max_load_kg
    if kg > limit:
        params = {"kg": plain(kg), "limit": plain(limit)}
        yield _finding(Severity.ERROR, Code.TOO_HEAVY_A_LOAD, "/items/0/weight_kg", **params)


def _received_before(case: Case, payload: Payload) -> Iterator[Finding]:
    """A container that was received already, under the same document, by another visit."""
    for place, item in enumerate(payload.items):
        if item.container is not None and item.container in case.before.containers:
            day = case.before.last_day.isoformat() if case.before.last_day else "?"
            params = {"container": item.container, "day": day}
            field = f"/items/{place}/container"
            yield _finding(Severity.ERROR, Code.CONTAINER_RECEIVED, field, **params)


def _release(case: Case, payload: Payload) -> Iterator[Finding]:
    """A release that was found by one of its keys, but is of another document or container."""
    keys = case.release.keys if case.release else None
    if keys is None:
        return
    if keys.document is not None and payload.document not in (None, keys.document):
        released = f"{keys.document.type.value} {keys.document.number}"
        yield _finding(Severity.ERROR, Code.RELEASE_OF_OTHER, "/document", released=released)
    reason = case.release.reason if case.release else None
    if payload.exit_reason is not None and payload.exit_reason is not reason:
        yield _finding(Severity.ERROR, Code.RELEASE_OF_OTHER, "/exit_reason", released=str(reason))
    known = {item.container for item in payload.items if item.container}
    if keys.containers and known - set(keys.containers):
        released = ", ".join(keys.containers[:10])
        yield _finding(Severity.ERROR, Code.RELEASE_OF_OTHER, CONTAINER_FIELD, released=released)


def _finding(severity: Severity, code: Code, field: str, **params: str) -> Finding:
    return Finding(code=code, severity=severity, field=field, params=params)
