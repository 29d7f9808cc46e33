"""From what is known of a visit to its drafts: one for each base document, with the proof of every field.

Pure: the same visit, site and knowledge give the same drafts, whoever asks and whenever. Identities and
revision numbers are given by `gateway.clerk.drafting`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gateway.clerk.act import entered
from gateway.clerk.boxes import Box
from gateway.clerk.case import (
    Case,
    Circumstances,
    Load,
    Second,
    candidates,
    documents,
    weighs_twice,
)
from gateway.clerk.contradictions import contradictions
from gateway.clerk.entry_findings import entry_findings
from gateway.clerk.findings import findings
from gateway.clerk.knowledge import Knowledge
from gateway.clerk.learnt_tare import LearntTare
from gateway.clerk.plates import rig
from gateway.clerk.provenance import provenance
from gateway.clerk.proving import evidence
from gateway.clerk.stay import Match
from gateway.clerk.visit import Visit
from gateway.site.site import Flow, LanePart, Site
from record.announcing.document import courier
from record.draft import (
    BaseDocument,
    Depot,
    Evidence,
    Item,
    Payload,
    ReportKind,
    Source,
    Status,
)
from record.finding import Finding, Severity
from record.preadvice import Announced, Preadvice
from record.release import Release


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
        """Whether a new revision would tell a reader nothing new; one more picture alone is nothing new."""
        return other is not None and self._told() == other._told()

    def _told(self) -> tuple[object, ...]:
        proofs = self.evidence.model_copy(update={"sightings": ()})
        return self.payload, self.status, self.findings, proofs


@dataclass(frozen=True, slots=True)
class Asked:
    """What drafts are asked of: a visit, and what is known of its stay."""

    visit: Visit
    second: Second | None = None
    match: Match | None = None
    leaving: bool = False


def cases(
    asked: Asked,
    site: Site,
    lane: LanePart,
    knowledge: Knowledge,
    circumstances: Circumstances,
    draft_of: Callable[[BaseDocument | None], str | None] = lambda document: None,
) -> list[Case]:
    """One case for each base document of the visit, or one without; ``draft_of`` names drafts begun."""
    visit = asked.visit
    pairs = [_announced_as(each, knowledge) for each in documents(visit) or (None,)]
    expected = _expected(visit, pairs, knowledge)
    declared = tuple(preadvice.cargo.weight_kg if preadvice else None for _, preadvice in pairs)
    made = [
        Case(
            visit=visit,
            site=site,
            lane=lane,
            circumstances=circumstances,
            document=document,
            preadvice=preadvice,
            release=None,
            expected=expected,
            load=Load(len(pairs), declared),
            before=knowledge.before(document, draft_of(document)),
            second=asked.second,
            match=asked.match,
            leaving=asked.leaving,
            place=place,
            learnt=_learnt(asked, site, lane, knowledge),
        )
        for place, (document, preadvice) in enumerate(pairs)
    ]
    return [replace(case, release=_release(case, knowledge)) for case in made]


def _release(case: Case, knowledge: Knowledge) -> Release | None:
    """What lets the document leave, or the containers that the cameras saw on the truck."""
    numbers = frozenset(box.number for box in case.boxes.known)
    return knowledge.release(case.document, numbers, case.visit.arrived_at)


def _learnt(asked: Asked, site: Site, lane: LanePart, knowledge: Knowledge) -> LearntTare | None:
    """What the gate has learnt of the truck's empty weight, where it is weighed once and learns."""
    if not site.tares.learn or asked.leaving or weighs_twice(site, lane) or lane.flow is Flow.AIR:
        return None
    plates = rig(asked.visit)
    return knowledge.tare(plates, oldest_tare(site, asked.visit)) if plates else None


def oldest_tare(site: Site, visit: Visit) -> date:
    """The day from which on a learnt tare holds for a visit."""
    return visit.arrived_at.date() - timedelta(days=site.tares.max_age_days)


def _announced_as(
    document: BaseDocument | None, knowledge: Knowledge
) -> tuple[BaseDocument | None, Preadvice | None]:
    """A document with its announcement: a courier's number may be announced as a DAS in place of a DAE."""
    found = knowledge.preadvice(document)
    other = courier(document) if document is not None and found is None else None
    announced = knowledge.preadvice(other) if other is not None else None
    return (document, found) if announced is None else (other, announced)


def content(case: Case) -> Content:
    """The whole draft of a case. A person's entries stand over what the machine found."""
    machine = _payload(_without_persons(case))
    payload = entered(_payload(case), case.entries)
    found = (
        *findings(case, payload),
        *contradictions(case, payload),
        *entry_findings(case, machine, payload),
    )
    complete = not any(finding.severity is Severity.ERROR for finding in found)
    return Content(
        document=payload.document,
        status=Status.COMPLETE if complete else Status.INCOMPLETE,
        payload=payload,
        evidence=evidence(case),
        provenance=dict(provenance(case, machine, payload)),
        findings=found,
    )


def _without_persons(case: Case) -> Case:
    """The same case as the machine alone would have it: what stands beside a person's entry."""
    if not case.visit.acts:
        return case
    visit = replace(case.visit, acts=())
    scanned = documents(visit)
    own = "/document" in case.entries and case.place == 0
    document = (scanned[0] if scanned else None) if own else case.document
    return replace(case, visit=visit, document=document)


def _expected(
    visit: Visit, pairs: Iterable[tuple[BaseDocument | None, Preadvice | None]], knowledge: Knowledge
) -> frozenset[str]:
    """The containers announced under the truck's documents; any that are announced where it has none yet."""
    known = tuple(pairs)
    if all(document is None for document, _ in known):
        return knowledge.announced(candidates(visit))
    return frozenset(number for _, preadvice in known if preadvice for number in preadvice.keys.containers)


def _payload(case: Case) -> Payload:
    """What the machine alone would say."""
    depot = case.site.depot
    return Payload(
        report=ReportKind.EXIT if case.leaving else ReportKind.ENTRY,
        depot=Depot(
            profile=depot.profile,
            district=depot.district,
            oce=depot.oce,
            operator_type=depot.operator_type,
            channel=depot.channel,
        ),
        entered_at=case.visit.arrived_at,
        document=case.document,
        exit_reason=case.release.reason if case.leaving and case.release else None,
        items=tuple(_items(case)),
    )


def _items(case: Case) -> Iterator[Item]:
    """One item a container, one without a number where none is known. A load's net is never split."""
    known: tuple[Box | None, ...] = case.boxes.known or (None,)
    for sequence, box in enumerate(known, 1):
        announced = _announced(case, box, len(known))
        description = announced.description
        yield Item(
            sequence=sequence,
            container=box.number if box else None,
            size_type=box.type_code if box else None,
            loose=box is None and not case.looks_for_boxes,
            seals=announced.seals,
            description=description[: case.site.rules.description_length] if description else None,
            packages=1 if case.lane.flow is Flow.AIR else announced.packages,
            packaging=announced.packaging,
            weight_kg=case.mass.rounded if len(known) == 1 else announced.weight_kg,
        )


def _announced(case: Case, box: Box | None, boxes_on_truck: int) -> Announced:
    """What was announced of one item."""
    if case.preadvice is None:
        return Announced()
    if boxes_on_truck == 1:
        return case.announced
    shared = case.preadvice.of_container(box.number if box else None)
    is_share = any(share.cargo is shared for share in case.preadvice.shares)
    return shared if is_share else Announced(description=shared.description, packaging=shared.packaging)
