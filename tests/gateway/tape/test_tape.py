"""The tape: what it keeps, what a replay makes of it, and how a killed gate goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk
from gateway.clerk.entry import RefusedDeed
from gateway.clerk.knowledge import Memory
from gateway.outbox.outbox import Letter, Outbox
from gateway.preadvice.book import Announcements
from gateway.site.checks import read_site
from gateway.site.site import Site
from gateway.story.book import read
from gateway.story.line import StoryLine
from gateway.story.story import START, heard_of
from gateway.tape import resume
from gateway.tape.replay import compare, recorded, replay
from gateway.tape.tape import Header, Scribe, TapeWriter, read_tape, unended
from record.base import timestamp
from record.codes import shipped
from record.errors import BadRecord
from record.event import EventType
from record.identifiers.identify import identify
from record.proof import SigningKey
from record.topics import Gate

BOOK = Path(__file__).parents[1] / "stories"
PLAIN = sorted(path for path in BOOK.glob("*.jsonl") if "# site:" not in path.read_text(encoding="utf-8"))


class Gatehouse:
    """One lane's scribe with its tape, without devices; `kill` leaves everything as a kill would."""

    def __init__(self, folder: Path, site: Site, memory: Memory) -> None:
        self.site, self.folder = site, folder
        numbers = count(1)
        self.new_id: Callable[[], str] = lambda: f"00000000-0000-7000-8000-{next(numbers):012d}"
        self.writer = TapeWriter(folder, self.header)
        self.scribe = Scribe(self.clerk, memory, self.new_id, self.writer.write)
        self.letters: list[Letter] = []

    def clerk(self, known: Any, new_id: Callable[[], str]) -> Clerk:
        here = Circumstances("test", "1")
        recognise = partial(identify, codes=shipped())
        return Clerk(self.site, self.site.lanes[0], known, recognise, lambda: here, new_id)

    def header(self) -> Header:
        return Header("carril-1", self.site, "1", "test", timestamp(START), 0.0, resume.boot_id())

    def hear(self, line: StoryLine) -> None:
        for heard in heard_of(line, self.scribe.clerk):
            with suppress(RefusedDeed):
                for told in self.scribe.hear(heard):
                    self.letters += told.letters

    def end(self, t: float) -> None:
        self.hear(StoryLine(t=t))

    def kill(self) -> None:
        self.writer.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Gatehouse]:
    house = Gatehouse(tmp_path / "tapes", read_site(BOOK / "site.yaml"), memory())
    yield house
    house.kill()


def memory() -> Memory:
    return Memory(Announcements.read(BOOK / "preadvice.yaml"))


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: path.stem)
def test_a_replay_decides_as_it_was_decided(house: Gatehouse, path: Path) -> None:
    lines = read(path)
    for line in lines:
        house.hear(line)
    house.end(lines[-1].t + 3600)
    for tape in sorted(house.folder.glob("*.jsonl")):
        recording = read_tape(tape)
        assert recording.ended
        assert compare(recorded(recording), replay(recording, shipped())) == []
    kept = [letter for tape in sorted(house.folder.glob("*.jsonl")) for letter in recorded(read_tape(tape))]
    assert kept == house.letters


def test_a_change_of_rules_is_shown(house: Gatehouse) -> None:
    lines = read(BOOK / "too_heavy.jsonl")
    for line in lines:
        house.hear(line)
    house.end(3600)
    (tape,) = house.folder.glob("*.jsonl")
    text = tape.read_text(encoding="utf-8").replace('"tolerance_percent":"5"', '"tolerance_percent":"50"')
    tape.write_text(text, encoding="utf-8")
    recording = read_tape(tape)
    differences = compare(recorded(recording), replay(recording, shipped()))
    assert differences
    assert "weight_out_of_tolerance" in differences[0].text()


def test_an_idle_lane_writes_no_tape(house: Gatehouse) -> None:
    for line in read(BOOK / "a_spike.jsonl"):
        house.hear(line)
    assert not house.folder.exists()


def passage() -> list[StoryLine]:
    """A truck with everything, weighed four times a second."""
    weights = [(n / 4, "0") for n in range(4)] + [(1 + n / 4, "9000") for n in range(4)]
    weights += [(2 + n / 4, "37000") for n in range(28)] + [(9 + n / 4, "0") for n in range(12)]
    lines = [StoryLine(t=t, weight=kg, stability="moving" if kg == "9000" else "stable") for t, kg in weights]
    lines.append(StoryLine(t=6.1, scan="028-2026-40-00123456"))
    seen = {"camera": "trasera", "number": "CSQU3054383", "type_code": "22G1"}
    lines.append(StoryLine.model_validate({"t": 7.1, "sighting": seen}))
    return sorted(lines, key=lambda line: line.t)


@pytest.mark.parametrize("cut", range(1, len(passage()) + 1))
def test_a_kill_at_any_line_loses_and_doubles_nothing(tmp_path: Path, cut: int) -> None:
    """Killed after ``cut`` lines of the story, before the last line's letters were stored, and gone on."""
    site, lines = read_site(BOOK / "site.yaml"), passage()
    outbox = Outbox(tmp_path / "gateway.db", Gate("guayaquil", "garita-1"), SigningKey.generate())
    first = Gatehouse(tmp_path / "tapes", site, memory())
    for line in lines[: cut - 1]:
        for heard in heard_of(line, first.scribe.clerk):
            for told in first.scribe.hear(heard):
                if told.letters:
                    outbox.put(*told.letters)
    first.hear(lines[cut - 1])
    first.kill()

    again = Gatehouse(tmp_path / "tapes", site, memory())
    again.new_id = partial(next, (f"10000000-0000-7000-8000-{n:012d}" for n in count(1)))
    again.scribe = Scribe(again.clerk, memory(), again.new_id, again.writer.write)
    resume.catch_up(again.folder, outbox)
    cut_off = resume.find(again.folder)
    if cut_off is not None:
        again.writer.resume(cut_off.path)
        clock = resume.LaneClock(cut_off.last + 1 - resume.LaneClock().monotonic())
        resume.relive(cut_off, again.scribe, outbox, clock)
    for line in lines[cut:]:
        moved = line.model_copy(update={"t": line.t + 2})
        for heard in heard_of(moved, again.scribe.clerk):
            for told in again.scribe.hear(heard):
                if told.letters:
                    outbox.put(*told.letters)
    for told in again.scribe.hear(heard_of(StoryLine(t=4000), again.scribe.clerk)[0]):
        if told.letters:
            outbox.put(*told.letters)

    events = [
        json.loads(event.body)
        for event in reversed(outbox.find())
        if event.type != "ec.iie.installation.opened"
    ]
    drafts = [event["data"] for event in events if event["type"] == EventType.DRAFT]
    closed = [event["data"] for event in events if event["type"] == EventType.VISIT_CLOSED]
    assert len(closed) == 1
    assert len({draft["draft"] for draft in drafts}) == 1
    assert [draft["revision"] for draft in drafts] == list(range(1, len(drafts) + 1))
    assert drafts[-1]["payload"]["items"][0]["weight_kg"] == "21320"
    assert drafts[-1]["payload"]["items"][0]["container"] == "CSQU3054383"
    again.kill()
    outbox.close()


def test_a_half_written_line_is_passed_over(house: Gatehouse) -> None:
    lines = read(BOOK / "a_truck_with_everything.jsonl")
    for line in lines[:8]:
        house.hear(line)
    house.kill()
    (tape,) = house.folder.glob("*.jsonl")
    whole = len(read_tape(tape).lines)
    tape.write_bytes(tape.read_bytes()[:-30])
    assert unended(house.folder) == tape
    assert len(read_tape(tape).lines) == whole - 1


def test_what_is_no_tape_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"tape": 99}\n', encoding="utf-8")
    with pytest.raises(BadRecord, match=r"x\.jsonl:1"):
        read_tape(path)


def test_another_truck_after_the_gate_was_away_is_another_visit(house: Gatehouse) -> None:
    from gateway.clerk.weighing import Resumed

    lines = read(BOOK / "a_truck_with_everything.jsonl")
    for line in lines[:9]:
        house.hear(line)
    for told in house.scribe.hear(Resumed(START, 60.0, 50.0)):
        house.letters += told.letters
    for t in range(61, 66):
        house.hear(StoryLine(t=t, weight="29000"))
    house.hear(StoryLine(t=70, scan="028-2026-40-00777777"))
    house.hear(StoryLine(t=71, weight="0"))
    house.hear(StoryLine(t=72, weight="0"))
    house.end(4000)
    drafts = {letter.data["draft"]: letter.data for letter in house.letters if letter.type is EventType.DRAFT}
    weights = [draft["evidence"]["weighings"][0]["kg"] for draft in drafts.values()]
    assert weights == ["37000", "29000"]
    numbers = [draft["payload"]["document"]["number"] for draft in drafts.values()]
    assert numbers == ["02820264000123456", "02820264000777777"]


def test_a_gate_that_was_away_too_long_takes_the_truck_for_another(house: Gatehouse) -> None:
    from gateway.clerk.weighing import Resumed

    lines = read(BOOK / "a_truck_with_everything.jsonl")
    for line in lines[:9]:
        house.hear(line)
    house.scribe.hear(Resumed(START, 1000.0, 990.0))
    assert house.scribe.clerk.present is None
    house.hear(StoryLine(t=1001, weight="37000"))
    house.hear(StoryLine(t=1002, weight="37000"))
    assert house.scribe.clerk.present is not None
