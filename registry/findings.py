"""What a verification found: the chains, and everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from record.messages import Phrase, text
from record.proof import GENESIS

KEPT = 1000
"""Problems that are kept; further ones are only counted."""


@dataclass(slots=True)
class Chain:
    """What was found of one source."""

    source: str
    through: int = 0
    highest: int = 0
    link: str = GENESIS
    sound: bool = True


@dataclass(slots=True)
class Report:
    """What was found in all: the chains, and everything that is wrong."""

    chains: list[Chain] = field(default_factory=list)
    problems: list[Phrase] = field(default_factory=list)
    more: int = 0
    events: int = 0

    @property
    def unbroken(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.problems

    def add(self, code: str, **params: object) -> None:
        """Note one problem."""
        if len(self.problems) < KEPT:
            self.problems.append(Phrase(f"registry.broken.{code}", params))
        else:
            self.more += 1

    def lines(self, language: str) -> Iterator[str]:
        """The report for people."""
        for chain in self.chains:
            names = {"source": chain.source, "through": chain.through, "highest": chain.highest}
            yield text("registry.verify.chain", lang=language, **names)
        for problem in self.problems:
            yield problem.text(language)
        if self.more:
            yield text("registry.verify.more", lang=language, more=self.more)
        if self.unbroken:
            counts = {"chains": len(self.chains), "events": self.events}
            yield text("registry.verify.unbroken", lang=language, **counts)
        else:
            total = len(self.problems) + self.more
            yield text("registry.verify.broken", lang=language, problems=total)
