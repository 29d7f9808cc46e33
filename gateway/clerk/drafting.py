"""From visits to letters: gives drafts their identity, and a new revision only where there is something new.

A draft keeps its identity through all revisions. A draft that began without a base document becomes the draft
of the first document that is scanned, and a person's other document takes over the one before; each further
document begins a draft of its own. Where trucks are weighed in and out, a visit that takes a truck out revises
the drafts of the visit that brought it in. Where more that is learnt of a truck shows that it was taken for
another, what was told of it is taken back: its own drafts are cancelled, the other's revised to what they were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from gateway.clerk.act import OF_ONE_DOCUMENT, Act, Deed, check, is_void
from gateway.clerk.begun import MACHINE, Begun, BegunDraft, decider
from gateway.clerk.case import Case, Circumstances, weighs_twice
from gateway.clerk.claim import Claims
from gateway.clerk.draft import Asked, Content, cases, content, oldest_tare
from gateway.clerk.knowledge import Knowledge
from gateway.clerk.ledger import Entry
from gateway.clerk.lesson import lesson
from gateway.clerk.refusal import RefusedDeed
from gateway.clerk.room import fitted
from gateway.clerk.stay import OpenStay
from gateway.clerk.visit import Visit
from gateway.clerk.worth import is_ready, is_worth_a_draft
from gateway.outbox.outbox import Letter
from gateway.site.site import Flow, LanePart, Site
from record.draft import BaseDocument, Draft, VisitClosed
from record.event import DraftCancelled, EventType
from record.topics import Gate, Stream

MOST_ACTS = 200
"""Deeds of persons in one visit; more are no work at a gate but a fault."""

OTHER_TRUCK = "the truck is another one than it was taken for"
OTHER_DOCUMENT = "the truck has another document"


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
        self._claims = Claims(site, lane, knowledge)
        self._visits: dict[str, Begun] = {}

    def learnt(self, visit: Visit) -> list[Letter]:
        """What has to be told now that more is known of a visit."""
        begun = self._visits.get(visit.id)
        if is_void(visit.acts):
            return self._void(visit, begun or Begun())
        ready = is_ready(visit, self._lane) or self._claims.asked(visit, begun).second is not None
        return self._revise(visit) if ready or (begun and begun.drafts) else []

    def closed(self, visit: Visit) -> list[Letter]:
        """What has to be told when a visit ends: its last revisions, and how it ended."""
        begun = self._visits.setdefault(visit.id, Begun())
        letters = [] if begun.voided else self._last_word(visit, begun)
        asked = self._claims.held(visit, begun)
        self._end_stay(visit, begun, asked)
        self._learn(begun, asked)
        del self._visits[visit.id]
        closed = VisitClosed(
            visit=visit.id,
            stay=begun.stay_of(visit, asked),
            lane=visit.lane,
            arrived_at=visit.arrived_at,
            departed_at=visit.departed_at or visit.arrived_at,
            outcome=begun.outcome(visit),
            decided_by=decider(visit),
            drafts=tuple(draft.id for draft in begun.drafts.values()),
            announced=begun.is_announced,
        )
        topic = self._gate.lane(self._lane.name, Stream.VISIT)
        letters.append(self._letter(EventType.VISIT_CLOSED, topic, closed.to_wire(), visit.id))
        return letters

    def made(self, visit: Visit) -> tuple[Content, ...]:
        """What the drafts of a visit that has not ended say now; none while there is none."""
        begun = self._visits.get(visit.id)
        return tuple(draft.content for draft in begun.drafts.values() if draft.content) if begun else ()

    def refuse(self, act: Act, visit: Visit) -> None:
        """Raise `RefusedDeed` for a deed that cannot be done in this visit."""
        if len(visit.acts) >= MOST_ACTS:
            raise RefusedDeed("", "too_many", most=MOST_ACTS)
        found = self._cases(self._claims.asked(visit, self._visits.get(visit.id)), Begun())
        if len(found) > 1 and act.deed is Deed.ENTER and act.field in OF_ONE_DOCUMENT:
            numbers = ", ".join(case.document.number for case in found[:10] if case.document)
            raise RefusedDeed(act.field, "several_documents", numbers=numbers)
        for case in found:
            check(act, content(case).payload)

    def _last_word(self, visit: Visit, begun: Begun) -> list[Letter]:
        if begun.drafts or self._claims.asked(visit, begun).second is not None or self._is_worth(visit):
            return self._revise(visit)
        return []

    def _revise(self, visit: Visit) -> list[Letter]:
        begun = self._visits.setdefault(visit.id, Begun())
        asked = self._claims.held(visit, begun)
        letters = self._turn(visit, begun, asked)
        if asked.second is not None and begun.taken is None:
            begun.taken = asked.second.match
            begun.drafts = {d.document: BegunDraft(d.draft, d.revision) for d in begun.taken.stay.drafts}
        begun.leaving = asked.leaving
        wanted = begun.drafts or asked.second is not None or self._is_worth(visit)
        return letters + (self._revisions(asked, begun) if wanted else [])

    def _turn(self, visit: Visit, begun: Begun, asked: Asked) -> list[Letter]:
        """Take back what was told of a truck that was taken for another, or for one that comes."""
        stay = asked.second.match.stay.id if asked.second else None
        taken = begun.taken.stay.id if begun.taken else None
        if (stay, asked.leaving) == (taken, begun.leaving):
            return []
        if begun.taken is None:
            letters = [self._cancel(visit.lane, begun, draft, OTHER_TRUCK) for draft in begun.drafts.values()]
        else:
            letters = self._put_back(begun.taken.stay, begun)
        begun.drafts, begun.taken = {}, None
        return letters

    def _put_back(self, stay: OpenStay, begun: Begun) -> list[Letter]:
        """The drafts of a stay as they were before a truck that is not its own was weighed for it."""
        letters = self._revisions(Asked(stay.visit), begun)
        self._knowledge.entered(replace(stay, drafts=begun.open_drafts))
        return letters

    def _revisions(self, asked: Asked, begun: Begun) -> list[Letter]:
        """A revision of every draft of which there is something new to tell."""
        letters = []
        made_of = [(case, content(case)) for case in self._cases(asked, begun)]
        wanted = [made.document for _, made in made_of]
        for _, made in made_of:
            draft = self._draft_of(begun.drafts, made.document, wanted)
            if made.says_the_same(draft.content):
                continue
            draft.revision += 1
            draft.content = made
            letters.append(self._draft_letter(asked, draft, made))
            self._enter(draft, made)
        for document in [each for each in begun.drafts if each not in wanted]:
            draft = begun.drafts.pop(document)
            letters.append(self._cancel(asked.visit.lane, begun, draft, OTHER_DOCUMENT))
        return letters

    def _cases(self, asked: Asked, begun: Begun) -> list[Case]:
        """The cases of a visit, by the rules of the lane that it came in by."""

        def draft_of(document: BaseDocument | None) -> str | None:
            return begun.drafts[document].id if document in begun.drafts else None

        came = next((lane for lane in self._site.lanes if lane.name == asked.visit.lane), self._lane)
        return cases(asked, self._site, came, self._knowledge, self._circumstances(), draft_of)

    def _draft_letter(self, asked: Asked, draft: BegunDraft, made: Content) -> Letter:
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
        return self._letter(
            EventType.DRAFT,
            topic,
            fitted(record, visit, self._site.rules.papers.values()).to_wire(),
            draft.id,
        )

    def _enter(self, draft: BegunDraft, made: Content) -> None:
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

    def _draft_of(
        self,
        drafts: dict[BaseDocument | None, BegunDraft],
        document: BaseDocument | None,
        wanted: list[BaseDocument | None],
    ) -> BegunDraft:
        """The draft of a document; a new one takes over a draft whose document is not the truck's any more."""
        if document not in drafts:
            left = next((each for each in drafts if each not in wanted), document)
            drafts[document] = drafts.pop(left) if left in drafts else BegunDraft(self._new_id())
        return drafts[document]

    def _void(self, visit: Visit, begun: Begun) -> list[Letter]:
        """Take the drafts back that were told, once."""
        self._visits[visit.id] = begun
        if begun.voided:
            return []
        begun.voided = True
        act = next(act for act in visit.acts if act.deed is Deed.VOID)
        lane = begun.taken.stay.visit.lane if begun.taken else visit.lane
        return [self._cancel(lane, begun, draft, act.reason, act.person) for draft in begun.drafts.values()]

    def _cancel(
        self, lane: str, begun: Begun, draft: BegunDraft, reason: str, decided_by: str = MACHINE
    ) -> Letter:
        """Take one draft back, and out of what was received."""
        self._knowledge.cancelled(draft.id)
        begun.cancelled.append(draft.id)
        topic = self._gate.lane(lane, Stream.EGRESS if begun.leaving else Stream.INGRESS)
        cancelled = DraftCancelled(draft=draft.id, lane=lane, reason=reason, decided_by=decided_by)
        return self._letter(EventType.DRAFT_CANCELLED, topic, cancelled.to_wire(), draft.id)

    def _end_stay(self, visit: Visit, begun: Begun, asked: Asked) -> None:
        """Open the stay of a truck that has brought a load in, or end the stay of one that has left."""
        if begun.taken is not None:
            self._knowledge.left(begun.taken.stay.id)
        elif begun.voided or not weighs_twice(self._site, self._lane):
            return
        elif asked.second is not None:
            self._knowledge.left(asked.second.match.stay.id)
        elif asked.leaving:
            if asked.match is not None:
                self._knowledge.left(asked.match.stay.id)
        elif visit.weighing is not None:
            carried = None if self._lane.flow is Flow.CONTAINER else begun.carried(visit)
            self._knowledge.entered(OpenStay(replace(visit, reading=()), begun.open_drafts, carried))

    def _learn(self, begun: Begun, asked: Asked) -> None:
        """Keep what a truck weighed that has left empty, where the site wants that and nothing speaks against it."""
        if not self._site.tares.learn or begun.taken is None or begun.voided:
            return
        made = [draft.content for draft in begun.drafts.values() if draft.content]
        for case in self._cases(asked, begun)[:1] if len(made) == len(begun.drafts) else ():
            tare = lesson(case, made)
            if tare is not None:
                self._knowledge.weighed_empty(tare, oldest_tare(self._site, case.visit))

    def _is_worth(self, visit: Visit) -> bool:
        return is_worth_a_draft(visit, self._site, self._lane)

    def _letter(self, kind: EventType, topic: str, data: dict[str, object], subject: str) -> Letter:
        return Letter(kind, topic, data, subject=subject, simulated=self._site.simulated)
