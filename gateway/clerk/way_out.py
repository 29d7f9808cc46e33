"""What a truck on its way out shows that contradicts what it came with, where it is weighed for the second time.

In less out is the load's weight only where the truck leaves alone and is the one that came: without a container,
with the same tractor. And a paper that was not there when it came belongs to somebody else, or the first one does.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.clerk.boxes import boxes
from gateway.clerk.case import WEIGHT_FIELD, Case, documents
from gateway.clerk.plates import plates
from gateway.clerk.stay import containers
from gateway.clerk.visit import Visit
from record.finding import Code, Finding, Severity
from record.identifiers.identifier import Kind

DOCUMENT_FIELD = "/document"


def way_out_findings(case: Case) -> Iterator[Finding]:
    """Findings of the second weighing's visit; none where there is no second weighing."""
    if case.second is None:
        return
    came, left = case.visit, case.second.visit
    yield from _documents(case, left)
    yield from _containers(case, came, left)
    yield from _plates(case, came, left)


def _documents(case: Case, left: Visit) -> Iterator[Finding]:
    known = documents(case.visit)
    for document in documents(left):
        if document not in known:
            said = DOCUMENT_FIELD in case.entries
            severity = Severity.WARNING if said else Severity.ERROR
            params = {"document": document.number}
            yield Finding(
                code=Code.LEAVES_WITH_DOCUMENT, severity=severity, field=DOCUMENT_FIELD, params=params
            )


def _containers(case: Case, came: Visit, left: Visit) -> Iterator[Finding]:
    """A container that cameras saw leave, or a scanned one that did not come; its ticket may name the one that
    stays."""
    seen = [box.number for box in boxes(left.sightings).known]
    brought = containers(came) | {box.number for box in case.boxes.known}
    scanned = (scan.identifier for scan in left.scans)
    others = [each.normal for each in scanned if each.kind is Kind.CONTAINER and each.normal not in brought]
    for number in dict.fromkeys([*seen, *others]):
        yield _of_weight(case, Code.LEAVES_WITH_CONTAINER, container=number)


def _plates(case: Case, came: Visit, left: Visit) -> Iterator[Finding]:
    """Another tractor makes the difference of the two weights worthless; other plates may be the trailer's."""
    for is_error, before, after in (
        (True, _tractors(came), _tractors(left)),
        (False, plates(came), plates(left)),
    ):
        if before and after and not before & after:
            params = {"plate": ", ".join(sorted(after)), "came": ", ".join(sorted(before))}
            yield _of_weight(case, Code.LEAVES_WITH_PLATE, is_error, **params)
            return


def _tractors(visit: Visit) -> frozenset[str]:
    """Plates of the tractor: the first that was scanned, as a gate is handed the papers, and those seen on it."""
    scanned = (scan.identifier for scan in visit.scans)
    first = [each.normal for each in scanned if each.kind is Kind.PLATE][:1]
    return frozenset(first) | {p for each in visit.plates if each.part == "tractor" for p in each.plates}


def _of_weight(case: Case, code: Code, is_error: bool = True, **params: str) -> Finding:
    severity = Severity.ERROR if is_error and case.is_measured else Severity.WARNING
    return Finding(code=code, severity=severity, field=WEIGHT_FIELD, params=params)
