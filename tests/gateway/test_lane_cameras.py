"""A lane with cameras as they hang at a gate: processes, streams and the real readers, from a truck to a draft.

The truck is rendered: a film of a door that comes to rest, blurred along its way the more the faster it is, and
pictures of plates and of papers. A camera that stalls is a web server that stops in the middle of its stream.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import uuid_utils
import zxingcpp

from drivers.device import DeviceState
from drivers.readings import Kind, Stability, Unit, Weight
from drivers.simulator.camera import CameraSimulator, Fault
from drivers.simulator.scale import ScaleSimulator
from gateway.board import Board
from gateway.clerk.case import Circumstances
from gateway.clerk.clerk import Clerk
from gateway.clerk.knowledge import Memory
from gateway.evidence import EvidenceStore
from gateway.lane import Lane
from gateway.outbox.outbox import Outbox
from gateway.reading import reading_worker
from gateway.site.site import Site
from gateway.tape.tape import Scribe
from ocr.models import ModelsDamaged, ModelsMissing, find
from ocr.plate_render import render_plate
from ocr.render import render_door
from record.codes import shipped
from record.event import EventType
from record.identifiers.identify import identify
from record.proof import SigningKey, unwire
from record.topics import Gate

GATE = Gate("deposito", "garita-1")
LANE, NUMBER, PLATE, DAE = "carril-1", "MSKU6011672", "GBA1234", "02820264000000001"
FRAMES = 4
SERVER = Path(__file__).parents[1] / "drivers" / "camera" / "rtsp_server.py"
SYSTEM_PYTHON = Path("/usr/bin/python3")


class Gatehouse:
    """One lane with a scale and the cameras that a test names; everything but the truck is real."""

    def __init__(self, folder: Path, cameras: list[dict[str, Any]]) -> None:
        self.scale = ScaleSimulator(folder / "scale", "mt_continuous", seven_bit=True)
        site = Site.model_validate_json(json.dumps(self.site(folder, cameras)))
        self.outbox = Outbox(folder / "gateway.db", GATE, SigningKey.generate())
        self.board, memory = Board((LANE,)), Memory()
        self.worker = reading_worker(lanes=site.lanes)
        self.store = EvidenceStore(folder / "evidence")
        self.lane = Lane(
            site.lanes[0],
            Scribe(partial(self.clerk, site), memory, lambda: str(uuid_utils.uuid7()), lambda *_: None),
            outbox=self.outbox,
            worker=self.worker,
            store=self.store,
            announcements=memory.announcements,
            board=self.board,
            folder=folder,
        )

    def site(self, folder: Path, cameras: list[dict[str, Any]]) -> dict[str, Any]:
        depot = {
            "name": GATE.depot,
            "profile": "temporal",
            "district": "028",
            "oce": "99999999",
            "operator_type": "14",
        }
        scale = {
            "name": "balanza",
            "protocol": "mt_continuous",
            "port": str(folder / "scale"),
            "settle_s": 0.3,
        }
        return {
            "depot": depot,
            "gate": GATE.gate,
            "data": str(folder),
            "keys": {"signing": "gate.pem", "registry": "ed25519:x"},
            "broker": {"host": "127.0.0.1"},
            "tares": {"tractor_kg": 7800, "chassis_kg": 5600, "boxes": {"22G1": 2280}},
            "rules": {"linger_s": 0.3, "pending_s": 20},
            "lanes": [{"name": LANE, "scale": scale, "cameras": cameras}],
        }

    def clerk(self, site: Site, known: Any, new_id: Callable[[], str]) -> Clerk:
        recognise = partial(identify, codes=shipped())
        return Clerk(site, site.lanes[0], known, recognise, lambda: Circumstances("test", "1"), new_id)

    def __enter__(self) -> Gatehouse:
        self.scale.start()
        self.worker.start()
        self.lane.start()
        self.until(lambda: self.scale.end.listening, "the scale's line")
        return self

    def __exit__(self, *_: object) -> None:
        self.lane.stop()
        self.worker.stop()
        self.scale.close()
        self.outbox.close()

    def until(self, found: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + 60
        while not found():
            assert time.monotonic() < deadline, f"waited in vain for {what}: {self.board.view}"
            time.sleep(0.02)

    def state(self, device: str) -> DeviceState | None:
        known = self.board.view.lanes[LANE].devices.get(device)
        return known.state if known else None

    def show(self, kg: int) -> None:
        self.scale.set(Weight(Decimal(kg), Unit.KG, Stability.STABLE, Kind.GROSS))

    def arrive(self) -> None:
        self.show(29680)
        self.until(lambda: (visit := self.board.view.lanes[LANE].visit) and visit.weighing, "a weighing")

    def of(self, kind: EventType) -> list[dict[str, Any]]:
        found = [each for each in reversed(self.outbox.find()) if each.type == kind]
        return [unwire(each.body)["data"] for each in found]

    @property
    def draft(self) -> dict[str, Any]:
        """The latest revision of the only draft, nothing where there is none yet."""
        drafts = self.of(EventType.DRAFT)
        return drafts[-1] if drafts else {"payload": {"items": [{}]}, "evidence": {"plates": []}}

    def leave(self) -> None:
        self.show(0)
        self.until(lambda: self.of(EventType.VISIT_CLOSED), "the end of the visit")


@pytest.fixture
def networks() -> None:
    try:
        find()
    except (ModelsMissing, ModelsDamaged) as error:
        pytest.skip(f"no networks to read with: {error}")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A truck that slows down: the earlier the frame, the more blurred along its way."""
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 3, (1280, 720))
    for frame in range(FRAMES):
        door = np.frombuffer(render_door(NUMBER, "22G1", seed=4, frame=frame), np.uint8)
        length = 2 * (FRAMES - frame) - 1
        kernel = np.full((1, length), 1 / length, np.float32)
        sharp = np.asarray(cv2.imdecode(door, cv2.IMREAD_COLOR))
        writer.write(np.asarray(cv2.filter2D(sharp, -1, kernel), np.uint8))
    writer.release()
    return path


@pytest.fixture
def streaming() -> Iterator[CameraSimulator]:
    with CameraSimulator() as camera:
        yield camera


def paper(text: str) -> bytes:
    """A sheet with one Code 128 on a dark table."""
    code = np.asarray(
        zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=3), np.uint8
    )
    table = np.full((700, 1100), 90, np.uint8)
    table[200:500, 50:1050] = 250
    part = code[:160]
    table[270 : 270 + part.shape[0], 150 : 150 + part.shape[1]] = part
    return cv2.imencode(".jpg", table)[1].tobytes()


def upside_down(data: bytes) -> bytes:
    seen = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
    return cv2.imencode(".jpg", seen[::-1, ::-1])[1].tobytes()


@pytest.mark.usefixtures("networks")
def test_a_film_a_plate_and_a_paper_become_one_draft(
    tmp_path: Path, film: Path, streaming: CameraSimulator
) -> None:
    (tmp_path / "table").mkdir()
    streaming.show(upside_down(render_plate("PBX4321", "EC", seed=4)))
    cameras: list[dict[str, Any]] = [
        {"name": "trasera", "kind": "video", "file": film.name, "repeat": True, "interval_s": 0.2},
        {
            "name": "frontal",
            "kind": "still",
            "url": streaming.still_url,
            "face": "front",
            "sees": ["plates"],
            "part": "tractor",
            "turn": 180,
        },
        {"name": "mesa", "kind": "folder", "folder": "table", "face": "document"},
    ]
    with Gatehouse(tmp_path, cameras) as house:
        house.until(lambda: house.state("frontal") is DeviceState.STREAMING, "the truck before")
        house.arrive()
        streaming.show(upside_down(render_plate(PLATE, "EC", seed=3)))
        (tmp_path / "table" / "one.jpg").write_bytes(paper(DAE))
        house.until(lambda: house.draft["payload"].get("document"), "the document")
        house.until(lambda: house.draft["payload"]["items"][0].get("container"), "the container")
        house.until(lambda: house.draft["evidence"]["plates"], "the plate")
        house.leave()
        draft = house.draft
        assert draft["payload"]["document"] == {"type": "DAE", "number": DAE}
        assert draft["payload"]["items"][0]["container"] == NUMBER
        [scan] = draft["evidence"]["scans"]
        assert (scan["device"], scan["symbology"]) == ("mesa", "Code 128")
        [plate] = draft["evidence"]["plates"]
        assert (plate["plate"], plate["part"], plate["device"]) == (PLATE, "tractor", "frontal")
        assert house.store.path(plate["picture"]).is_file()


def test_a_camera_that_stalls_delays_no_weight(tmp_path: Path, streaming: CameraSimulator) -> None:
    """The stream stops in the middle: every weight still arrives, and the truck is weighed and told."""
    streaming.show(render_door(NUMBER, "22G1", seed=4))
    camera = {"name": "trasera", "kind": "mjpeg", "url": streaming.stream_url, "interval_s": 0.1}
    with Gatehouse(tmp_path, [camera]) as house:
        house.until(lambda: house.state("trasera") is DeviceState.STREAMING, "a camera that streams")
        streaming.misbehave(Fault.STALLED)
        house.until(lambda: house.state("trasera") is not DeviceState.STREAMING, "a camera that has stalled")
        for kg in (11000, 19000, 29680):
            house.show(kg)
            house.until(lambda kg=kg: house.board.view.lanes[LANE].kg == kg, f"{kg} kg")  # type: ignore[misc]
            assert house.state("balanza") is DeviceState.STREAMING
        house.arrive()
        house.leave()
        assert house.state("trasera") is not DeviceState.STREAMING
        [closed] = house.of(EventType.VISIT_CLOSED)
        assert closed["outcome"] == "drafted"
        assert house.draft["evidence"]["weighings"][0]["kg"] == "29680"


def test_an_rtsp_camera_is_held_while_a_truck_is_near_and_its_pictures_reach_the_reader(
    tmp_path: Path,
) -> None:
    with rtsp_server() as server, Gatehouse(tmp_path, [rtsp(server)]) as house:
        house.until(lambda: house.state("trasera") is DeviceState.STREAMING, "a look at the stream")
        [switch] = house.lane._switches
        assert not switch.held
        house.arrive()
        house.until(lambda: switch.held, "the stream to be held")
        house.until(lambda: seen_pictures(house) >= 2, "pictures that went to the reader")
        house.leave()
        house.until(lambda: not switch.held, "the stream to be released")


def seen_pictures(house: Gatehouse) -> int:
    visit = house.board.view.lanes[LANE].visit
    return len(visit.sightings) if visit else 0


def rtsp(server: subprocess.Popen[str]) -> dict[str, Any]:
    assert server.stdout is not None
    url = f"rtsp://127.0.0.1:{server.stdout.readline().strip()}/test"
    return {"name": "trasera", "kind": "rtsp", "url": url, "interval_s": 0.2}


@contextmanager
def rtsp_server() -> Iterator[subprocess.Popen[str]]:
    """GStreamer's RTSP server as a process; skips loudly where it is not installed."""
    check = (
        "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer, Gst;"
        "Gst.init(None); assert Gst.ElementFactory.find('x264enc')"
    )
    ready = (
        SYSTEM_PYTHON.exists()
        and not subprocess.run([SYSTEM_PYTHON, "-c", check], check=False, capture_output=True).returncode
    )
    if not ready:
        pytest.skip("no GStreamer RTSP server: install python3-gi, gir1.2-gst-rtsp-server-1.0, x264's plugin")
    with subprocess.Popen(
        [SYSTEM_PYTHON, str(SERVER)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()
