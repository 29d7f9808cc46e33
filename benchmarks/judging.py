"""What a run of `benchmarks.chaos` is judged by: the journal beside what the registry holds, trucks, chains, ends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from benchmarks.passing import judged
from benchmarks.rig import GATE, Rig


@dataclass(slots=True)
class Outcome:
    """What a run is judged by."""

    seed: int
    seconds: float
    journalled: int = 0
    held: int = 0
    events: int = 0
    sources: int = 0
    repeats: int = 0
    trucks: int = 0
    actions: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def right(self) -> bool:
        return not self.wrong

    def to_text(self) -> str:
        """All of it as JSON."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, indent=2)


def judge(rig: Rig, outcome: Outcome) -> None:
    """Compare the journal with what the registry holds, and let both sides verify their chains."""
    journal = rig.journalled()
    held = [row[0] for row in rig.of_registry("SELECT id FROM events")]
    outcome.journalled, outcome.held = len(journal), len(set(journal) & set(held))
    outcome.events, outcome.trucks = len(held), len(rig.passing.passed)
    outcome.repeats = sum(row[0] - 1 for row in rig.of_gate("SELECT attempts FROM queue WHERE attempts > 1"))
    outcome.sources = len(rig.of_registry("SELECT DISTINCT source FROM events"))
    missing = [event for event in journal if event not in set(held)]
    wrong = outcome.wrong
    if not journal:
        wrong.append("nothing was journalled")
    if missing:
        wrong.append(f"{len(missing)} journalled events are not at the registry: {missing[:3]}")
    if len(set(journal)) != len(journal):
        wrong.append("the journal names an event twice")
    doubled = rig.of_registry(
        "SELECT draft, COUNT(*) FROM events WHERE type = 'ec.iie.draft'"
        f" AND gate = '{GATE.gate}' GROUP BY draft HAVING COUNT(*) > 1"
    )
    if doubled:
        wrong.append(f"{len(doubled)} drafts came twice under two ids")
    wrong += judged(rig.passing.passed, rig.held_of_passed)
    for name, process in (
        ("registry", rig.registry),
        ("load", rig.gate),
        ("gate that trucks pass", rig.passed),
    ):
        if process.ended:
            wrong.append(f"the {name} ended by itself, exit codes {process.ended}: {process.log}")
    left = "SELECT state, COUNT(*) FROM queue WHERE state != 'received' GROUP BY state"
    for state, count in rig.of_gate(left) + rig.of_passed(left):
        wrong.append(f"{count} events of the outbox are {state}")
    files = [("registry", rig.registry_file), ("gateway", rig.site_file)]
    if outcome.trucks:
        files.append(("gateway", rig.passed_site))
    for program, file in files:
        code, said = rig.verify(program, str(file))
        if code != 0:
            wrong.append(f"{program} verify: exit {code}: {said[-600:]}")
