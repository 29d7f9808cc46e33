"""However much a gate heard of a truck: its events fit, and say what they do not hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.readings import Kind, Scan, Stability, Stamped, Unit, Weight
from gateway.clerk.act import LONGEST_TEXT, Act, Deed
from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk, Heard
from gateway.clerk.knowledge import Memory
from gateway.clerk.room import hash_of
from gateway.clerk.visit import PlateSeen, Seen, Visit
from gateway.outbox.event import Place, seal_letter
from gateway.outbox.letter import Letter
from gateway.preadvice.book import Announcements
from gateway.site.site import Site
from ocr.sighting import Candidate, Sighting, Status
from record.announcing.yaml_file import read_preadvice
from record.codes import shipped
from record.draft import SITE, VISIT, Draft
from record.errors import BadRecord
from record.event import MAX_BYTES, EventType
from record.identifiers.identify import identify
from record.proof import GENESIS, SigningKey

BOOK = Path(__file__).parents[1] / "stories"
SITE_OF_THE_BOOK = Site.model_validate(yaml.safe_load((BOOK / "site.yaml").read_text(encoding="utf-8")))
AT = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
KEY = SigningKey.generate()
CODES = shipped()
DAE, BOX = "02820264000123456", "CSQU3054383"
SOURCE = "/depot/g1/01920000-0000-7000-8000-000000000000"
ID = "01920000-0000-7000-8000-000000000001"
FIELDS: tuple[tuple[str, Any], ...] = (
    ("/document", {"type": "DAE", "number": DAE}),
    ("/items/0/container", BOX),
    ("/items/0/size_type", "22G1"),
    ("/items/0/seals", ["A1", "A2", "A3", "A4"]),
    ("/items/0/description", "CAJAS"),
    ("/items/0/packages", 10),
    ("/items/0/packaging", "035"),
    ("/items/0/weight_kg", "21000"),
)


class House:
    """A clerk with a truck on its scale, and all letters that it has made.

    A truck that still ``moves`` has no draft yet, so that much can be heard of it at little cost.
    """

    def __init__(self, moves: bool = False) -> None:
        numbers = count(1)
        self.t = 100.0
        self.letters: list[Letter] = []
        self.clerk = Clerk(
            SITE_OF_THE_BOOK,
            SITE_OF_THE_BOOK.lanes[0],
            Memory(announcements=Announcements(read_preadvice(BOOK / "preadvice.yaml"))),
            partial(identify, codes=CODES),
            lambda: Circumstances("gate", "1"),
            lambda: f"01920000-0000-7000-8000-{next(numbers):012x}",
        )
        for kg in (0, 0, 0):
            self.weight(kg)
        for kg in [29680] * 6:
            self.weight(kg, Stability.MOVING if moves else Stability.STABLE)

    @property
    def visit(self) -> Visit:
        assert self.clerk.present
        return self.clerk.present

    def hear(self, heard: Heard) -> None:
        for told in self.clerk.hear(heard):
            self.letters += told.letters

    def weight(self, kg: int, stability: Stability = Stability.STABLE) -> None:
        self.t += 1
        self.hear(self.stamped(Weight(Decimal(kg), Unit.KG, stability, Kind.GROSS)))

    def stamped(self, reading: Any) -> Stamped:
        return Stamped("d", AT + timedelta(seconds=self.t), self.t, reading)

    def scan(self, text: str) -> None:
        self.hear(self.stamped(Scan(text)))

    def see(self, number: str, candidates: int) -> None:
        self.t += 0.1
        guesses = tuple(Candidate(f"MSCU{n:07d}", 0.5 + n) for n in range(candidates))
        seen = Sighting(number, (number,), "22G1", Status.ACCEPTED, 0.1, 9.0, guesses, (), b"crop", 1.0)
        picture = f"{len(self.visit.sightings):064x}"
        self.hear(Seen(AT, self.t, self.visit.id, "trasera", "rear", picture, seen, picture))

    def plate(self, plate: str) -> None:
        self.hear(PlateSeen(AT, self.t, self.visit.id, "frontal", "tractor", "0" * 64, (plate,), 0.3))

    def act(self, deed: Deed, field: str, value: Any, text: str, person: str) -> None:
        """A person's deed; what nobody may do is not done."""
        self.t += 0.1
        name = person + text[: LONGEST_TEXT - 5]
        with suppress(BadRecord):
            self.hear(Act(AT, self.t, name, text[:LONGEST_TEXT], deed, text, field, value))

    @property
    def drafts(self) -> Iterator[Draft]:
        for letter in self.letters:
            if letter.type is EventType.DRAFT:
                yield Draft.from_wire(dict(letter.data))


def size(letter: Letter) -> int:
    """Bytes of the letter's event. Raises `BadRecord` where it fits into none."""
    place = Place(SOURCE, 2**31 - 1, GENESIS)
    return len(seal_letter(letter, place, ID, "2026-11-24T17:00:00.000Z", KEY).body)


def is_true(draft: Draft, visit: Visit) -> None:
    """Every proof that a field names is there, and what is not there is told."""
    evidence = draft.evidence
    entries: tuple[Any, ...] = (
        *evidence.weighings,
        *evidence.arithmetic,
        *evidence.sightings,
        *evidence.scans,
        *evidence.plates,
        *evidence.tares,
        *evidence.preadvice,
        *evidence.releases,
        *evidence.acts,
    )
    known = {str(entry.id) for entry in entries} | {SITE, VISIT}
    for pointer, source in draft.provenance.items():
        assert source.evidence, pointer
        assert known.issuperset(source.evidence), pointer
    told = {each.what: each.count for each in evidence.left_out}
    assert len(evidence.sightings) + told.get("sightings", 0) == len(visit.sightings)
    whole = sum(not each.reason.endswith("…") for each in evidence.acts)
    assert whole + told.get("acts", 0) == len(visit.acts)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    letter=st.sampled_from(["a", "é", "\U0001f69b", '"', "\\"]),
    length=st.integers(1, LONGEST_TEXT),
    scans=st.integers(0, 80),
    sightings=st.integers(0, 30),
    acts=st.integers(0, 16),
    plates=st.integers(0, 30),
)
def test_however_much_was_heard_every_event_fits_and_is_true(
    letter: str, length: int, scans: int, sightings: int, acts: int, plates: int
) -> None:
    house, text = House(moves=True), letter * length
    for number in range(scans):
        house.scan((DAE, BOX, f"GBA{number:04d}", f"{text}{number}", f"028202640{number:08d}")[number % 5])
    for number in range(sightings):
        house.see((BOX, "TEXU3070079")[number % 7 == 0], number % 9)
    for number in range(plates):
        house.plate(f"PBA{number:04d}")
    for number in range(acts):
        field, value = FIELDS[number % len(FIELDS)]
        one = scans < 5  # of several documents a field has several values
        field, value = (field, value) if one else FIELDS[1 + number % 3]
        deed = Deed.CONFIRM if number % 3 == 2 else Deed.ENTER
        house.act(deed, field, value, text, f"p{number % 4}")
    for kg in (29680, 29680, 29680):
        house.weight(kg)
    visit = house.visit
    assert visit.weighing
    for _ in range(6):
        house.weight(0)
    for each in house.letters:
        assert size(each) <= MAX_BYTES
    last: dict[str, Draft] = {draft.draft: draft for draft in house.drafts}
    for draft in last.values():
        is_true(draft, visit)


def test_a_small_draft_leaves_nothing_out() -> None:
    house = House()
    house.scan(DAE)
    house.see(BOX, 2)
    house.act(Deed.ENTER, "/items/0/packages", 12, "counted", "Mora")
    assert list(house.drafts)[-1].evidence.left_out == ()


def test_a_persons_last_word_stays_and_what_is_left_out_is_named_by_its_hash() -> None:
    house = House()
    house.scan(DAE)
    for number in range(150):
        house.act(Deed.ENTER, "/items/0/packages", number + 1, f"count {number} " + "x" * 400, "Mora")
    draft = list(house.drafts)[-1]
    assert draft.payload.items[0].packages == 150
    assert draft.provenance["/items/0/packages"].evidence == ("act-150",)
    carried = {act.id for act in draft.evidence.acts}
    assert "act-150" in carried
    assert "act-1" not in carried
    [told] = draft.evidence.left_out
    missing = [act for index, act in enumerate(house.visit.acts, 1) if f"act-{index}" not in carried]
    assert (told.what, told.count, told.sha256) == ("acts", len(missing), hash_of(missing))
    assert size(house.letters[-1]) <= MAX_BYTES


def test_the_scan_of_the_document_is_carried_however_many_papers_there_were() -> None:
    house = House()
    for number in range(100):
        house.scan(f"GBA{number:04d}")
    house.scan(DAE)
    draft = list(house.drafts)[-1]
    assert draft.provenance["/document/number"].evidence == ("scan-101",)
    is_true(draft, house.visit)


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[2J"])
def test_a_deed_with_control_characters_is_refused(text: str) -> None:
    house = House()
    house.scan(DAE)
    with pytest.raises(BadRecord, match="reason"):
        house.hear(Act(AT, house.t, "Mora", "guard", Deed.ENTER, text, "/items/0/packages", 3))
