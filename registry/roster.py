"""Who may speak: the configured gates with the keys that are accepted for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

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
    """All configured gates, and whether simulated events are taken."""

    members: Mapping[Gate, Member]
    accept_simulated: bool = False

    @classmethod
    def of(cls, file: RegistryFile) -> Roster:
        """The gates of REGISTRY.yaml with the keys that stand there."""
        members = {
            Gate(name, gate): Member(depot, by_id(map(PublicKey.parse, entry.keys)))
            for name, depot in file.depots.items()
            for gate, entry in depot.gates.items()
        }
        return cls(members, file.accept_simulated)

    def accepting(self, gate: Gate, key: PublicKey) -> Roster:
        """The same with one more accepted key; a gate that is not configured stays unknown."""
        member = self.members.get(gate)
        if member is None:
            return self
        wider = replace(member, keys={**member.keys, key.id: key})
        return replace(self, members={**self.members, gate: wider})


def by_id(keys: Iterable[PublicKey]) -> dict[str, PublicKey]:
    """Public keys by their ids, as `record.proof.verify` takes them."""
    return {key.id: key for key in keys}
