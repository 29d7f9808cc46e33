"""From visits to letters: gives drafts their identity, and a new revision only where there is something new.

A draft keeps its identity through all revisions. A draft that began without a base document becomes the draft
of the first document that is scanned; each further document begins a draft of its own. Where trucks are
weighed in and out, a visit that takes a truck out revises the drafts of the visit that brought it in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from gateway.act import Act, Deed, check, is_void
from gateway.boxes import Certainty, boxes
from gateway.case import Circumstances, Second, documents, weighs_twice
from gateway.draft import Asked, Content, cases, content, is_ready
from gateway.knowledge import Knowledge
from gateway.ledger import Entry
from gateway.outbox import Letter
from gateway.site import Direction, LanePart, Site
from gateway.stay import Match, OpenDraft, OpenStay
from gateway.visit import Visit
from record.draft import BaseDocument, Draft, Outcome, VisitClosed
from record.event import DraftCancelled, EventType
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
    """The drafts of a visit that has not ended; ``entry`` is the stay that it takes out."""

    drafts: dict[BaseDocument | None, _Draft] = field(default_factory=dict)
    entry: OpenStay | None = None
    voided: bool = False


class Drafting:
    """The drafts of one lane. Not for several threads."""

    def __init__(
        self,
        site: Site,
        lane: LanePart,
        knowledge: Knowledge,
        circumstances: Callable[[], Circumstances],
        new_id: Callable[[], str],
    ) -> None:
        self._site, self._lane = site, lane
        self._knowledge = knowledge
        self._circumstances, self._new_id = circumstances, new_id
        self._gate = Gate(site.depot.name, site.gate)
        self._visits: dict[str, _Open] = {}

    def learnt(self, visit: Visit) -> list[Letter]:
        """What has to be told now that more is known of a visit."""
        begun = self._visits.get(visit.id)
        if is_void(visit.acts):
            return self._void(visit, begun or _Open())
        ready = is_ready(visit) or self._asked(visit).second is not None
        return self._revise(visit) if ready or (begun and begun.drafts) else []

    def closed(self, visit: Visit) -> list[Letter]:
        """What has to be told when a visit ends: its last revisions, and how it ended."""
        begun = self._visits.setdefault(visit.id, _Open())
        letters = [] if begun.voided else self._last_word(visit, begun)
        self._end_stay(visit, begun)
        del self._visits[visit.id]
        closed = VisitClosed(
            visit=visit.id,
            stay=begun.entry.id if begun.entry else visit.stay,
            lane=visit.lane,
            arrived_at=visit.arrived_at,
            departed_at=visit.departed_at or visit.arrived_at,
            outcome=_outcome(visit, begun),
            decided_by=_decider(visit),
            drafts=tuple(draft.id for draft in begun.drafts.values()),
            announced=any(d.content and d.content.evidence.preadvice for d in begun.drafts.values()),
        )
        topic = self._gate.lane(self._lane.name, Stream.VISIT)
        letters.append(self._letter(EventType.VISIT_CLOSED, topic, closed.to_wire(), visit.id))
        return letters

    def refuse(self, act: Act, visit: Visit) -> None:
        """Raise `record.errors.BadRecord` for a deed that cannot be done in this visit."""
        asked = self._asked(visit)
        for case in cases(asked, self._site, self._lane, self._knowledge, self._circumstances()):
            check(act, content(case).payload)

    def _last_word(self, visit: Visit, begun: _Open) -> list[Letter]:
        if begun.drafts or self._asked(visit).second is not None or self._is_worth_a_draft(visit):
            return self._revise(visit)
        return []

    def _asked(self, visit: Visit) -> Asked:
        """Whether the visit brings a load in, weighs one for the second time, or takes one out."""
        direction = self._lane.direction
        in_and_out = weighs_twice(self._site, self._lane)
        match = self._knowledge.match(visit, self._site.rules.stay_hours) if in_and_out else None
        if direction is Direction.ENTRY or (direction is Direction.BOTH and match is None):
            return Asked(visit)
        if match is not None and visit.weighing is not None and self._has_unloaded(match, visit):
            return Asked(match.stay.visit, second=Second(visit.weighing, match))
        return Asked(visit, match=match, leaving=True)

    def _has_unloaded(self, match: Match, visit: Visit) -> bool:
        """Whether a truck leaves lighter than it came, with drafts of its entry to be revised."""
        came = match.stay.visit.weighing
        return came is not None and visit.weighing is not None and visit.weighing.kg < came.kg

    def _revise(self, visit: Visit) -> list[Letter]:
        asked = self._asked(visit)
        begun = self._visits.setdefault(visit.id, _Open())
        if asked.second is not None and begun.entry is None:
            begun.entry = asked.second.match.stay
            begun.drafts = {d.document: _Draft(d.draft, d.revision) for d in begun.entry.drafts}
        found = cases(
            asked,
            self._site,
            self._lane,
            self._knowledge,
            self._circumstances(),
            lambda document: begun.drafts[document].id if document in begun.drafts else None,
        )
        letters = []
        for made in map(content, found):
            draft = self._draft_of(begun.drafts, made.document)
            if made.says_the_same(draft.content):
                continue
            draft.revision += 1
            draft.content = made
            letters.append(self._draft_letter(asked, draft, made))
            self._enter(draft, made)
        return letters

    def _draft_letter(self, asked: Asked, draft: _Draft, made: Content) -> Letter:
        visit = asked.visit
        record = Draft(
            draft=draft.id,
            revision=draft.revision,
            visit=visit.id,
            stay=asked.match.stay.id if asked.match else visit.stay,
            lane=visit.lane,
            status=made.status,
            payload=made.payload,
            evidence=made.evidence,
            provenance=made.provenance,
            findings=made.findings,
        )
        stream = Stream.EGRESS if asked.leaving else Stream.INGRESS
        topic = self._gate.lane(visit.lane, stream)
        return self._letter(EventType.DRAFT, topic, record.to_wire(), draft.id)

    def _enter(self, draft: _Draft, made: Content) -> None:
        """Write into the ledger what was received under the draft's document."""
        if made.document is None:
            return
        items = made.payload.items
        self._knowledge.received(
            Entry(
                document=made.document,
                draft=draft.id,
                day=made.payload.entered_at.date(),
                packages=sum(item.packages or 0 for item in items),
                kg=sum((item.weight_kg or Decimal(0) for item in items), Decimal(0)),
                containers=tuple(item.container for item in items if item.container),
            )
        )

    def _draft_of(self, drafts: dict[BaseDocument | None, _Draft], document: BaseDocument | None) -> _Draft:
        """The draft of a document; one that began without any is taken over by the first that comes."""
        if document not in drafts:
            drafts[document] = drafts.pop(None) if None in drafts else _Draft(self._new_id())
        return drafts[document]

    def _void(self, visit: Visit, begun: _Open) -> list[Letter]:
        """Take the drafts back that were told, once."""
        self._visits[visit.id] = begun
        if begun.voided:
            return []
        begun.voided = True
        act = next(act for act in visit.acts if act.deed is Deed.VOID)
        topic = self._gate.lane(visit.lane, Stream.INGRESS)
        return [
            self._letter(
                EventType.DRAFT_CANCELLED,
                topic,
                DraftCancelled(
                    draft=draft.id, lane=visit.lane, reason=act.reason, decided_by=act.person
                ).to_wire(),
                draft.id,
            )
            for draft in begun.drafts.values()
        ]

    def _end_stay(self, visit: Visit, begun: _Open) -> None:
        """Open the stay of a truck that has brought a load in, or end the stay of one that has left."""
        if not weighs_twice(self._site, self._lane) or begun.voided:
            return
        asked = self._asked(visit)
        if asked.second is not None:
            self._knowledge.left(asked.second.match.stay.id)
        elif asked.leaving:
            if asked.match is not None:
                self._knowledge.left(asked.match.stay.id)
        elif visit.weighing is not None:
            drafts = tuple(OpenDraft(key, draft.id, draft.revision) for key, draft in begun.drafts.items())
            self._knowledge.entered(OpenStay(replace(visit, reading=()), drafts))

    def _is_worth_a_draft(self, visit: Visit) -> bool:
        """Whether a truck that left half known may have brought cargo, so that a person has to look."""
        seen = boxes(visit.sightings).certainty is not Certainty.NOTHING
        return is_ready(visit) or seen or bool(documents(visit)) or self._is_loaded(visit)

    def _is_loaded(self, visit: Visit) -> bool:
        """Whether the weight is more than an empty truck's; unknown tares give no answer, so it may be."""
        if visit.weighing is None:
            return False
        if weighs_twice(self._site, self._lane) and self._lane.direction is Direction.ENTRY:
            return bool(visit.scans)
        tares = self._site.tares
        if tares.tractor_kg is None or tares.chassis_kg is None:
            return True
        return visit.weighing.kg > tares.tractor_kg + tares.chassis_kg + self._site.rules.empty_kg

    def _letter(self, kind: EventType, topic: str, data: dict[str, object], subject: str) -> Letter:
        return Letter(kind, topic, data, subject=subject, simulated=self._site.simulated)


def _outcome(visit: Visit, begun: _Open) -> Outcome:
    if begun.voided:
        return Outcome.VOID
    if begun.entry is not None:
        return Outcome.SECOND_WEIGHING
    if begun.drafts:
        return Outcome.DRAFTED
    return Outcome.EMPTY if visit.weighing else Outcome.NOTHING_KNOWN


def _decider(visit: Visit) -> str:
    """The last person who acted in the visit, or the machine."""
    return visit.acts[-1].person if visit.acts else MACHINE
