"""Who may speak: the configured gates with the keys that are accepted for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from record.proof import PublicKey
from record.topics import Gate
from registry.settings import DepotEntry, RegistryFile


@dataclass(frozen=True, slots=True)
class Member:
    """One configured gate: its depot's entry, and its accepted keys by their ids."""

    depot: DepotEntry
    keys: Mapping[str, PublicKey]


@dataclass(frozen=True, slots=True)
class Roster:
    """All known gates, the depots of the settings, and whether simulated events are taken."""

    members: Mapping[Gate, Member]
    accept_simulated: bool = False
    depots: Mapping[str, DepotEntry] = field(default_factory=dict)

    @classmethod
    def of(cls, file: RegistryFile) -> Roster:
        """The gates of REGISTRY.yaml with the keys that stand there."""
        members = {
            Gate(name, gate): Member(depot, by_id(map(PublicKey.parse, entry.keys)))
            for name, depot in file.depots.items()
            for gate, entry in depot.gates.items()
        }
        return cls(members, file.accept_simulated, file.depots)

    def accepting(self, gate: Gate, key: PublicKey) -> Roster:
        """The same with one more accepted key; a gate that is not known stays so."""
        member = self.members.get(gate)
        if member is None:
            return self
        wider = replace(member, keys={**member.keys, key.id: key})
        return replace(self, members={**self.members, gate: wider})

    def adding(self, gate: Gate) -> Roster:
        """The same with one more gate, of a depot of the settings; it has no key yet."""
        if gate in self.members or gate.depot not in self.depots:
            return self
        return replace(self, members={**self.members, gate: Member(self.depots[gate.depot], {})})

    def without(self, gate: Gate, key: str) -> Roster:
        """The same without a key, by its id."""
        member = self.members.get(gate)
        if member is None or key not in member.keys:
            return self
        kept = {name: each for name, each in member.keys.items() if name != key}
        return replace(self, members={**self.members, gate: replace(member, keys=kept)})


def by_id(keys: Iterable[PublicKey]) -> dict[str, PublicKey]:
    """Public keys by their ids, as `record.proof.verify` takes them."""
    return {key.id: key for key in keys}
