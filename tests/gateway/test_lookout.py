"""The lookout of a lane: what is read of which picture, and what a clerk hears of the answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from drivers.advice import PICTURES
from drivers.camera.condition import Look, PictureState
from drivers.readings import Picture, Scan, Stamped
from gateway.camera_watch import MEASURE_S, CameraWatch
from gateway.clerk.visit import PlateSeen, Seen, Taken, Tick, Visit
from gateway.clerk.visits import VisitRules, Visits
from gateway.clerk.weighing import Arrival, Departure
from gateway.lookout import CALM_S, Lookout, Read
from gateway.papers import AGAIN_S, GONE_S, Papers
from gateway.preadvice.book import Announcements
from gateway.reading import BARCODES, LOOK, PLATES
from gateway.site.camera import Camera
from ocr.barcodes import Barcode
from ocr.plates import PlateSighting
from ocr.sighting import Candidate, Sighting, Status
from ocr.view import View
from ocr.worker import CONTAINER

AT = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
CODE = Barcode("02820264000123456", "]C0", ())
EMPTY = Picture(b"no truck")


def part(**given: Any) -> Camera:
    fields = {"name": "c", "kind": "mjpeg", "url": "http://h/", **given}
    known = {name: value for name, value in fields.items() if value is not None}
    made: Camera = TypeAdapter(Camera).validate_json(TypeAdapter(Any).dump_json(known))
    return made


class Clock:
    def __init__(self) -> None:
        self.t = 100.0

    def now(self) -> datetime:
        return AT

    def monotonic(self) -> float:
        return self.t


class House:
    """A lookout with one camera; the worker keeps what it is asked and answers nothing by itself."""

    def __init__(self, **camera: Any) -> None:
        self.clock, self.asked, self.inbox = Clock(), list[tuple[str, str, View | None]](), list[Read]()
        self.done: list[Callable[[Any], None]] = []
        self.kept: list[bytes] = []
        self.states: list[PictureState] = []
        self.lookout = Lookout(
            "lane",
            (part(**camera),),
            self,
            Announcements(),
            keep=self.keep,
            put=self.inbox.append,
            tell=self.tell,
            clock=self.clock,
        )
        self.visits = Visits("lane", VisitRules(), iter(f"id-{n}" for n in range(99)).__next__)

    def tell(self, camera: str, state: PictureState) -> None:
        self.states.append(state)

    def keep(self, data: bytes) -> str:
        self.kept.append(data)
        return "0" * 64

    def submit(
        self,
        key: str,
        data: bytes,
        expected: frozenset[str],
        done: Callable[[Any], None],
        *,
        view: View | None = None,
        reader: str = CONTAINER,
    ) -> None:
        self.asked.append((reader, key, view))
        self.done.append(done)

    def arrive(self) -> Visit:
        """A truck comes before a camera that has shown another picture until now."""
        self.lookout.picture(Stamped("c", AT, self.clock.t, EMPTY), EMPTY, None, near=True)
        self.visits.hear(Arrival(AT, self.clock.t))
        assert self.visits.present
        return self.visits.present

    def shows(self, text: str, visit: Visit | None = None) -> list[Taken]:
        stamped = Stamped("c", AT, self.clock.t, Picture(text.encode()))
        return self.lookout.picture(stamped, Picture(text.encode()), visit, near=visit is not None)

    def answer(self, seen: Any, visit: Visit | None = None) -> list[Any]:
        self.done.pop()(seen)
        return list(self.lookout.heard(self.inbox.pop(), visit))


def plates(*found: str) -> PlateSighting:
    cheap = tuple(Candidate(plate, 0.3) for plate in found)
    status = Status.ACCEPTED if found else Status.NOTHING
    return PlateSighting(found[0] if found else None, found, status, 0.3, 5.0, cheap, (), None, 1.0)


def test_without_a_truck_no_picture_is_read_for_containers_or_plates() -> None:
    house = House(sees=["containers", "plates"])
    assert house.shows("one") == []
    assert house.asked == []


def test_a_picture_goes_to_every_reader_that_the_camera_needs_with_its_view() -> None:
    house = House(sees=["containers", "plates"], region=[0, 0.5, 1, 1], turn=90, mirror=True)
    visit = house.arrive()
    taken = house.shows("one", visit)
    assert [each.plates for each in taken] == [False, True]
    view = View((0, 0.5, 1, 1), 90, True)
    key = f"lane/c/{visit.id}"
    assert house.asked == [(CONTAINER, key, view), (PLATES, key, view)]
    assert house.shows("one", visit) == [], "the same picture again: the camera has frozen"


def test_a_picture_that_came_before_the_truck_is_never_of_it() -> None:
    house = House(sees=["containers", "plates"])
    house.arrive()
    house.clock.t += 20
    house.shows("the truck before")
    house.clock.t += 5
    visit = house.arrive()
    house.clock.t += 1
    for _ in range(5):
        assert house.shows("the truck before", visit) == [], "the camera hangs"
    assert house.asked == []
    assert [each.plates for each in house.shows("this truck", visit)] == [False, True]
    assert house.shows("the truck before", visit) == [], "it hangs again, on what it had shown"


def test_after_a_start_the_first_picture_may_be_of_any_truck() -> None:
    house = House()
    house.visits.hear(Arrival(AT, house.clock.t - 30))
    visit = house.visits.present
    assert visit
    assert house.shows("a", visit) == house.shows("a", visit) == []
    assert len(house.shows("b", visit)) == 1
    assert house.shows("a", visit) == []


def test_a_file_that_lay_in_its_folder_before_the_truck_came_is_not_of_it() -> None:
    house = House(kind="folder", folder="f", url=None)
    visit = house.arrive()
    house.clock.t += 5
    for text, age_s, taken in (("late", 6.0, 0), ("own", 4.0, 1)):
        picture = Picture(text.encode(), age_s=age_s)
        stamped = Stamped("c", AT, house.clock.t, picture)
        assert len(house.lookout.picture(stamped, picture, visit, near=True)) == taken


def test_a_frozen_camera_is_neither_read_nor_measured() -> None:
    house = House(sees=["barcodes"])
    for _ in range(4):
        house.shows("papers")
        house.clock.t += 30
    assert house.states == [PictureState.FROZEN]
    before = len(house.asked)
    for _ in range(4):
        house.shows("papers")
        house.clock.t += 30
    assert len(house.asked) == before


def test_plates_are_told_with_their_part_and_their_picture_is_kept() -> None:
    house = House(sees=["plates"], part="tractor")
    visit = house.arrive()
    [taken] = house.shows("one", visit)
    house.visits.hear(taken)
    [seen] = house.answer(plates("GBA1234"), visit)
    assert isinstance(seen, PlateSeen)
    assert (seen.part, seen.plates, seen.picture, seen.cost) == ("tractor", ("GBA1234",), taken.picture, 0.3)
    assert house.kept == [b"one"]
    house.visits.hear(seen)
    assert house.visits.present
    assert house.visits.present.plates == (seen,)
    assert house.shows("two", house.visits.present) == [], "the plate is known"


def test_a_truck_that_is_known_is_read_again_for_a_person_who_asks_and_then_no_more() -> None:
    house = House(sees=["plates"], part="tractor")
    visit = house.arrive()
    house.visits.hear(house.shows("one", visit)[0])
    house.visits.hear(house.answer(plates("GBA1234"), visit)[0])
    known = house.visits.present
    assert known
    assert house.shows("two", known) == []
    house.lookout.again(known)
    assert len(house.shows("one", known)) == 1, "the same picture is a fresh one after the question"
    assert [len(house.shows(text, known)) for text in ("two", "three", "four")] == [1, 1, 0]


@pytest.mark.parametrize("answer", [plates(), None])
def test_a_picture_without_a_plate_is_told_as_read_so_that_the_visit_can_end(answer: Any) -> None:
    house = House(sees=["plates"])
    visit = house.arrive()
    [taken] = house.shows("one", visit)
    house.visits.hear(taken)
    house.visits.hear(Departure(AT, 110.0))
    assert house.visits.hear(Tick(120.0)) == [], "the picture is still being read"
    house.clock.t = 121.0
    [seen] = house.answer(answer)
    [closed] = house.visits.hear(seen)
    assert closed.visit.plates == ()
    assert house.kept == []


def test_an_unreadable_picture_of_a_container_is_told_and_not_kept() -> None:
    house = House()
    [taken] = house.shows("one", house.arrive())
    [seen] = house.answer(Sighting.empty(Status.UNREADABLE, 1.0))
    assert isinstance(seen, Seen)
    assert (seen.picture, house.kept) == (taken.picture, [])


def test_a_code_in_a_picture_is_a_scan_of_the_camera_with_its_aim() -> None:
    house = House(face="document")
    assert house.shows("one") == []
    assert [reader for reader, _, _ in house.asked] == [BARCODES]
    [scanned] = house.answer((CODE,))
    assert scanned == Stamped("c", AT, 100.0, Scan(CODE.text, "]C0", b"]C0" + CODE.text.encode()))
    assert scanned.reading.symbology == "Code 128"


def test_an_empty_table_is_searched_once_a_second_and_all_the_time_while_a_truck_is_there() -> None:
    house = House(face="document")
    house.shows("one")
    house.shows("two")
    assert len(house.asked) == 1
    house.clock.t += CALM_S
    house.shows("three")
    assert len(house.asked) == 2
    visit = house.arrive()
    house.shows("four", visit)
    house.shows("five", visit)
    assert len(house.asked) == 4


def test_a_paper_is_told_once_for_a_truck_and_never_for_the_next_while_it_lies_there() -> None:
    papers = Papers()
    told = {now: papers.fresh([CODE], "first", now) for now in (0.0, 1.0, 2.0)}
    assert [now for now, codes in told.items() if codes] == [0.0]
    assert papers.fresh([CODE], None, 4.0) == []
    assert papers.fresh([CODE], "second", 8.0) == [], "forgotten on the table"
    assert papers.fresh([], "second", 8.0 + GONE_S) == []
    assert papers.fresh([CODE], "second", 9.0 + GONE_S) == [CODE], "taken away and laid there again"


def test_a_paper_that_lies_there_before_its_truck_stays_fresh_and_is_the_trucks() -> None:
    papers = Papers()
    times = [float(now) for now in range(0, 121, 2)]
    told = [now for now in times if papers.fresh([CODE], None, now)]
    assert told == [0, AGAIN_S, 2 * AGAIN_S, 3 * AGAIN_S, 4 * AGAIN_S]
    assert VisitRules().scan_before_s > AGAIN_S
    assert papers.fresh([CODE], "first", 122.0) == [CODE]
    assert papers.fresh([CODE], "first", 123.0) == []


def look(brightness: float = 120.0, contrast: float = 50.0, detail: float = 0.5) -> Look:
    outline = tuple((-1.0) ** n for n in range(64 * 36))
    return Look(b"", brightness, contrast, detail, outline)


def test_pictures_are_measured_now_and_then_while_no_truck_hides_the_view() -> None:
    house = House(region=[0, 0, 0.5, 0.5])
    for n in range(100):
        house.clock.t += 0.5
        house.shows(f"{n}")
    assert [reader for reader, _, _ in house.asked] == [LOOK] * 4
    assert all(view is None for _, _, view in house.asked), "a camera is judged by its whole picture"
    visit = house.arrive()
    house.clock.t += 2 * MEASURE_S
    house.shows("truck", visit)
    assert house.asked[-1][0] == CONTAINER


@pytest.mark.parametrize(
    ("bad", "state"),
    [(look(3.0, 1.0), PictureState.BLACK), (look(detail=0.05), PictureState.BLURRED)],
)
def test_a_camera_that_sees_nothing_is_told_once_and_once_when_it_is_fine(
    bad: Look, state: PictureState
) -> None:
    house = House()
    shown = [bad] * 5 + [look()] * 3 + [bad]
    for n, measured in enumerate(shown):
        house.clock.t += MEASURE_S
        house.shows(f"before {n}")
        house.clock.t += MEASURE_S
        house.shows(f"{n}")
        while house.done:
            assert house.answer(measured) == []
    assert house.states == [state, PictureState.FINE]


def test_a_frozen_camera_is_told_unless_its_pictures_repeat_themselves_by_nature() -> None:
    told: dict[str, list[PictureState]] = {}
    for name, given, simulated in (
        ("mjpeg", {}, False),
        ("simulated", {}, True),
        ("folder", {"kind": "folder", "folder": "f", "url": None}, False),
    ):
        fields = {key: value for key, value in given.items() if value is not None}
        camera = TypeAdapter(Camera).validate_python({"name": "c", **fields}) if fields else part()
        states = told[name] = []
        watch = CameraWatch(camera, lambda _, state, states=states: states.append(state), simulated=simulated)
        for now in range(0, 90, 10):
            watch.saw("same", float(now))
        watch.saw("another", 100.0)
    assert told == {
        "mjpeg": [PictureState.FROZEN, PictureState.FINE],
        "simulated": [],
        "folder": [],
    }


def test_every_state_of_pictures_has_advice_in_both_languages() -> None:
    assert set(PICTURES) == set(PictureState)
    assert all(text.es != text.en for text in PICTURES.values())


def test_a_code_that_is_seen_again_before_its_truck_comes_is_one_scan() -> None:
    from gateway.clerk.visit import Scanned
    from record.codes import shipped
    from record.identifiers.identify import identify

    visits = Visits("lane", VisitRules(), iter(f"id-{n}" for n in range(9)).__next__)
    for now in (0.0, 30.0, 60.0):
        identifier = identify(CODE.text, codes=shipped())
        visits.hear(Scanned(AT, now, "table", Scan(CODE.text), identifier))
    visits.hear(Arrival(AT, 150.0, zero_kg=Decimal(0)))
    assert visits.present
    assert [scan.monotonic for scan in visits.present.scans] == [60.0]
