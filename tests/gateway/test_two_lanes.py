"""A depot with a lane for entries, one for exits and one that weighs once, as a machine of states: trucks come and
leave in any order, people act, customs releases and withdraws, the gate is killed anywhere. What is complete is true.

Counterexamples that were found here stand as stories in the book.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.clerk.knowledge import Memory
from gateway.preadvice.book import Announcements, Releases
from gateway.tape.replay import compare, recorded, replay
from gateway.tape.tape import read_tape
from record.draft import Draft, ReportKind, Status
from record.identifiers import container
from record.preadvice import Preadvice
from record.release import Release

from .test_visit_properties import CODES, Gatehouse, check_chain, check_complete, is_arriving, site_of

CERTIFICATE = {"number": "INEN-1", "authority": "INEN", "valid_until": "2099-01-01"}
SITE = site_of(
    {"weigh": "in_and_out", "scale": {"certificate": CERTIFICATE}},
    {"weigh": "in_and_out", "direction": "exit", "scale": {"certificate": CERTIFICATE}},
    {"scale": {"certificate": CERTIFICATE}},
    release_required=True,
)
SITE = SITE.model_copy(update={"tares": SITE.tares.model_copy(update={"learn": True})})
IN, OUT, ONCE = "c1", "c2", "c3"
BOX_KG = 2280
USUAL_KG = 13400
"""Tractor and chassis as the site's file has them; every truck of the machine is another."""

QUICK = settings(
    max_examples=6, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
)
LONG = settings(QUICK, max_examples=150, stateful_step_count=16)


def number_of(serial: int) -> str:
    ten = f"MSCU{serial:06d}"
    while container.remainder(ten) == 10:
        serial += 1000
        ten = f"MSCU{serial:06d}"
    return f"{ten}{container.check_digit(ten)}"


@dataclass(frozen=True)
class Load:
    """One box of one document on one truck, as it really is."""

    serial: int
    rig: int
    cargo_kg: int

    @property
    def document(self) -> str:
        return f"0282026400{self.serial:07d}"

    @property
    def box(self) -> str:
        return number_of(self.serial * 7 + 100)

    @property
    def plates(self) -> tuple[str, str]:
        return f"GBA{self.rig:04d}", f"GBR{self.rig:04d}"

    @property
    def empty_kg(self) -> int:
        """So far from the usual tares that no load hides it, but for the rig that is as the site's file says."""
        return USUAL_KG + 2600 * self.rig

    @property
    def gross_kg(self) -> int:
        return self.empty_kg + BOX_KG + self.cargo_kg

    def announced(self) -> Preadvice:
        return Preadvice.from_wire(
            {
                "id": f"a-{self.serial}",
                "keys": {"document": {"type": "DAE", "number": self.document}, "containers": [self.box]},
                "cargo": {
                    "description": "BANANO",
                    "packages": 10 + self.serial,
                    "packaging": "035",
                    "weight_kg": str(self.cargo_kg),
                },
            }
        )

    def release(self, reason: str) -> Release:
        keys = {"document": {"type": "DAE", "number": self.document}}
        return Release.from_wire({"id": f"r-{self.serial}", "reason": reason, "keys": keys})


@dataclass(frozen=True)
class Allowed:
    """What an exit's complete draft may say: the reason of the release at that moment, None where there is none."""

    load: Load
    reason: str | None


Line = dict[str, Any]
NOTHING: Line = {"dt": 0.5}


def seen(load: Load) -> Line:
    return {"dt": 0.01, "sighting": {"camera": "trasera", "number": load.box, "type_code": "22G1"}}


def scans(*texts: str) -> list[Line]:
    return [{"dt": 0.1, "scan": text} for text in texts]


def stand(kg: int, frames: int = 6) -> list[Line]:
    return [{"dt": 0.5, "weight": kg} for _ in range(frames)]


class TwoLanes(RuleBasedStateMachine):
    """The depot. A truck's facts are true; what people enter is true or is not complete."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.memory = Memory(Announcements(), Releases())
        self.house = Gatehouse(Path(self.folder.name), SITE, self.memory)
        self.serial = 0
        self.arrivals = 0
        self.inside: list[Load] = []
        self.loads: dict[str, Load] = {}
        self.allowed: dict[str, Allowed] = {}
        self.voided: set[str] = set()
        self.refused: list[str] = []

    @initialize()
    def the_scales_are_free(self) -> None:
        for lane in (IN, OUT, ONCE):
            self.hear(lane, stand(0, 3), kill=-1)

    def load(self, rig: int, cargo: int) -> Load:
        self.serial += 1
        made = Load(self.serial, rig, cargo)
        self.loads[made.document] = made
        return made

    def hear(self, lane: str, lines: list[Line], kill: int) -> None:
        """Tell lines of a lane; the gate is killed after the line with that place, if no truck is just arriving."""
        for place, line in enumerate(lines):
            self.house.tell({**line, "lane": lane})
            if place == kill and not is_arriving(self.house):
                self.house.kill()
                for each in SITE.lanes:
                    self.house.open(each.name)
                self.memory.stays.free_orphans()

    def passes(self, lane: str, kg: int, told: list[Line], kill: int) -> None:
        """A truck drives on, stands long enough to be weighed also after a kill, and drives off."""
        self.arrivals += 1
        self.hear(lane, [*stand(0, 3), *stand(kg), *told, *stand(kg), *stand(0, 12)], kill)

    kills = st.one_of(st.just(-1), st.integers(0, 20))
    rigs = st.integers(1, 3)
    cargoes = st.sampled_from([9000, 18000, 24000])
    deeds = st.sampled_from(["none", "none", "packages", "weight", "box", "reweigh", "void"])

    @rule(rig=rigs, cargo=cargoes, is_announced=st.sampled_from([True, True, False]), deed=deeds, kill=kills)
    def comes(self, rig: int, cargo: int, is_announced: bool, deed: str, kill: int) -> None:
        """A truck that is not inside brings a box."""
        if any(each.rig == rig for each in self.inside):
            return
        load = self.load(rig, cargo)
        if is_announced:
            self.memory.announcements.add(load.announced())
        told = [*scans(*load.plates, load.document), seen(load), *self.deed(load, deed)]
        self.passes(IN, load.gross_kg, told, kill)
        if deed == "void":
            self.voided.add(load.document)
        else:
            self.inside.append(load)

    def deed(self, load: Load, deed: str) -> list[Line]:
        """What a person does while the truck stands there, with the weights that follow."""
        fields = {
            "packages": ("/items/0/packages", 10 + load.serial),
            "weight": ("/items/0/weight_kg", str(load.cargo_kg)),
            "box": ("/items/0/container", load.box),
        }
        if deed in fields:
            field, value = fields[deed]
            act = {"person": "J. Mora", "field": field, "value": value, "reason": "visto"}
            return [{"dt": 0.2, "act": act}]
        if deed in ("reweigh", "void"):
            act = {"person": "J. Mora", "deed": deed, "reason": "otra vez"}
            return [{"dt": 0.2, "act": act}, *stand(load.gross_kg)]
        return []

    @precondition(lambda self: self.inside)
    @rule(which=st.integers(0, 9), with_box=st.sampled_from([False, False, False, True]), kill=kills)
    def leaves(self, which: int, with_box: bool, kill: int) -> None:
        """A truck leaves, empty or with the box that it came with."""
        load = self.inside.pop(which % len(self.inside))
        kg = load.gross_kg - (40 if with_box else load.gross_kg - load.empty_kg)
        told = scans(*load.plates) + ([seen(load)] if with_box else [])
        self.passes(OUT, kg, told, kill)
        if with_box:
            self.refused.append(load.document)

    @rule(cargo=cargoes, reason=st.sampled_from(["return", "seizure", "load", None]), kill=kills)
    def takes_out(self, cargo: int, reason: str | None, kill: int) -> None:
        """A truck of usual weight takes a box out that the gate has never seen, with or without a release."""
        load = self.load(0, cargo)
        self.memory.announcements.add(load.announced())
        if reason is not None:
            self.memory.releases.add(load.release(reason))
        self.allowed[load.document] = Allowed(load, reason)
        self.passes(OUT, load.gross_kg, [*scans(f"PCA{load.serial:04d}", load.document), seen(load)], kill)

    @rule(cargo=cargoes, kill=kills)
    def takes_out_what_was_withdrawn(self, cargo: int, kill: int) -> None:
        """The release is taken back before the truck comes."""
        load = self.load(0, cargo)
        self.memory.announcements.add(load.announced())
        self.memory.releases.add(load.release("load"))
        self.memory.releases.withdraw(f"r-{load.serial}")
        self.allowed[load.document] = Allowed(load, None)
        self.passes(OUT, load.gross_kg, [*scans(load.document), seen(load)], kill)

    @rule(rig=rigs, cargo=cargoes, kill=kills)
    def comes_to_be_weighed_once(self, rig: int, cargo: int, kill: int) -> None:
        """A truck whose empty weight the gate may have learnt; the site's usual tares are wrong for it."""
        load = self.load(rig, cargo)
        self.memory.announcements.add(load.announced())
        self.passes(ONCE, load.gross_kg, [*scans(*load.plates, load.document), seen(load)], kill)

    @rule(cargo=cargoes, other=cargoes, kill=kills)
    def two_close_behind(self, cargo: int, other: int, kill: int) -> None:
        """The scale is never free between two trucks, which may weigh the same; each has a ticket."""
        first, second = self.load(0, cargo), self.load(0, other)
        lines: list[Line] = stand(0, 3)
        for load in (first, second):
            self.memory.announcements.add(load.announced())
            told = [*scans(f"TKT{load.serial:06d}", load.document), seen(load)]
            lines += [*stand(load.gross_kg), *told, *stand(load.gross_kg), *stand(8000, 2)]
        self.arrivals += 2
        self.hear(ONCE, [*lines, *stand(0, 12)], kill)

    @rule(seconds=st.sampled_from([61, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.hear(IN, [{"dt": seconds}], kill=-1)

    def teardown(self) -> None:
        try:
            self.house.end()
            self.house.kill()
            self.judge()
        finally:
            self.house.kill()
            self.folder.cleanup()

    def judge(self) -> None:
        house = self.house
        house.opened = list(dict.fromkeys([*house.opened, *(visit.visit for visit in house.visits)]))
        assert len(house.visits) == self.arrivals
        check_chain(house)
        check_complete(house)
        last = [revisions[-1] for name, revisions in house.drafts.items() if name not in house.cancelled]
        documents = Counter(draft.payload.document.number for draft in last if draft.payload.document)
        assert documents == Counter(self.loads.keys() - self.voided)
        for draft in last:
            if draft.status is Status.COMPLETE:
                self.is_true(draft)
        assert {load.document for load in self.inside} == {
            draft.document.number for stay in self.memory.stays for draft in stay.drafts if draft.document
        }
        self.replays()

    def is_true(self, draft: Draft) -> None:
        """A complete draft says of its document what its truck really carried."""
        assert draft.payload.document
        load, item = self.loads[draft.payload.document.number], draft.payload.items[0]
        assert load.document not in self.refused
        assert (item.container, item.packages) == (load.box, 10 + load.serial)
        assert item.weight_kg == load.cargo_kg
        if draft.payload.report is ReportKind.EXIT:
            reason = draft.payload.exit_reason
            assert reason is not None
            assert self.allowed[load.document].reason == reason.value

    def replays(self) -> None:
        """Every tape decides again what it decided, also those that a kill has cut."""
        kept: Counter[str] = Counter()
        for tape in self.house.tapes():
            recording = read_tape(tape)
            assert recording.ended
            assert compare(recorded(recording), replay(recording, CODES)) == []
            kept.update(json.dumps(letter.data) for letter in recorded(recording))
        assert set(kept) == {json.dumps(letter.data) for letter in self.house.stored.letters}


def run(machine: Callable[[], RuleBasedStateMachine], how: settings) -> None:
    run_state_machine_as_test(machine, settings=how)


def test_what_two_lanes_say_is_complete_is_true() -> None:
    run(TwoLanes, QUICK)


@pytest.mark.long
def test_what_two_lanes_say_is_complete_is_true_however_they_are_used() -> None:
    run(TwoLanes, LONG)
