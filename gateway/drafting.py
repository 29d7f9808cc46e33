"""From visits to letters: gives drafts their identity, and a new revision only where there is something new.

A draft keeps its identity through all revisions. A draft that began without a base document becomes the draft
of the first document that is scanned; each further document begins a draft of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.boxes import Certainty, boxes
from gateway.draft import Circumstances, Content, assemble, is_ready
from gateway.outbox import Letter
from gateway.preadvice import Announcements
from gateway.site import Direction, LanePart, Site
from gateway.visit import Visit
from record.draft import BaseDocument, Draft, Outcome, VisitClosed
from record.event import EventType
from record.topics import Gate, Stream

MACHINE = "machine"
"""Who decided a visit's outcome where no person did."""


@dataclass(slots=True)
class _Draft:
    """One draft of a visit so far."""

    id: str
    revision: int = 0
    content: Content | None = None


@dataclass(slots=True)
class _Open:
    """The drafts of a visit that has not ended."""

    drafts: dict[BaseDocument | None, _Draft] = field(default_factory=dict)


class Drafting:
    """The drafts of one lane. Not for several threads."""

    def __init__(
        self,
        site: Site,
        lane: LanePart,
        announcements: Announcements,
        circumstances: Callable[[], Circumstances],
        new_id: Callable[[], str],
    ) -> None:
        self._site, self._lane = site, lane
        self._announcements, self._circumstances = announcements, circumstances
        self._new_id = new_id
        gate = Gate(site.depot.name, site.gate)
        stream = Stream.INGRESS if lane.direction is Direction.ENTRY else Stream.EGRESS
        self._draft_topic = gate.lane(lane.name, stream)
        self._visit_topic = gate.lane(lane.name, Stream.VISIT)
        self._visits: dict[str, _Open] = {}

    def learnt(self, visit: Visit) -> list[Letter]:
        """What has to be told now that more is known of a visit."""
        begun = visit.id in self._visits
        return self._revise(visit) if begun or is_ready(visit) else []

    def closed(self, visit: Visit) -> list[Letter]:
        """What has to be told when a visit ends: its last revisions, and how it ended."""
        begun = visit.id in self._visits
        letters = self._revise(visit) if begun or self._is_worth_a_draft(visit) else []
        ended = self._visits.pop(visit.id, _Open())
        closed = VisitClosed(
            visit=visit.id,
            stay=visit.stay,
            lane=visit.lane,
            arrived_at=visit.arrived_at,
            departed_at=visit.departed_at or visit.arrived_at,
            outcome=self._outcome(visit, ended),
            decided_by=MACHINE,
            drafts=tuple(draft.id for draft in ended.drafts.values()),
        )
        letters.append(self._letter(EventType.VISIT_CLOSED, self._visit_topic, closed.to_wire(), visit.id))
        return letters

    def _revise(self, visit: Visit) -> list[Letter]:
        drafts = self._visits.setdefault(visit.id, _Open()).drafts
        contents = assemble(visit, self._site, self._lane, self._announcements, self._circumstances())
        letters = []
        for content in contents:
            draft = self._draft_of(drafts, content.document)
            if content.says_the_same(draft.content):
                continue
            draft.revision += 1
            draft.content = content
            record = Draft(
                draft=draft.id,
                revision=draft.revision,
                visit=visit.id,
                stay=visit.stay,
                lane=visit.lane,
                status=content.status,
                payload=content.payload,
                evidence=content.evidence,
                provenance=content.provenance,
                findings=content.findings,
            )
            letters.append(self._letter(EventType.DRAFT, self._draft_topic, record.to_wire(), draft.id))
        return letters

    def _draft_of(self, drafts: dict[BaseDocument | None, _Draft], document: BaseDocument | None) -> _Draft:
        """The draft of a document; one that began without any is taken over by the first that comes."""
        if document not in drafts:
            drafts[document] = drafts.pop(None) if None in drafts else _Draft(self._new_id())
        return drafts[document]

    def _is_worth_a_draft(self, visit: Visit) -> bool:
        """Whether a truck that left half known may have brought cargo, so that a person has to look."""
        seen = boxes(visit.sightings).certainty is not Certainty.NOTHING
        return is_ready(visit) or seen or bool(visit.scans) or self._is_loaded(visit)

    def _is_loaded(self, visit: Visit) -> bool:
        """Whether the weight is more than an empty truck's; unknown tares give no answer, so it may be."""
        if visit.weighing is None:
            return False
        tares = self._site.tares
        if tares.tractor_kg is None or tares.chassis_kg is None:
            return True
        return visit.weighing.weight.kg > tares.tractor_kg + tares.chassis_kg + self._site.rules.empty_kg

    def _outcome(self, visit: Visit, ended: _Open) -> Outcome:
        if ended.drafts:
            return Outcome.DRAFTED
        return Outcome.EMPTY if visit.weighing else Outcome.NOTHING_KNOWN

    def _letter(self, kind: EventType, topic: str, data: dict[str, object], subject: str) -> Letter:
        return Letter(kind, topic, data, subject=subject, simulated=self._site.simulated)
