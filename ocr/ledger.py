"""The account of one picture: which numbers were found, what each costs at best and where it was read."""

from dataclasses import dataclass, field

from ocr.decode import Decoder
from ocr.owners import STRANGE
from ocr.sighting import Candidate
from ocr.strip import Assembly, Eyes, Strip

HOPELESS = -12.0
"""An assembly whose best possible score is lower is not decoded."""
OTHER_CONTAINER = (4, 1.0)
"""A number that differs in so many places and costs no more is another container, not a rival."""
NO_RIVAL = 99.0


@dataclass(frozen=True, slots=True)
class Entry:
    """The cheapest reading of one number."""

    cost: float
    assembly: Assembly


def margin(number: str, costs: dict[str, float]) -> float:
    """How much dearer the cheapest rival of `number` is; `NO_RIVAL` when there is none."""
    rivals = (cost for other, cost in costs.items() if other != number and not _other(number, other, cost))
    return min((cost - costs[number] for cost in rivals), default=NO_RIVAL)


def _other(number: str, other: str, cost: float) -> bool:
    places, dearest = OTHER_CONTAINER
    return cost <= dearest and difference(number, other) >= places


def difference(one: str, other: str) -> int:
    """In how many places two numbers differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))


@dataclass
class Ledger:
    """Numbers found so far. Costs include `STRANGE` for an owner that is not listed."""

    decoder: Decoder
    eyes: Eyes
    entries: dict[str, Entry] = field(default_factory=dict)
    found_in: dict[Assembly, dict[str, float]] = field(default_factory=dict)
    offered: list[Assembly] = field(default_factory=list)
    _seen: set[tuple[Strip, ...]] = field(default_factory=set)
    _second: dict[Assembly, list[Candidate]] = field(default_factory=dict)

    def offer(self, assembly: Assembly) -> None:
        """Look for numbers in an assembly, once."""
        if assembly.strips in self._seen:
            return
        self._seen.add(assembly.strips)
        self.offered.append(assembly)
        if assembly.hope(self.eyes) < HOPELESS:
            return
        found = {
            candidate.number: candidate.cost + assembly.penalty
            for candidate in self.decoder.candidates(assembly.first(self.eyes))
        }
        self.found_in[assembly] = found
        for number, cost in found.items():
            if number not in self.entries or cost < self.entries[number].cost:
                self.entries[number] = Entry(cost, assembly)

    def second(self, assembly: Assembly) -> list[Candidate]:
        """What the second recogniser finds in an assembly, asked once."""
        if assembly not in self._second:
            self._second[assembly] = self.decoder.candidates(assembly.second(self.eyes))
        return self._second[assembly]

    def costs(self) -> dict[str, float]:
        """What each number costs at best, cheapest first."""
        ranked = sorted(self.entries.items(), key=lambda item: item[1].cost)
        return {number: entry.cost for number, entry in ranked}

    def is_clear(self, dearest: float, least_margin: float) -> bool:
        """Whether the best number is this cheap (a strange owner apart) and this far from the next."""
        costs = self.costs()
        if not costs:
            return False
        best = next(iter(costs))
        return self.painted(best) <= dearest and margin(best, costs) >= least_margin

    def painted(self, number: str) -> float:
        """What a number costs for how it is painted alone, its owner strange or not."""
        return self.entries[number].cost - self.strangeness(number)

    def strangeness(self, number: str) -> float:
        """What the number's owner costs because nobody listed it."""
        return 0.0 if self.decoder.is_known(number) else STRANGE

    def best(self, count: int) -> list[Assembly]:
        """The assemblies that carry the cheapest numbers, each once."""
        ranked = sorted(self.entries.values(), key=lambda entry: entry.cost)
        return list(dict.fromkeys(entry.assembly for entry in ranked))[:count]

    def lowest(self) -> float:
        """Cost of the best number; infinite without one."""
        return min((entry.cost for entry in self.entries.values()), default=float("inf"))
