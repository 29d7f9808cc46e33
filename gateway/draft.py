"""From what is known of a visit to its drafts: one for each base document, with the proof of every field.

Pure: the same visit, site and announcements give the same drafts, whoever asks and whenever. Identities and
revision numbers are given by `gateway.drafting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from drivers.readings import Remark as WeightRemark
from gateway.boxes import Box, Boxes, Certainty, boxes
from gateway.mass import BoxTare, Lack, Mass, Part, net_of_gross
from gateway.preadvice import Announcements
from gateway.proving import (
    ARITHMETIC,
    PREADVICE,
    WEIGHING,
    arithmetic_proof,
    chosen,
    preadvice_proof,
    scan_proof,
    sighting_proof,
    weighing_proof,
)
from gateway.site import Certificate, Direction, LanePart, Site
from gateway.visit import Visit
from record.base import plain
from record.draft import (
    SITE,
    VISIT,
    BaseDocument,
    Depot,
    DocumentType,
    Evidence,
    Item,
    Payload,
    ReportKind,
    Source,
    Status,
)
from record.finding import Code, Finding, Severity
from record.identifiers import container
from record.identifiers.identifier import Kind
from record.preadvice import Announced, Preadvice

DOCUMENT_KINDS = {
    Kind.DAE: DocumentType.DAE,
    Kind.DAS: DocumentType.DAS,
    Kind.DJT: DocumentType.DJT,
    Kind.TRS: DocumentType.TRS,
}


WEAK_REMAINDER = 10
"""Remainder that ISO 6346 writes as check digit 0, like remainder 0: it proves less."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a draft says of the machine that made it."""

    machine: str
    version: str
    clock: str = "unknown"


@dataclass(frozen=True, slots=True)
class Load:
    """What all documents of one truck have together: how many there are, and the weight declared for each."""

    documents: int
    declared: tuple[Decimal | None, ...]

    @property
    def shared(self) -> bool:
        """Whether the measured net belongs to several documents, and so to none of them alone."""
        return self.documents > 1

    @property
    def sum(self) -> Decimal | None:
        """All declared weights, None where one is unknown."""
        known = [each for each in self.declared if each is not None]
        return sum(known, Decimal(0)) if len(known) == self.documents else None


@dataclass(frozen=True, slots=True)
class Content:
    """A draft without its identity: the same content is never said twice."""

    document: BaseDocument | None
    status: Status
    payload: Payload
    evidence: Evidence
    provenance: dict[str, Source]
    findings: tuple[Finding, ...]

    def says_the_same(self, other: Content | None) -> bool:
        """Whether a new revision would tell a reader nothing new."""
        return other is not None and (self.payload, self.status, self.findings) == (
            other.payload,
            other.status,
            other.findings,
        )


def assemble(
    visit: Visit, site: Site, lane: LanePart, announcements: Announcements, circumstances: Circumstances
) -> list[Content]:
    """The drafts that follow from what is known of ``visit`` now, in the order of their documents' scans."""
    found = [(document, announcements.of_document(document)) for document in _documents(visit) or (None,)]
    expected = _expected(found, announcements)
    load = Load(len(found), tuple(preadvice.cargo.weight_kg if preadvice else None for _, preadvice in found))
    return [
        _Assembly(visit, site, lane, document, preadvice, load, expected, circumstances).content()
        for document, preadvice in found
    ]


def _documents(visit: Visit) -> tuple[BaseDocument, ...]:
    """Every base document that was scanned, once each."""
    found = {
        BaseDocument(type=DOCUMENT_KINDS[scan.identifier.kind], number=scan.identifier.normal): None
        for scan in visit.scans
        if scan.identifier.kind in DOCUMENT_KINDS
    }
    return tuple(found)


def _expected(
    found: Iterable[tuple[BaseDocument | None, Preadvice | None]], announcements: Announcements
) -> frozenset[str]:
    """The containers announced under the truck's documents; all that are announced where it has none yet."""
    pairs = tuple(found)
    if all(document is None for document, _ in pairs):
        return announcements.containers()
    return frozenset(number for _, preadvice in pairs if preadvice for number in preadvice.keys.containers)


def is_ready(visit: Visit) -> bool:
    """Whether a first revision can be made: a settled weight, and a base document or a container."""
    known = boxes(visit.sightings).certainty is Certainty.KNOWN
    return visit.weighing is not None and (known or bool(_documents(visit)))


class _Assembly:
    """One draft in the making. Each part of it is a method that reads what the others have found."""

    def __init__(
        self,
        visit: Visit,
        site: Site,
        lane: LanePart,
        document: BaseDocument | None,
        preadvice: Preadvice | None,
        load: Load,
        expected: frozenset[str],
        circumstances: Circumstances,
    ) -> None:
        self._visit, self._site, self._lane = visit, site, lane
        self._document, self._preadvice, self._circumstances = document, preadvice, circumstances
        self._announced = preadvice.cargo if preadvice else Announced()
        self._boxes: Boxes = boxes(visit.sightings, expected)
        self._sightings = chosen(visit.sightings, self._boxes)
        self._load = load
        self._net = self._weigh()
        self._mass = self._declared() if load.shared else self._net

    def content(self) -> Content:
        """The whole draft."""
        payload = self._payload()
        findings = tuple(self._findings())
        complete = not any(finding.severity is Severity.ERROR for finding in findings)
        return Content(
            document=self._document,
            status=Status.COMPLETE if complete else Status.INCOMPLETE,
            payload=payload,
            evidence=self._evidence(),
            provenance=dict(self._provenance(payload)),
            findings=findings,
        )

    def _weigh(self) -> Mass:
        weighing = self._visit.weighing
        return net_of_gross(
            weighing.weight.kg if weighing else None,
            WEIGHING,
            self._site.tares,
            self._site.rules.payload_weight,
            tuple(self._box_tare(box) for box in self._boxes.known) or (None,),
        )

    def _declared(self) -> Mass:
        """A measured net is never split: with several documents, each has the weight declared for it."""
        kg = self._announced.weight_kg
        return Mass((Part("declared", kg, PREADVICE),)) if kg is not None else Mass(lack=Lack.DECLARED)

    def _box_tare(self, box: Box) -> BoxTare | None:
        announced = self._announced.box_tare_kg
        if announced is not None and len(self._boxes.known) == 1:
            return BoxTare(announced, "preadvice")
        stored = self._site.tares.boxes.get(box.type_code or "")
        return BoxTare(stored, "site") if stored is not None else None

    def _payload(self) -> Payload:
        depot = self._site.depot
        return Payload(
            report=ReportKind.ENTRY if self._lane.direction is Direction.ENTRY else ReportKind.EXIT,
            depot=Depot(
                profile=depot.profile,
                district=depot.district,
                oce=depot.oce,
                operator_type=depot.operator_type,
                channel=depot.channel,
            ),
            entered_at=self._visit.arrived_at,
            document=self._document,
            items=tuple(self._items()),
        )

    def _items(self) -> Iterator[Item]:
        """One item a container, one without a number where none is known. A load's net is never split."""
        known: tuple[Box | None, ...] = self._boxes.known or (None,)
        alone = len(known) == 1
        description = self._announced.description
        for sequence, box in enumerate(known, 1):
            yield Item(
                sequence=sequence,
                container=box.number if box else None,
                size_type=box.type_code if box else None,
                seals=self._announced.seals if alone else (),
                description=description[: self._site.rules.description_length] if description else None,
                packages=self._announced.packages if alone else None,
                packaging=self._announced.packaging,
                weight_kg=self._mass.rounded if alone else None,
            )

    def _evidence(self) -> Evidence:
        visit = self._visit
        certificate = self._lane.scale.certificate
        return Evidence(
            weighings=(weighing_proof(visit.weighing, certificate),) if visit.weighing else (),
            arithmetic=(arithmetic_proof(self._mass),) if self._mass.parts else (),
            sightings=tuple(sighting_proof(index, seen) for index, seen in self._sightings),
            scans=tuple(scan_proof(index, scan) for index, scan in enumerate(visit.scans, 1)),
            preadvice=(preadvice_proof(self._preadvice),) if self._preadvice else (),
            clock=self._circumstances.clock,
            machine=self._circumstances.machine,
            version=self._circumstances.version,
        )

    def _provenance(self, payload: Payload) -> Iterator[tuple[str, Source]]:
        """Where each field of the payload is from, by its JSON Pointer."""
        yield "/report", Source(evidence=(SITE,))
        for name in payload.depot.to_wire():
            yield f"/depot/{name}", Source(evidence=(SITE,))
        yield "/entered_at", Source(evidence=(VISIT,))
        if self._document is not None:
            scans = tuple(
                f"scan-{index}"
                for index, scan in enumerate(self._visit.scans, 1)
                if scan.identifier.normal == self._document.number
            )
            yield "/document/type", Source(evidence=scans)
            yield "/document/number", Source(evidence=scans)
        for place, item in enumerate(payload.items):
            for name, source in self._item_provenance(item):
                yield f"/items/{place}/{name}", source

    def _item_provenance(self, item: Item) -> Iterator[tuple[str, Source]]:
        pictures = next((box.pictures for box in self._boxes.known if box.number == item.container), ())
        seen = tuple(f"sighting-{index}" for index, each in self._sightings if each.picture in pictures)
        yield "sequence", Source(evidence=(VISIT,))
        if item.container is not None:
            yield "container", Source(evidence=seen)
        if item.size_type is not None:
            yield "size_type", Source(evidence=seen)
        for place, _ in enumerate(item.seals):
            yield f"seals/{place}", Source(evidence=(PREADVICE,))
        for name in ("description", "packages", "packaging"):
            if getattr(item, name) is not None:
                yield name, Source(evidence=(PREADVICE,))
        if item.weight_kg is not None:
            yield "weight_kg", Source(evidence=(ARITHMETIC, PREADVICE if self._load.shared else WEIGHING))

    def _findings(self) -> Iterator[Finding]:
        yield from self._document_findings()
        yield from self._scan_findings()
        yield from self._container_findings()
        yield from self._cargo_findings()
        yield from self._weight_findings()
        yield from self._scale_findings()

    def _document_findings(self) -> Iterator[Finding]:
        if self._document is None:
            yield _error(Code.MISSING_DOCUMENT, "/document")
            return
        if self._preadvice is None:
            yield _warning(Code.NO_PREADVICE, "/document", document=self._document.number)
        elif self._preadvice.valid_until and self._preadvice.valid_until < self._visit.arrived_at:
            until = self._preadvice.valid_until.date().isoformat()
            yield _error(Code.PREADVICE_EXPIRED, "/document", valid_until=until)
        for scan in self._visit.scans:
            if scan.identifier.normal == self._document.number:
                for remark in scan.identifier.remarks:
                    if remark.code.value in (Code.UNKNOWN_DISTRICT, Code.UNKNOWN_REGIME):
                        yield _warning(Code(remark.code.value), "/document/number", **dict(remark.parameters))

    def _scan_findings(self) -> Iterator[Finding]:
        """A barcode that is nothing known may be the document that is missing, printed badly."""
        for scan in self._visit.scans:
            if scan.identifier.kind is Kind.UNKNOWN:
                yield _warning(Code.UNKNOWN_SCAN, None, text=scan.scan.text[:60], device=scan.device)

    def _container_findings(self) -> Iterator[Finding]:
        numbers = ", ".join(self._boxes.candidates)
        match self._boxes.certainty:
            case Certainty.NOTHING:
                yield _error(Code.MISSING_CONTAINER, "/items/0/container")
            case Certainty.UNSURE:
                yield _error(Code.CONTAINER_UNSURE, "/items/0/container", candidates=numbers)
            case Certainty.INVALID:
                yield _error(Code.CONTAINER_INVALID, "/items/0/container", candidates=numbers)
            case Certainty.CONTRADICTION:
                yield _error(Code.CONTAINER_CONTRADICTION, "/items/0/container", candidates=numbers)
            case Certainty.KNOWN:
                if len(self._boxes.known) > 1:
                    seen = ", ".join(box.number for box in self._boxes.known)
                    yield _error(Code.SEVERAL_CONTAINERS, "/items", containers=seen)
        if self._boxes.outvoted:
            yield _warning(
                Code.CONTAINER_OUTVOTED, "/items/0/container", candidates=", ".join(self._boxes.outvoted)
            )
        announced = self._preadvice.keys.containers if self._preadvice else ()
        for place, box in enumerate(self._boxes.known):
            if container.remainder(box.number[:10]) == WEAK_REMAINDER:
                yield _warning(Code.CONTAINER_WEAK_DIGIT, f"/items/{place}/container", container=box.number)
            if announced and box.number not in announced:
                yield _error(
                    Code.CONTAINER_NOT_ANNOUNCED,
                    f"/items/{place}/container",
                    container=box.number,
                    announced=", ".join(announced),
                )

    def _cargo_findings(self) -> Iterator[Finding]:
        for name, code in (
            ("description", Code.MISSING_DESCRIPTION),
            ("packages", Code.MISSING_PACKAGES),
            ("packaging", Code.MISSING_PACKAGING),
        ):
            if getattr(self._announced, name) is None:
                yield _error(code, f"/items/0/{name}")

    def _weight_findings(self) -> Iterator[Finding]:
        field = "/items/0/weight_kg"
        match self._mass.lack:
            case Lack.WEIGHING:
                yield _error(Code.MISSING_WEIGHT, field)
            case Lack.TARES:
                yield _error(Code.TARE_UNKNOWN, field, what=self._mass.detail)
            case Lack.BOX_TARE:
                yield _error(Code.BOX_TARE_UNKNOWN, field)
            case Lack.NOT_POSITIVE:
                yield _error(Code.WEIGHT_NOT_POSITIVE, field, kg=self._mass.detail)
            case Lack.DECLARED:
                yield _error(Code.MISSING_WEIGHT, field)
        if self._load.shared:
            yield _warning(Code.SHARED_WEIGHT, field, **self._shares())
        declared = self._load.sum if self._load.shared else self._announced.weight_kg
        measured = self._net.rounded
        if declared is not None and measured is not None:
            percent = abs(measured - declared) * 100 / declared
            if percent > self._site.rules.tolerance_percent:
                yield _warning(
                    Code.WEIGHT_OUT_OF_TOLERANCE,
                    field,
                    declared=plain(declared),
                    measured=plain(measured),
                    percent=plain(percent.quantize(Decimal("0.1"))),
                )

    def _shares(self) -> dict[str, str]:
        """Net, sum of what was declared and their difference, as far as they are known."""
        net, total = self._net.rounded, self._load.sum
        difference = None if net is None or total is None else net - total
        known = {"net": net, "sum": total, "difference": difference}
        return {name: "?" if kg is None else plain(kg) for name, kg in known.items()}

    def _scale_findings(self) -> Iterator[Finding]:
        weighing = self._visit.weighing
        if weighing is None:
            return
        certificate = self._lane.scale.certificate
        if certificate is None:
            yield _warning(Code.CERTIFICATE_ABSENT, None, device=weighing.device)
        elif _expired(certificate, weighing.at.date()):
            until = certificate.valid_until.isoformat()
            yield _warning(Code.CERTIFICATE_EXPIRED, None, number=certificate.number, valid_until=until)
        if WeightRemark.NOT_ZEROED in weighing.weight.remarks:
            yield _warning(Code.NOT_ZEROED, None, device=weighing.device)


def _expired(certificate: Certificate, day: date) -> bool:
    return certificate.valid_until < day


def _error(code: Code, field: str | None, **params: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, field=field, params=params)


def _warning(code: Code, field: str | None, **params: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, field=field, params=params)
