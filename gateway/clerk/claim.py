"""The claim of a visit on a stay: whether it brings a load in, weighs a truck for the second time, or takes one out.

A stay that a visit ends is held for it, so that no other lane ends it meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.clerk.begun import Begun
from gateway.clerk.case import Second, weighs_twice
from gateway.clerk.draft import Asked
from gateway.clerk.knowledge import Knowledge
from gateway.clerk.stay import Match
from gateway.clerk.visit import Visit
from gateway.site.site import Direction, Flow, LanePart, Site

MOST_CLAIMS = 3
"""How often a visit looks for another stay where the one that it found was just taken by another lane."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Finds the stays that the visits of one lane end."""

    site: Site
    lane: LanePart
    knowledge: Knowledge

    def asked(self, visit: Visit, begun: Begun | None) -> Asked:
        """What drafts are asked of by what is known of a visit now; ``begun`` is None before there is any."""
        direction = self.lane.direction
        match = self._match(visit, begun) if weighs_twice(self.site, self.lane) else None
        if direction is Direction.ENTRY or (direction is Direction.BOTH and match is None):
            return Asked(visit)
        if match is not None and visit.weighing is not None and _has_unloaded(match, visit):
            came = replace(match.stay.visit, acts=(*match.stay.visit.acts, *visit.acts))
            return Asked(came, second=Second(visit, visit.weighing, match, self.lane))
        return Asked(visit, match=match, leaving=True)

    def held(self, visit: Visit, begun: Begun) -> Asked:
        """As `asked`, with the stay held for this visit; where another visit was quicker there is none."""
        for _ in range(MOST_CLAIMS):
            asked = self.asked(visit, begun)
            match = asked.second.match if asked.second else asked.match
            stay = match.stay.id if match else None
            if begun.held not in (None, stay):
                self.knowledge.given_back(begun.held, visit.id)
                begun.held = None
            if stay is None or stay == begun.held or self.knowledge.taken(stay, visit.id):
                begun.held = stay
                return asked
        return Asked(visit, leaving=self.lane.direction is Direction.EXIT)

    def _match(self, visit: Visit, begun: Begun | None) -> Match | None:
        """The stay that a visit ends, none in doubt; the one that it has taken, where none is found any more."""
        shown = visit if self.lane.flow is Flow.CONTAINER else replace(visit, sightings=())
        found = self.knowledge.match(shown, self.site.rules.stay_hours)
        if found is not None and found.doubtful:
            return None
        taken = begun.taken if begun else None
        if taken is not None and (found is None or found.stay.id == taken.stay.id):
            return taken
        return found


def _has_unloaded(match: Match, visit: Visit) -> bool:
    """Whether a truck leaves lighter than it came, with drafts of its entry to be revised."""
    came = match.stay.visit.weighing
    return came is not None and visit.weighing is not None and visit.weighing.kg < came.kg
