"""What was begun for a visit that has not ended: its drafts, the stay that it ends, and how it came out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gateway.clerk.draft import Asked, Content
from gateway.clerk.stay import Match, OpenDraft, containers
from gateway.clerk.visit import Visit
from record.draft import BaseDocument, Outcome

MACHINE = "machine"
"""Who decided a visit's outcome where no person did."""


@dataclass(slots=True)
class BegunDraft:
    """One draft of a visit so far."""

    id: str
    revision: int = 0
    content: Content | None = None


@dataclass(slots=True)
class Begun:
    """The drafts of a visit that has not ended.

    ``taken``: the open stay whose drafts these are, where the truck is weighed for the second time. ``held`` is
    the stay that no other visit may end meanwhile. ``cancelled`` names drafts that were taken back.
    """

    drafts: dict[BaseDocument | None, BegunDraft] = field(default_factory=dict)
    taken: Match | None = None
    held: str | None = None
    leaving: bool = False
    voided: bool = False
    cancelled: list[str] = field(default_factory=list)

    @property
    def open_drafts(self) -> tuple[OpenDraft, ...]:
        """The drafts as a stay keeps them until the truck is weighed again."""
        return tuple(OpenDraft(key, draft.id, draft.revision) for key, draft in self.drafts.items())

    @property
    def is_announced(self) -> bool:
        """Whether any of the drafts has an announcement."""
        return any(draft.content and draft.content.evidence.preadvice for draft in self.drafts.values())

    def carried(self, visit: Visit) -> tuple[str, ...]:
        """The containers that were scanned, and those that the drafts say: a camera alone may see others' too."""
        made = [draft.content.payload for draft in self.drafts.values() if draft.content]
        said = {item.container for payload in made for item in payload.items if item.container}
        return tuple(sorted(said | containers(replace(visit, sightings=()))))

    def stay_of(self, visit: Visit, asked: Asked) -> str:
        """The stay that a visit belongs to: the one that it ends, else its own."""
        match = self.taken or asked.match
        return match.stay.id if match else visit.stay

    def outcome(self, visit: Visit) -> Outcome:
        """How a visit has ended."""
        if self.voided:
            return Outcome.VOID
        if self.taken is not None:
            return Outcome.SECOND_WEIGHING
        if self.drafts:
            return Outcome.DRAFTED
        return Outcome.EMPTY if visit.weighing else Outcome.NOTHING_KNOWN


def decider(visit: Visit) -> str:
    """The last person who acted in the visit, or the machine."""
    return visit.acts[-1].person if visit.acts else MACHINE
