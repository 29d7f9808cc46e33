"""What is missing, doubtful or out of tolerance in a draft. Each function looks at one matter.

An *error* keeps a draft from being complete, a *warning* asks for a look. Figures without an official source are
settings of the site.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gateway.clerk.act import is_confirmed
from gateway.clerk.boxes import Certainty
from gateway.clerk.case import CONTAINER_FIELD, WEIGHT_FIELD, Case, names, weighs_twice
from gateway.clerk.deadlines import deadline_findings
from gateway.clerk.mass import Lack
from gateway.clerk.personal import is_card, shown
from gateway.clerk.plates import plates
from gateway.clerk.size_findings import size_findings
from gateway.clerk.tare_findings import tare_findings
from gateway.clerk.tares import Doubt
from gateway.clerk.tolerance import tolerance_findings
from gateway.clerk.way_out import way_out_findings
from gateway.clerk.weight_findings import weight_findings
from gateway.clock import ClockState
from gateway.site.site import Direction, Flow, Required
from record.base import plain
from record.codes import shipped
from record.draft import Payload, ReportKind
from record.finding import Code, Finding, Severity
from record.identifiers import container
from record.identifiers.identifier import Kind

WEAK_REMAINDER = 10
"""Remainder that ISO 6346 writes as check digit 0, like remainder 0: it proves less."""

MOST_NUMBERS = 10
"""Announced containers or plates that a finding names."""

USUAL = {
    Flow.CONTAINER: tuple(Required),
    Flow.LOOSE: tuple(each for each in Required if each is not Required.CONTAINER),
    Flow.LAND: tuple(each for each in Required if each is not Required.CONTAINER),
    Flow.AIR: tuple(each for each in Required if each is not Required.CONTAINER),
}
"""Fields without which a flow's draft is incomplete, where the site says nothing else."""


def findings(case: Case, payload: Payload) -> Iterator[Finding]:
    """Every finding of a draft, in the order of the form."""
    yield from _document(case, payload)
    yield from _scans(case)
    yield from _containers(case, payload)
    yield from size_findings(case)
    yield from deadline_findings(case)
    yield from _cargo(case, payload)
    yield from _weight(case, payload)
    yield from weight_findings(case)
    yield from way_out_findings(case)
    yield from _truck(case)
    yield from _exit(case, payload)
    yield from _persons(case)


def required(case: Case) -> tuple[Required, ...]:
    """Fields that the site, or else the flow, requires."""
    return case.site.rules.required.get(case.lane.flow, USUAL[case.lane.flow])


def _document(case: Case, payload: Payload) -> Iterator[Finding]:
    if payload.document is None:
        if Required.DOCUMENT in required(case):
            yield _error(Code.MISSING_DOCUMENT, "/document")
        return
    if case.preadvice is None:
        yield _warning(Code.NO_PREADVICE, "/document", document=payload.document.number)
    elif case.preadvice.valid_until and case.preadvice.valid_until < case.visit.arrived_at:
        until = case.preadvice.valid_until.date().isoformat()
        yield _error(Code.PREADVICE_EXPIRED, "/document", valid_until=until)
    for scan in case.visit.scans:
        if names(scan.identifier, payload.document):
            for remark in scan.identifier.remarks:
                if remark.code.value in (Code.UNKNOWN_DISTRICT, Code.UNKNOWN_REGIME):
                    code = Code(remark.code.value)
                    yield _warning(code, "/document/number", **dict(remark.parameters))
    yield from _received_before(case)


def _received_before(case: Case) -> Iterator[Finding]:
    """Whether the document was received in full by earlier visits."""
    if case.preadvice is None or case.before.last_day is None:
        return
    announced = frozenset(case.preadvice.keys.containers)
    packages = case.preadvice.cargo.packages
    all_boxes = bool(announced) and announced <= case.before.containers
    all_packages = packages is not None and case.before.packages >= packages
    if all_boxes or (not announced and all_packages):
        yield _warning(Code.ALREADY_RECEIVED, "/document", day=case.before.last_day.isoformat())


def _scans(case: Case) -> Iterator[Finding]:
    """A barcode that is nothing known may be the document that is missing, printed badly."""
    for scan in case.visit.scans:
        if scan.identifier.kind is Kind.UNKNOWN and case.paper(scan.scan.text) is None:
            yield _warning(Code.UNKNOWN_SCAN, None, text=shown(scan), device=scan.device)


def _containers(case: Case, payload: Payload) -> Iterator[Finding]:
    known = case.boxes
    numbers = ", ".join(known.candidates)
    promised = case.lane.flow is not Flow.CONTAINER and case.looks_for_boxes
    expected = promised or Required.CONTAINER in required(case)
    match known.certainty:
        case Certainty.NOTHING:
            if expected and payload.items[0].container is None:
                yield _error(Code.MISSING_CONTAINER, CONTAINER_FIELD)
        case Certainty.UNSURE:
            yield _weighty(expected, Code.CONTAINER_UNSURE, CONTAINER_FIELD, candidates=numbers)
        case Certainty.INVALID:
            yield _weighty(expected, Code.CONTAINER_INVALID, CONTAINER_FIELD, candidates=numbers)
        case Certainty.CONTRADICTION:
            yield _weighty(expected, Code.CONTAINER_CONTRADICTION, CONTAINER_FIELD, candidates=numbers)
        case Certainty.KNOWN:
            yield from _known_boxes(case)
    if known.aside:
        yield _warning(Code.CONTAINER_ASIDE, CONTAINER_FIELD, containers=_some(known.aside))


def _known_boxes(case: Case) -> Iterator[Finding]:
    known = case.boxes
    if len(known.known) > 1 and not case.has_shares:
        yield _error(
            Code.SEVERAL_CONTAINERS, "/items", containers=", ".join(box.number for box in known.known)
        )
    if known.outvoted:
        yield _warning(Code.CONTAINER_OUTVOTED, CONTAINER_FIELD, candidates=", ".join(known.outvoted))
    announced = case.preadvice.keys.containers if case.preadvice else ()
    for place, box in enumerate(known.known):
        field = f"/items/{place}/container"
        if container.remainder(box.number[:10]) == WEAK_REMAINDER:
            yield _warning(Code.CONTAINER_WEAK_DIGIT, field, container=box.number)
        if announced and box.number not in announced:
            params = {"container": box.number, "announced": _some(announced)}
            yield _error(Code.CONTAINER_NOT_ANNOUNCED, field, **params)


def _cargo(case: Case, payload: Payload) -> Iterator[Finding]:
    wanted = required(case)
    for place, item in enumerate(payload.items):
        for name, code in (
            (Required.DESCRIPTION, Code.MISSING_DESCRIPTION),
            (Required.PACKAGES, Code.MISSING_PACKAGES),
            (Required.PACKAGING, Code.MISSING_PACKAGING),
        ):
            if name in wanted and getattr(item, name) is None:
                yield _error(code, f"/items/{place}/{name}")
        seals = case.site.rules.seals
        if item.container is not None and len(item.seals) < seals:
            params = {"found": str(len(item.seals)), "wanted": str(seals)}
            yield _error(Code.MISSING_SEALS, f"/items/{place}/seals", **params)
    yield from _totals(case, payload)


def _totals(case: Case, payload: Payload) -> Iterator[Finding]:
    """What was received under the document so far against what was declared for it."""
    if case.preadvice is None:
        return
    cargo, tolerance = case.preadvice.cargo, 1 + case.site.rules.tolerance_percent / 100
    packages = case.before.packages + sum(item.packages or 0 for item in payload.items)
    if cargo.packages is not None and packages > cargo.packages:
        params = {"received": str(packages), "declared": str(cargo.packages)}
        yield _warning(Code.MORE_PACKAGES_THAN_DECLARED, "/items/0/packages", **params)
    kg = case.before.kg + sum((item.weight_kg or Decimal(0) for item in payload.items), Decimal(0))
    if cargo.weight_kg is not None and case.before.kg and kg > cargo.weight_kg * tolerance:
        params = {"received": plain(kg), "declared": plain(cargo.weight_kg)}
        yield _warning(Code.MORE_WEIGHT_THAN_DECLARED, WEIGHT_FIELD, **params)


def _weight(case: Case, payload: Payload) -> Iterator[Finding]:
    if Required.WEIGHT in required(case):
        yield from _weightless(case, payload)
    if case.load.shared:
        yield _warning(Code.SHARED_WEIGHT, WEIGHT_FIELD, **_shares(case))
    yield from tolerance_findings(case)
    together = case.net.with_box
    limit = case.site.rules.max_gross_kg
    if len(case.boxes.known) == 1 and together is not None and together > limit:
        params = {"kg": plain(together), "type": case.boxes.known[0].type_code or "?", "limit": plain(limit)}
        yield _error(Code.IMPOSSIBLE_WEIGHT, WEIGHT_FIELD, **params)


def _weightless(case: Case, payload: Payload) -> Iterator[Finding]:
    """Items without a weight, and why; of several without shares another finding says what is wrong."""
    if len(payload.items) == 1:
        yield from _lacking(case) if payload.items[0].weight_kg is None else ()
    elif case.has_shares:
        for place, item in enumerate(payload.items):
            if item.weight_kg is None:
                yield _error(Code.MISSING_WEIGHT, f"/items/{place}/weight_kg")


def _lacking(case: Case) -> Iterator[Finding]:
    mass = case.mass
    match mass.lack:
        case Lack.WEIGHING | Lack.DECLARED | None:
            yield _error(Code.MISSING_WEIGHT, WEIGHT_FIELD)
        case Lack.SECOND:
            yield _error(Code.SECOND_WEIGHING_PENDING, WEIGHT_FIELD)
        case Lack.TARES if isinstance(case.stored_tare, Doubt):
            yield _error(Code.TARE_CONTRADICTION, WEIGHT_FIELD, plates=mass.detail)
        case Lack.TARES:
            yield _error(Code.TARE_UNKNOWN, WEIGHT_FIELD, what=mass.detail)
        case Lack.BOX_TARE:
            yield _error(Code.BOX_TARE_UNKNOWN, WEIGHT_FIELD)
        case Lack.NOT_POSITIVE:
            yield _error(Code.WEIGHT_NOT_POSITIVE, WEIGHT_FIELD, kg=mass.detail)


def _shares(case: Case) -> dict[str, str]:
    """Net, sum of what was declared and their difference, as far as they are known."""
    net, total = case.net.rounded, case.load.sum
    difference = None if net is None or total is None else net - total
    known = {"net": net, "sum": total, "difference": difference}
    return {name: "?" if kg is None else plain(kg) for name, kg in known.items()}


def _truck(case: Case) -> Iterator[Finding]:
    yield from tare_findings(case)
    if case.visit.resumed:
        yield _warning(Code.RESUMED, None)
    if case.circumstances.clock == ClockState.UNSYNCHRONISED:
        yield _warning(Code.CLOCK_UNSYNCHRONISED, "/entered_at")
    yield from _driver(case)
    if case.procedure is not None and case.procedure not in shipped()["procedures"].known():
        yield _warning(Code.UNKNOWN_PROCEDURE, None, procedure=case.procedure)
    announced = case.preadvice.keys.plates if case.preadvice else ()
    seen = plates(case.visit)
    if announced and seen and not seen & set(announced):
        params = {"plate": ", ".join(sorted(seen)), "announced": _some(announced)}
        yield _warning(Code.ANOTHER_PLATE, None, **params)


def _driver(case: Case) -> Iterator[Finding]:
    """Another card than the announced driver's; whose it is stands in no event."""
    announced = case.preadvice.driver if case.preadvice else None
    if announced is None or not any(is_card(scan) for scan in case.visit.scans):
        return
    read = {each.normal for scan in case.visit.scans for each in scan.identifier.readings()}
    if announced not in read:
        yield _warning(Code.ANOTHER_DRIVER, None)


def _exit(case: Case, payload: Payload) -> Iterator[Finding]:
    if payload.report is not ReportKind.EXIT:
        return
    if payload.exit_reason is None:
        yield _error(Code.MISSING_EXIT_REASON, "/exit_reason")
    if case.release is None and case.site.rules.release_required:
        yield _error(Code.NO_RELEASE, None)
    if (
        case.lane.direction is not Direction.ENTRY
        and case.match is None
        and weighs_twice(case.site, case.lane)
    ):
        keys = ", ".join(sorted(plates(case.visit))) or "?"
        yield _warning(Code.NO_OPEN_STAY, None, keys=keys)


def _persons(case: Case) -> Iterator[Finding]:
    """Entries that a second person has to confirm, never the one who made them."""
    for field, act in case.entries.items():
        if field in case.site.rules.four_eyes and not is_confirmed(act, case.visit.acts):
            yield _error(Code.NEEDS_SECOND_PERSON, field, person=act.person)


def _some(numbers: tuple[str, ...]) -> str:
    """Numbers in a row, the first of very many: an event has to hold them."""
    shown = ", ".join(number[:40] for number in numbers[:MOST_NUMBERS])
    return shown if len(numbers) <= MOST_NUMBERS else f"{shown}, … ({len(numbers)})"


def _weighty(heavy: bool, code: Code, field: str | None, **params: str) -> Finding:
    return _error(code, field, **params) if heavy else _warning(code, field, **params)


def _error(code: Code, field: str | None, **params: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, field=field, params=params)


def _warning(code: Code, field: str | None, **params: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, field=field, params=params)
