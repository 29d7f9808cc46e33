"""A lane on real lines: ptys, an HTTP camera and an outbox on disk. Only the reader is a stand-in, which knows
what stands in each picture. Whatever goes wrong is told, and the lane goes on to a draft."""

from __future__ import annotations

import json
import logging
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uuid_utils

from drivers.device import DeviceState
from drivers.readings import Kind, Stability, Unit, Weight
from drivers.simulator.camera import CameraSimulator, Fault
from drivers.simulator.scale import ScaleSimulator
from drivers.simulator.scanner import ScannerSimulator
from gateway.board import Board
from gateway.clerk.act import Act, Deed
from gateway.clerk.aspect import Aspect
from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk, Told
from gateway.clerk.knowledge import Memory
from gateway.evidence import MEGABYTE, EvidenceStore
from gateway.lane import Lane
from gateway.outbox.outbox import Letter, Outbox, OutboxBroken
from gateway.remote_deed import remote_deed
from gateway.site.site import Site
from gateway.tape.tape import Scribe
from gateway.trouble import Trouble
from ocr.sighting import Candidate, Sighting, Status
from ocr.view import View
from ocr.worker import CONTAINER
from record.codes import shipped
from record.event import EventType
from record.identifiers.identify import identify
from record.proof import SigningKey, unwire
from record.topics import Gate

GATE = Gate("deposito", "garita-1")
DAE = "02820264000000001"
NUMBER = "MSCU1234566"
GROSS = Decimal(29680)
TRACTOR, CHASSIS, BOX = 7800, 5600, 2280
LANE = "carril-1"


def jpeg(text: str) -> bytes:
    """Bytes that begin and end as a JPEG does; the stand-in reader looks at what is between."""
    return b"\xff\xd8\xff" + text.encode() + b"\xff\xd9"


class Reader:
    """Stands in for the reading worker: reads ``number type`` out of the bytes, at once."""

    def __init__(self) -> None:
        self.read: list[bytes] = []

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
        self.read.append(data)
        done(self.sighting(data[3:-2].decode().split()))

    def sighting(self, words: list[str]) -> Sighting:
        if len(words) < 2:
            return Sighting.empty(Status.NOTHING, 1.0)
        number, code = words[:2]
        found = (Candidate(number, 0.1),)
        return Sighting(number, (number,), code, Status.ACCEPTED, 0.1, 9.0, found, (), jpeg("crop"), 1.0)


class Lanehouse:
    """One lane with everything on it."""

    def __init__(self, folder: Path, reserve: int = 0) -> None:
        self.folder = folder
        self.camera = CameraSimulator()
        self.scale, self.scanner = self.new_scale(), ScannerSimulator(folder / "scanner")
        self.reader, self.board = Reader(), Board((LANE,))
        self.outbox = Outbox(folder / "gateway.db", GATE, SigningKey.generate())
        self.store = EvidenceStore(folder / "evidence", reserve)
        site = Site.model_validate_json(self.site())
        memory = Memory()
        scribe = Scribe(partial(self.clerk, site), memory, lambda: str(uuid_utils.uuid7()), lambda *_: None)
        self.lane = Lane(
            site.lanes[0],
            scribe,
            outbox=self.outbox,
            worker=self.reader,
            store=self.store,
            announcements=memory.announcements,
            board=self.board,
        )

    def site(self) -> str:
        return json.dumps(
            {
                "depot": {
                    "name": GATE.depot,
                    "profile": "temporal",
                    "district": "028",
                    "oce": "99999999",
                    "operator_type": "14",
                },
                "gate": GATE.gate,
                "data": str(self.folder),
                "keys": {"signing": "gate.pem", "registry": "ed25519:x"},
                "broker": {"host": "127.0.0.1"},
                "tares": {"tractor_kg": TRACTOR, "chassis_kg": CHASSIS, "boxes": {"22G1": BOX}},
                "rules": {"linger_s": 0.3, "pending_s": 1.5},
                "lanes": [
                    {
                        "name": LANE,
                        "scale": {
                            "name": "balanza",
                            "protocol": "mt_continuous",
                            "port": str(self.folder / "scale"),
                            "settle_s": 0.3,
                            "stale_after_s": 0.6,
                        },
                        "cameras": [
                            {
                                "name": "trasera",
                                "kind": "mjpeg",
                                "url": self.camera.stream_url,
                                "interval_s": 0.05,
                            }
                        ],
                        "scanners": [{"name": "lector", "port": str(self.folder / "scanner")}],
                    }
                ],
            }
        )

    @property
    def troubles(self) -> dict[Trouble, str]:
        return self.board.view.lanes[LANE].troubles

    def clerk(self, site: Site, known: Any, new_id: Callable[[], str]) -> Clerk:
        here = Circumstances("test", "1")
        recognise = partial(identify, codes=shipped())
        return Clerk(site, site.lanes[0], known, recognise, lambda: here, new_id)

    def new_scale(self) -> ScaleSimulator:
        """An indicator at the lane's port, as after its cable was plugged in again."""
        return ScaleSimulator(self.folder / "scale", "mt_continuous", seven_bit=True)

    def __enter__(self) -> Lanehouse:
        self.scale.start()
        self.scanner.start()
        self.camera.start()
        self.camera.show(jpeg("empty"))
        self.lane.start()
        self.until(lambda: self.scale.end.listening and self.scanner.end.listening, "open lines")
        self.until(lambda: self.state("trasera") is DeviceState.STREAMING, "a camera that streams")
        return self

    def __exit__(self, *_: object) -> None:
        self.lane.stop()
        self.scale.close()
        self.scanner.close()
        self.camera.stop()
        self.outbox.close()

    def until(self, found: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + 60
        while not found():
            assert time.monotonic() < deadline, f"waited in vain for {what}: {self.board.view}"
            time.sleep(0.01)

    def state(self, device: str) -> DeviceState | None:
        known = self.board.view.lanes[LANE].devices.get(device)
        return known.state if known else None

    def arrive(self) -> None:
        """A truck stands on the scale and is settled."""
        self.show(GROSS)
        self.until(lambda: (visit := self.board.view.lanes[LANE].visit) and visit.weighing, "a weighing")

    def show(self, kg: Decimal) -> None:
        self.scale.set(Weight(kg, Unit.KG, Stability.STABLE, Kind.GROSS))

    def leave(self) -> dict[str, Any]:
        """The truck drives off; how its visit ended."""
        self.show(Decimal(0))
        self.until(lambda: self.of(EventType.VISIT_CLOSED), "the end of the visit")
        return self.of(EventType.VISIT_CLOSED)[-1]

    def of(self, kind: EventType) -> list[dict[str, Any]]:
        """The data of all events of a type, oldest first."""
        found = [each for each in reversed(self.outbox.find()) if each.type == kind]
        return [unwire(each.body)["data"] for each in found]

    @property
    def draft(self) -> dict[str, Any]:
        """The latest revision of the only draft."""
        drafts = self.of(EventType.DRAFT)
        assert len({draft["draft"] for draft in drafts}) == 1
        return drafts[-1]

    def findings(self, code: str) -> list[dict[str, Any]]:
        return [each for each in self.draft["findings"] if each["code"] == code]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Lanehouse]:
    with Lanehouse(tmp_path) as house:
        yield house


def item(draft: Mapping[str, Any]) -> dict[str, Any]:
    (only,) = draft["payload"]["items"]
    assert isinstance(only, dict)
    return only


def test_a_truck_becomes_a_draft(house: Lanehouse) -> None:
    house.arrive()
    house.scanner.send(DAE)
    house.camera.show(jpeg(f"{NUMBER} 22G1"))
    house.until(lambda: house.of(EventType.DRAFT) and "container" in item(house.draft), "the container")
    house.until(lambda: "document" in house.draft["payload"], "the document")
    closed = house.leave()
    assert (closed["outcome"], closed["drafts"]) == ("drafted", [house.draft["draft"]])
    assert house.draft["payload"]["document"] == {"type": "DAE", "number": DAE}
    cargo = GROSS - TRACTOR - CHASSIS - BOX
    assert (item(house.draft)["container"], item(house.draft)["weight_kg"]) == (NUMBER, str(cargo))
    proofs = [each for each in house.draft["evidence"]["sightings"] if each["status"] == "accepted"]
    assert proofs
    for sighting in proofs:
        assert house.store.path(sighting["picture"]).read_bytes() == jpeg(f"{NUMBER} 22G1")
        assert house.store.path(sighting["crop"]).read_bytes() == jpeg("crop")


def test_garbage_on_the_line_is_told_as_noise_and_the_next_frame_counts(house: Lanehouse) -> None:
    house.until(lambda: house.state("balanza") is DeviceState.STREAMING, "a scale that streams")
    house.scale.set_frame(b"\xf3\x11garbage\x99\x00\x7f")
    house.until(lambda: house.state("balanza") is DeviceState.NOISE, "noise")
    status = house.board.view.lanes[LANE].devices["balanza"]
    assert status.last_raw
    assert sum(status.skips.values()) > 0
    house.arrive()
    assert house.state("balanza") is DeviceState.STREAMING


def test_a_code_that_is_no_identifier_is_a_finding_with_device_and_text(house: Lanehouse) -> None:
    house.arrive()
    house.scanner.send("X7/9-Q")
    house.scanner.send(DAE)
    house.until(lambda: house.of(EventType.DRAFT) and "document" in house.draft["payload"], "the document")
    house.leave()
    (finding,) = house.findings("unknown_scan")
    assert finding["params"] == {"device": "lector", "text": "X7/9-Q"}
    assert finding["severity"] != "error"


def test_a_picture_without_a_number_leaves_an_incomplete_draft(house: Lanehouse) -> None:
    house.arrive()
    house.scanner.send(DAE)
    house.camera.show(jpeg("nothing"))
    house.until(lambda: jpeg("nothing") in house.reader.read, "the picture to be read")
    house.leave()
    assert house.draft["status"] == "incomplete"
    assert "container" not in item(house.draft)
    (finding,) = house.findings("missing_container")
    assert (finding["severity"], finding["field"]) == ("error", "/items/0/container")


def show_until_read(house: Lanehouse, text: str) -> None:
    """Show a picture of the door until it was read; ``text`` makes it another than those before."""
    picture = jpeg(f"{NUMBER} 22G1 {text}")
    house.camera.show(picture)
    house.until(lambda: picture in house.reader.read, f"the turn of picture {text}")


def test_a_person_at_the_gate_or_the_registry_has_fresh_pictures_of_the_truck_read_again(
    house: Lanehouse,
) -> None:
    house.arrive()
    house.scanner.send(DAE)
    for text in ("one", "two", "three"):
        show_until_read(house, text)
    house.until(lambda: house.of(EventType.DRAFT) and "container" in item(house.draft), "the container")
    at, now = house.lane.moment()
    act = Act(at, now, "Ana", "guard", Deed.REREAD, "")
    house.lane.act(act).result(20)
    show_until_read(house, "four")
    asked = {"lane": LANE, "person": "Leo", "reason": "no se ve el número"}
    assert remote_deed({LANE: house.lane}, Deed.REREAD, asked) == {"lane": LANE}
    show_until_read(house, "five")
    house.leave()
    proofs = [(proof["person"], proof["role"], proof["act"]) for proof in house.draft["evidence"]["acts"]]
    assert proofs == [("Ana", "guard", "reread"), ("Leo", "registry", "reread")]


def test_a_scale_that_is_unplugged_in_the_middle_comes_back_and_the_truck_is_weighed(
    house: Lanehouse,
) -> None:
    house.arrive()
    house.scale.close()
    house.until(lambda: house.state("balanza") is DeviceState.MISSING, "a missing scale")
    status = house.board.view.lanes[LANE].devices["balanza"]
    assert str(house.folder / "scale") in (status.error or "")
    house.scanner.send(DAE)
    house.scale = house.new_scale().start()
    house.show(GROSS)
    house.until(lambda: house.state("balanza") is DeviceState.STREAMING, "the scale again")
    house.until(lambda: house.of(EventType.DRAFT), "a draft")
    closed = house.leave()
    assert len(house.of(EventType.VISIT_CLOSED)) == 1
    assert closed["drafts"] == [house.draft["draft"]]
    assert house.draft["payload"]["document"]["number"] == DAE


def test_a_camera_that_stalls_is_told_and_the_visit_ends_without_it(house: Lanehouse) -> None:
    house.camera.misbehave(Fault.STALLED)
    house.until(lambda: house.state("trasera") is not DeviceState.STREAMING, "a camera that is not streaming")
    house.arrive()
    house.scanner.send(DAE)
    house.until(lambda: house.of(EventType.DRAFT), "a draft")
    closed = house.leave()
    assert closed["outcome"] == "drafted"
    assert house.findings("missing_container")


def test_a_frozen_camera_gives_no_truck_the_number_of_the_one_before(house: Lanehouse) -> None:
    house.arrive()
    house.camera.show(jpeg(f"{NUMBER} 22G1"))
    house.until(lambda: house.of(EventType.DRAFT) and "container" in item(house.draft), "the container")
    first = house.leave()
    house.arrive()
    house.scanner.send(DAE)
    house.until(lambda: len({draft["draft"] for draft in house.of(EventType.DRAFT)}) == 2, "a second draft")
    house.show(Decimal(0))
    house.until(lambda: len(house.of(EventType.VISIT_CLOSED)) == 2, "the end of the second visit")
    second = house.of(EventType.DRAFT)[-1]
    assert second["draft"] not in first["drafts"]
    assert "container" not in item(second)


def test_where_no_picture_can_be_kept_the_facts_go_on_and_it_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "evidence").write_text("a file in the way of the folder")
    with caplog.at_level(logging.ERROR), Lanehouse(tmp_path) as house:
        house.arrive()
        house.scanner.send(DAE)
        for number in range(3):
            house.camera.show(jpeg(f"{NUMBER} 22G1 {number}"))
            house.until(lambda number=number: len(house.reader.read) > number, "the reader")  # type: ignore[misc]
        house.until(lambda: house.of(EventType.DRAFT) and "container" in item(house.draft), "the container")
        assert str(tmp_path / "evidence") in house.troubles[Trouble.EVIDENCE]
        closed = house.leave()
    assert closed["outcome"] == "drafted"
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(told) == 1, told
    assert str(tmp_path / "evidence") in told[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 8 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system takes the right to mount one")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_while_the_disk_is_short_pictures_are_refused_and_records_go_on(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(5 * MEGABYTE))
    with caplog.at_level(logging.INFO), Lanehouse(small_disk, reserve=4 * MEGABYTE) as house:
        house.arrive()
        house.scanner.send(DAE)
        house.camera.show(jpeg(f"{NUMBER} 22G1 short"))
        house.until(lambda: Trouble.EVIDENCE in house.troubles, "the short disk")
        assert "4 MB are kept for records" in house.troubles[Trouble.EVIDENCE]
        house.until(lambda: house.of(EventType.DRAFT) and "container" in item(house.draft), "the container")
        assert list(small_disk.glob("evidence/*/*.jpg")) == []

        ballast.unlink()
        house.camera.show(jpeg(f"{NUMBER} 22G1 enough"))
        house.until(lambda: not house.troubles, "pictures that are kept again")
        assert house.leave()["outcome"] == "drafted"
        assert len(list(small_disk.glob("evidence/*/*.jpg"))) == 2, "the picture and the line that was read"
    assert "evidence is stored again" in caplog.text


def test_what_the_outbox_cannot_take_is_told_once_kept_and_stored_later_in_order(
    house: Lanehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keep, broken, attempts = house.outbox.keep, [True], list[int]()

    def refusing(*letters: Letter) -> Any:
        if broken[0]:
            attempts.append(len(letters))
            raise OutboxBroken("no space left on the disk")
        return keep(*letters)

    monkeypatch.setattr(house.outbox, "keep", refusing)
    with caplog.at_level(logging.INFO):
        house.arrive()
        house.scanner.send(DAE)
        house.show(Decimal(0))
        house.until(lambda: "ends" in caplog.text, "the end of the visit")
        house.until(lambda: len(attempts) > 5, "more attempts")
        assert house.troubles == {Trouble.OUTBOX: "no space left on the disk"}
        broken[0] = False
        house.until(lambda: house.of(EventType.VISIT_CLOSED), "what had to wait")
    revisions = [draft["revision"] for draft in house.of(EventType.DRAFT)]
    assert revisions == list(range(1, len(revisions) + 1))
    house.until(lambda: house.troubles == {}, "the end of the trouble")
    told = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert len(told) == 1, told
    assert "no space left on the disk" in told[0]


def test_a_fault_in_a_rule_is_told_with_its_trace_and_the_lane_goes_on(
    house: Lanehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hear, faults = house.lane._scribe.hear, [RuntimeError("a fault of ours")]

    def failing(heard: Any) -> Any:
        if faults:
            raise faults.pop()
        return hear(heard)

    monkeypatch.setattr(house.lane._scribe, "hear", failing)
    house.until(lambda: not faults, "the fault")
    house.arrive()
    assert house.lane.alive
    assert "a fault of ours" in caplog.text
    assert "Traceback" in caplog.text
    assert house.troubles == {Trouble.FAULT: "RuntimeError: a fault of ours"}


def test_a_truck_at_which_a_rule_failed_is_somebodys_matter_until_another_has_passed(
    house: Lanehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No light says that all is well while nobody knows what the fault has left out."""
    house.arrive()
    hear, faults = house.lane._scribe.hear, [RuntimeError("a fault of ours")]

    def failing(heard: Any) -> Any:
        if faults:
            raise faults.pop()
        return hear(heard)

    monkeypatch.setattr(house.lane._scribe, "hear", failing)
    house.until(lambda: house.troubles, "the fault")
    house.until(lambda: house.board.view.lanes[LANE].aspect is Aspect.REVIEW, "somebody to look")
    assert house.board.view.troubles == f"{LANE}: fault"
    house.leave()
    assert set(house.troubles) == {Trouble.FAULT}
    house.arrive()
    house.leave()
    house.until(lambda: not house.troubles, "the end of the trouble")


def test_what_no_event_can_hold_is_set_aside_told_and_stops_nothing(
    house: Lanehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hear = house.lane._scribe.hear

    def swollen(heard: Any) -> list[Told]:
        """As a fault of ours may make them: drafts that no event holds."""
        return [
            replace(told, letters=tuple(map(too_large, told.letters))) if told.letters else told
            for told in hear(heard)
        ]

    monkeypatch.setattr(house.lane._scribe, "hear", swollen)
    house.arrive()
    house.scanner.send(DAE)
    house.until(lambda: house.outbox.aside(), "what is set aside")
    house.leave()
    assert house.of(EventType.DRAFT) == []
    [first, *_] = house.outbox.aside()
    assert first.type == EventType.DRAFT
    assert "65536 are allowed" in first.reason
    assert first.reason in house.troubles[Trouble.RECORD]
    assert house.outbox.holds(first.type, first.subject, first.revision), "it is not tried again"


def too_large(letter: Letter) -> Letter:
    if letter.type is not EventType.DRAFT:
        return letter
    return replace(letter, data={**letter.data, "evidence": {**letter.data["evidence"], "x": "x" * 70_000}})


def test_stopping_takes_in_what_was_still_on_its_way(tmp_path: Path) -> None:
    with Lanehouse(tmp_path) as house:
        house.arrive()
        house.scanner.send(DAE)
        house.until(lambda: house.of(EventType.DRAFT), "a draft")
        before = time.monotonic()
        house.lane.stop()
        assert not house.lane.alive
        assert time.monotonic() - before < 15
        assert house.draft["payload"]["document"]["number"] == DAE
