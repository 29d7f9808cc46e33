"""Who asks: a person who is logged in, as rules and records need to know them."""

from __future__ import annotations

from dataclasses import dataclass

from registry.people.role import RIGHTS, Right, Role

COMMAND_LINE = "iie-registry"
"""Who it was on the command line."""


@dataclass(frozen=True, slots=True)
class Who:
    """One person. ``depots`` are those whose reports they see; None means all."""

    id: str
    name: str
    role: Role
    depots: tuple[str, ...] | None = None

    def may(self, right: Right) -> bool:
        """Whether the person's role has a right."""
        return right in RIGHTS[self.role]

    def sees(self, depot: str) -> bool:
        """Whether a depot's reports are theirs to see."""
        return self.depots is None or depot in self.depots
