"""A gate that was killed starts again, whatever is on its tapes, and decides on its truck as it would have."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk
from gateway.clerk.knowledge import Memory
from gateway.outbox.outbox import Outbox
from gateway.preadvice.book import Announcements
from gateway.recovery import UNREAD, Begin, Recovery
from gateway.site.checks import read_site
from gateway.site.site import LanePart, Site
from gateway.story.book import read
from gateway.story.line import StoryLine
from gateway.story.story import START, heard_of
from gateway.tape import resume
from gateway.tape.replay import compare, recorded, replay
from gateway.tape.tape import Header, MakeClerk, Scribe, TapeWriter, read_tape
from gateway.trouble import Trouble
from record.base import timestamp
from record.codes import shipped
from record.event import EventType
from record.identifiers.identify import identify
from record.proof import SigningKey, unwire
from record.topics import Gate

BOOK = Path(__file__).parent / "stories"
CODES = shipped()
LINES = read(BOOK / "a_truck_with_everything.jsonl")
STANDS = 9
"""Lines of that story after which the truck stands on the scale with its document."""


def site(**changes: Any) -> Site:
    content = read_site(BOOK / "site.yaml").model_dump(mode="json")
    return Site.model_validate_json(json.dumps({**content, **changes}))


class House:
    """One lane of a gate that is killed and started; only devices are missing."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tapes = folder, folder / "tapes" / "carril-1"
        self.outbox = Outbox(folder / "gateway.db", Gate("guayaquil", "garita-1"), SigningKey.generate())
        self.numbers = count(1)
        self.troubles: dict[Trouble, str | None] = {}
        self.writer: TapeWriter

    def make(self, given: Site, part: LanePart) -> MakeClerk:
        def clerk(known: Any, new_id: Callable[[], str]) -> Clerk:
            return Clerk(
                given, part, known, partial(identify, codes=CODES), lambda: Circumstances("t", "1"), new_id
            )

        return clerk

    def begin(self, given: Site, part: LanePart | None = None) -> Begin:
        lane = part or given.lanes[0]

        def begun(clock: resume.LaneClock) -> tuple[Scribe, TapeWriter]:
            def header() -> Header:
                return Header(
                    lane.name, given, "1", "t", timestamp(START), clock.monotonic(), resume.boot_id()
                )

            self.writer = TapeWriter(self.folder / "tapes" / lane.name, header)
            memory = Memory(Announcements.read(BOOK / "preadvice.yaml"))
            return Scribe(self.make(given, lane), memory, self.new_id, self.writer.write), self.writer

        return begun

    def new_id(self) -> str:
        return f"01920000-0000-7000-8000-{next(self.numbers):012x}"

    def tell(self, kind: Trouble, found: str | None) -> None:
        self.troubles[kind] = found

    def first_life(self, given: Site) -> None:
        """A truck stands on the scale, and the gate is killed before anything of it was stored."""
        scribe, writer = self.begin(given)(resume.LaneClock())
        began = resume.LaneClock().monotonic() - LINES[STANDS - 1].t
        for line in LINES[:STANDS]:
            moved = line.model_copy(update={"t": round(began + line.t, 3)})
            for heard in heard_of(moved, scribe.clerk):
                scribe.hear(heard)
        writer.close()

    def start(self, given: Site) -> tuple[Scribe, float]:
        recovery = Recovery(given, self.outbox, self.make)
        scribe, clock = recovery.bring_back(self.tapes, self.begin(given), self.tell)
        return scribe, clock.monotonic()

    def drive_off(self, scribe: Scribe, t: float) -> None:
        for n in range(8):
            self.hear(scribe, StoryLine.model_validate({"t": round(t + 1 + n, 3), "weight": 0}))
        self.hear(scribe, StoryLine(t=round(t + 200, 3)))

    def hear(self, scribe: Scribe, line: StoryLine) -> None:
        for heard in heard_of(line, scribe.clerk):
            for told in scribe.hear(heard):
                self.outbox.keep(*told.letters)

    def events(self, kind: EventType) -> list[dict[str, Any]]:
        return [unwire(each.body)["data"] for each in reversed(self.outbox.find()) if each.type == kind]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.writer.close()
    house.outbox.close()


def weight(draft: dict[str, Any]) -> str:
    return str(draft["payload"]["items"][0].get("weight_kg"))


def test_a_truck_is_decided_on_by_the_site_that_it_arrived_under_and_the_next_by_todays(house: House) -> None:
    then, now = site(), site(tares={"tractor_kg": "1", "chassis_kg": "1", "boxes": {"22G1": "1"}})
    house.first_life(then)
    scribe, t = house.start(now)
    assert scribe.clerk.present is not None
    house.drive_off(scribe, t)
    own = weight(house.events(EventType.DRAFT)[-1])
    assert own == "21320"
    for n, kg in enumerate((37000,) * 6):
        house.hear(scribe, StoryLine.model_validate({"t": round(t + 300 + n, 3), "weight": kg}))
    house.hear(scribe, StoryLine.model_validate({"t": round(t + 307, 3), "scan": "028-2026-40-00777777"}))
    house.drive_off(scribe, t + 310)
    following = house.events(EventType.DRAFT)[-1]
    assert following["payload"]["document"]["number"] == "02820264000777777"
    assert any(term["kg"] == "-1" for term in following["evidence"]["arithmetic"][0]["terms"])
    for tape in sorted(house.tapes.glob("*.jsonl")):
        recording = read_tape(tape)
        assert compare(recorded(recording), replay(recording, CODES)) == [], (
            "a replay decides as the gate did"
        )


def test_a_tape_of_another_gate_is_told_and_gone_on_with_by_todays_rules(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    then = site(gate="garita-9")
    house.first_life(then)
    with caplog.at_level(logging.WARNING):
        scribe, t = house.start(site())
    assert "garita-9" in caplog.text
    house.drive_off(scribe, t)
    assert [each["outcome"] for each in house.events(EventType.VISIT_CLOSED)] == ["drafted"]


def test_a_letter_that_no_event_holds_is_set_aside_once_and_the_gate_starts(house: House) -> None:
    house.first_life(site())
    [tape] = house.tapes.glob("*.jsonl")
    rows = [json.loads(row) for row in tape.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        for letter in row.get("letters", ()):
            letter["data"]["evidence"]["machine"] = "x" * 70_000
    tape.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    scribe, _ = house.start(site())
    aside = house.outbox.aside()
    assert aside
    assert scribe.clerk.present is not None
    assert "are allowed" in str(house.troubles[Trouble.RECORD])
    house.writer.close()
    scribe, t = house.start(site())
    assert house.outbox.aside() == aside, "it is not tried again"
    house.drive_off(scribe, t)
    assert [each["outcome"] for each in house.events(EventType.VISIT_CLOSED)] == ["drafted"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("site", {"depot": {}}),
        ("site", None),
        ("monotonic", "yesterday"),
        ("lane", None),
    ],
)
def test_a_tape_with_a_broken_header_stops_no_start(house: House, place: str, value: Any) -> None:
    house.first_life(site())
    [tape] = house.tapes.glob("*.jsonl")
    first, _, rest = tape.read_text(encoding="utf-8").partition("\n")
    header = {**json.loads(first), place: value}
    tape.write_text(json.dumps(header) + "\n" + rest, encoding="utf-8")
    scribe, _ = house.start(site())
    assert scribe.clerk.present is None or place == "lane"


@pytest.mark.parametrize("letters", [[{"type": "ec.iie.unheard"}], [{}], "x", [None]])
def test_a_tape_with_a_broken_line_stops_no_start(house: House, letters: Any) -> None:
    house.first_life(site())
    [tape] = house.tapes.glob("*.jsonl")
    rows = [json.loads(row) for row in tape.read_text(encoding="utf-8").splitlines()]
    rows[-1]["letters"] = letters
    tape.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    house.start(site())


def test_a_fault_of_ours_in_the_past_is_laid_aside_and_told_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.first_life(site())

    def failing(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(Scribe, "relive", failing)
        house.start(site())
    assert "a fault of ours" in str(house.troubles.pop(Trouble.RECOVERY))
    [kept] = house.tapes.iterdir()
    assert kept.name.endswith(UNREAD)
    house.start(site())
    assert house.troubles == {}


def test_the_truck_of_a_lane_that_the_site_has_no_more_is_ended(house: House) -> None:
    house.first_life(site())
    content = read_site(BOOK / "site.yaml").model_dump(mode="json")
    content["lanes"][0]["name"] = "carril-7"
    now = Site.model_validate_json(json.dumps(content))
    recovery = Recovery(now, house.outbox, house.make)
    recovery.end_removed(house.tapes, house.begin)
    [closed] = house.events(EventType.VISIT_CLOSED)
    assert (closed["lane"], closed["outcome"]) == ("carril-1", "drafted")
    recovery.end_removed(house.tapes, house.begin)
    assert len(house.events(EventType.VISIT_CLOSED)) == 1
