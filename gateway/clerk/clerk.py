"""The clerk of one lane: what an experienced gate clerk does, as pure code. Readings in, letters out.

    Stamped ─▶ weigher ─▶ visits ─▶ drafting ─▶ letters, to be stored in this order
    Seen, PlateSeen, Taken, Tick ──┘

No clock, no thread, no file: the same readings at the same times make the same letters, but for identities.
The lane runs a clerk on live devices, a story or a replay runs the same clerk on recorded ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.readings import Scan, Signal, Stamped, Weight
from gateway.clerk.act import Act, Deed
from gateway.clerk.case import Circumstances
from gateway.clerk.draft import Content
from gateway.clerk.drafting import Drafting
from gateway.clerk.entry import RefusedDeed, examined
from gateway.clerk.knowledge import Knowledge
from gateway.clerk.proving import personal_file
from gateway.clerk.visit import PlateSeen, Scanned, Seen, Taken, Tick, Visit
from gateway.clerk.visits import Closed, Consequence, Happening, Learnt, Opened, VisitRules, Visits
from gateway.clerk.weigher import Weigher, WeighRules
from gateway.clerk.weighing import Resumed
from gateway.outbox.outbox import Letter
from gateway.site.site import Flow, LanePart, Site
from record.identifiers.identifier import Identifier

Heard = Stamped | Taken | Seen | PlateSeen | Act | Resumed | Tick
"""Everything that a clerk can be told."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a reading did to a visit, and what has to be stored for it: letters, and the personal file."""

    consequence: Consequence
    letters: tuple[Letter, ...] = ()
    personal: bytes | None = None


class Clerk:
    """Everything that is decided on one lane. Not for several threads."""

    def __init__(
        self,
        site: Site,
        part: LanePart,
        knowledge: Knowledge,
        identify: Callable[[str], Identifier],
        circumstances: Callable[[], Circumstances],
        new_id: Callable[[], str],
    ) -> None:
        self._identify, self._rules = identify, site.rules
        self._weigher = Weigher(_weigh_rules(part))
        self._visits = Visits(part.name, _visit_rules(site, part), new_id)
        self._drafting = Drafting(site, part, knowledge, circumstances, new_id)

    @property
    def present(self) -> Visit | None:
        """The visit of the truck on the scale."""
        return self._visits.present

    @property
    def made(self) -> tuple[Content, ...]:
        """What the drafts of the truck on the scale say now."""
        return self._drafting.made(self.present) if self.present else ()

    @property
    def open(self) -> tuple[Visit, ...]:
        """Every visit that has not ended."""
        return self._visits.open

    @property
    def busy(self) -> bool:
        """Whether a truck is near, or a scan waits for one."""
        return bool(self._visits.open) or self._visits.is_waiting or self._weigher.present

    @property
    def is_idle(self) -> bool:
        """Whether nothing of a truck is left, nor comes up."""
        return not self.busy and self._weigher.is_idle

    @property
    def masked_since(self) -> float | None:
        """Since when the scale's indicator shows net, tare or held weights alone, None where it does not."""
        return self._weigher.masked_since

    def rest(self) -> None:
        """No truck is near any more: what comes next begins anew, as it does on the next tape."""
        self._weigher.rest()

    def hear(self, heard: Heard) -> list[Told]:
        """One reading, sighting, deed or moment. Pictures tell a clerk nothing; their sightings do.

        Raises `record.errors.BadRecord` for a deed that cannot be done; nothing has changed then.
        """
        if isinstance(heard, Act):
            visit = self._visits.addressee(heard)
            if visit is None:
                raise RefusedDeed("", "no_truck")
            heard = examined(heard, visit.acts, self._rules, self._identify)
            if heard.deed is Deed.REREAD and visit.leaving:
                raise RefusedDeed("", "no_truck")
            self._drafting.refuse(heard, visit)
            if heard.deed is Deed.REWEIGH:
                self._weigher.again()
        if isinstance(heard, Resumed):
            steps: list[Happening] = [heard, *self._weigher.resume(heard)]
            return [told for step in steps for told in self._follow(step)]
        if not isinstance(heard, Stamped):
            return self._follow(heard)
        match heard.reading:
            case Weight() | Signal():
                happenings = [*self._weigher.hear(heard), Tick(heard.monotonic)]
                return [told for each in happenings for told in self._follow(each)]
            case Scan() as scan:
                identifier = self._identify(scan.text)
                return self._follow(Scanned(heard.at, heard.monotonic, heard.device, scan, identifier))
            case _:
                return []

    def _follow(self, happening: Happening) -> list[Told]:
        return [self._tell(consequence) for consequence in self._visits.hear(happening)]

    def _personal(self, visit: Visit) -> bytes | None:
        return personal_file(visit, self._rules.papers.values())

    def _tell(self, consequence: Consequence) -> Told:
        match consequence:
            case Opened():
                return Told(consequence)
            case Learnt(visit):
                return Told(consequence, tuple(self._drafting.learnt(visit)), self._personal(visit))
            case Closed(visit):
                return Told(consequence, tuple(self._drafting.closed(visit)), self._personal(visit))


def _visit_rules(site: Site, part: LanePart) -> VisitRules:
    rules = site.rules
    return VisitRules(rules.scan_before_s, rules.linger_s, rules.pending_s, part.flow is Flow.AIR)


def _weigh_rules(part: LanePart) -> WeighRules:
    scale = part.scale
    return WeighRules(
        arrive_kg=scale.arrive_kg,
        leave_kg=scale.leave_kg,
        settle_s=scale.settle_s,
        settle_kg=scale.settle_kg,
        require_zeroed=scale.require_zeroed,
        axles=scale.axles,
        axle_gap_s=scale.axle_gap_s,
        presence=part.presence,
        resume_s=scale.resume_s,
    )
