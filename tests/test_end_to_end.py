"""One truck from bytes to receipt, through every real process: scale and scanner on ptys, an HTTP camera and a
folder, the gate, a Mosquitto, the registry. Nothing is mocked, and nothing waits but for what it needs."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from drivers.readings import Stability, Weight
from drivers.scale.protocols import protocol
from gateway.rehearsal.broker import BrokerError, program
from gateway.rehearsal.drive import drive
from gateway.rehearsal.stage import DEPOT, GATE, LANE, PREFIX, Program, Stage, picture
from gateway.rehearsal.trucks import BOX_KG, CHASSIS_KG, TRACTOR_KG, Truck, trucks
from record.draft import SITE, VISIT
from record.preadvice import Preadvice
from record.proof import SigningKey, canonical, sha256, unwire, verify
from record.receipt import Answer, Receipt
from registry.numbers import ECUADOR

pytestmark = pytest.mark.timeout(600)  # a busy machine reads pictures slowly

T = TypeVar("T")
PATIENCE_S = 120.0


def until(found: Callable[[], T], what: str) -> T:
    """What is found as soon as there is something."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := found()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)
    return value


def events(stage: Stage, *, kind: str = "%") -> list[dict[str, Any]]:
    """The gate's events with the registry's answers, in their order."""
    if not stage.gateway_db.exists():
        return []
    with closing(sqlite3.connect(f"file:{stage.gateway_db}?mode=ro", uri=True, timeout=10)) as db:
        rows = db.execute(
            "SELECT type, state, body, receipt FROM letters WHERE type LIKE ? ORDER BY row", [kind]
        ).fetchall()
    return [
        {"type": row[0], "state": row[1], "body": bytes(row[2]), "receipt": row[3] and json.loads(row[3])}
        for row in rows
    ]


def registry(stage: Stage, command: str, *options: str) -> str:
    """What the registry's command line says. It has to end well."""
    arguments = [sys.executable, "-m", "registry", command, *options, "--db", str(stage.registry_db)]
    return subprocess.run(arguments, capture_output=True, text=True, check=True).stdout


@dataclass(frozen=True)
class Passage:
    """Everything that one truck left behind."""

    truck: Truck
    began: datetime
    stage: Stage
    shown: frozenset[str]
    events: list[dict[str, Any]]
    held: list[dict[str, Any]]
    libraries: dict[str, str]
    logs: dict[str, str]
    reloads: tuple[str, ...]
    voided: str

    @property
    def sent(self) -> dict[str, Any]:
        """The latest revision of the truck's draft, with its answer."""
        return [each for each in self.events if each["type"] == "ec.iie.draft"][-1]

    @property
    def draft(self) -> dict[str, Any]:
        data = unwire(self.sent["body"])["data"]
        assert isinstance(data, dict)
        return data


@pytest.fixture(scope="module")
def passage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Passage]:
    """Lets one announced truck pass; all tests look at what came of it."""
    try:
        program()
    except BrokerError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("stage")
    truck = trucks(1, seed=7, year=datetime.now(UTC).year)[0]
    began = datetime.now(UTC)
    with Stage(folder, [truck]) as stage:
        with Program(stage.folder / "gateway.log", "gateway", "run", stage.site_file) as gate:
            shown = drive_past(stage, truck)
            reloads = (reloaded(stage), reloaded(stage, "language: en"), reloaded(stage, "lenguage: en"))
            why = ("--by", "Leo Paz", "--reason", "vino por error")
            voided = ordered("void", "carril-1", str(stage.registry_file), *why)
            libraries = {"gateway": loaded(gate.pid), "registry": loaded(stage.registry_pid)}
        held = json.loads(registry(stage, "list", "--json"))
    logs = {name: (folder / f"{name}.log").read_text(encoding="utf-8") for name in ("gateway", "registry")}
    yield Passage(truck, began, stage, shown, events(stage), held, libraries, logs, reloads, voided)
    shutil.rmtree(folder, ignore_errors=True)


def reloaded(stage: Stage, line: str = "") -> str:
    """What is said where the registry has the gate read its file again, with one more line in it this once."""
    before = stage.site_file.read_text(encoding="utf-8")
    stage.site_file.write_text(f"{before}{line}\n", encoding="utf-8")
    said = ordered("reload", str(stage.registry_file))
    stage.site_file.write_text(before, encoding="utf-8")
    return said


def ordered(order: str, *arguments: str) -> str:
    """Exit code and words of an order to the gate from the registry's command line."""
    command = [sys.executable, "-m", "registry", "gate", order, f"{GATE.depot}/{GATE.gate}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    return f"{done.returncode}: {done.stdout}{done.stderr}"


def drive_past(stage: Stage, truck: Truck) -> frozenset[str]:
    """One truck over the scale; it leaves when the gate knows all of it. The hashes of the pictures shown."""
    opened(stage)
    drive_on(stage, truck)
    for text in (truck.dae, truck.access_key):
        stage.scanner.send(text, prefix=PREFIX.encode())
    shown = look(stage, truck)
    drive_off(stage, truck)
    return shown


def opened(stage: Stage) -> None:
    """Wait until the gate attends scale, scanner and camera."""
    until(lambda: stage.scale.end.listening and stage.scanner.end.listening, "the gate to open its lines")
    until(lambda: stage.camera.viewers, "the gate to watch the camera")


def drive_on(stage: Stage, truck: Truck) -> None:
    """The truck drives onto the scale and stands still."""
    passage = list(drive(truck.gross_kg, 0.0))
    still = [weight.stability for _, weight in passage].index(Stability.STABLE)
    stage.scale.play(passage[: still + 1])


def look(stage: Stage, truck: Truck) -> frozenset[str]:
    """Show the camera new pictures until the draft is complete; their hashes."""
    shown, frames = set[str](), count(1)

    def complete() -> bool:
        shown.add(show(stage, truck, next(frames)))
        known = drafts(stage)
        return bool(known) and known[-1]["status"] == "complete"

    deadline = time.monotonic() + PATIENCE_S
    while not complete():
        assert time.monotonic() < deadline, "the gate never knew all of the truck"
        time.sleep(0.5)
    return frozenset(shown)


def drive_off(stage: Stage, truck: Truck) -> None:
    """The truck leaves; wait until its visit has ended and the registry has answered everything."""
    passage = list(drive(truck.gross_kg, 0.0))
    still = [weight.stability for _, weight in passage].index(Stability.STABLE)
    left = passage[still + 1 :]
    stage.scale.play((second - left[0][0], weight) for second, weight in left)
    closed = until(lambda: events(stage, kind="ec.iie.visit.closed"), "the visit to end")
    assert len(closed) == 1
    until(lambda: all(each["state"] == "received" for each in events(stage)), "every receipt")


def drafts(stage: Stage) -> list[dict[str, Any]]:
    """Every revision of every draft that the gate has stored, oldest first."""
    return [unwire(each["body"])["data"] for each in events(stage, kind="ec.iie.draft")]


def show(stage: Stage, truck: Truck, frame: int) -> str:
    """A new picture on the camera's stream; its hash."""
    data = picture(truck, frame)
    stage.camera.show(data)
    return sha256(data)


def loaded(pid: int) -> str:
    """The files that a process has mapped, libraries among them."""
    return Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")


def leaves(value: Any, where: str = "") -> Iterator[str]:
    """JSON Pointers of every value that is no container of others; an empty list holds nothing to prove."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{where}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{where}/{index}")
    else:
        yield where


def entries(evidence: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Everything of the evidence that has an id, by it."""
    listed = [entry for value in evidence.values() if isinstance(value, list) for entry in value]
    found = {entry["id"]: entry for entry in listed}
    assert len(found) == len(listed), "an evidence id stands twice"
    return found


def proof_of(passage: Passage, field: str) -> list[dict[str, Any]]:
    """The evidence that a field of the payload names."""
    known = entries(passage.draft["evidence"])
    return [known[each] for each in passage.draft["provenance"][field]["evidence"]]


def test_the_payload_says_what_the_truck_carried_field_by_field(passage: Passage) -> None:
    truck, payload = passage.truck, dict(passage.draft["payload"])
    entered = datetime.fromisoformat(payload.pop("entered_at"))
    assert passage.began < entered < datetime.now(UTC)
    assert payload == {
        "report": "IIE",
        "depot": {**DEPOT, "channel": "S"},
        "document": {"type": "DAE", "number": truck.dae},
        "items": [
            {
                "sequence": 1,
                "container": truck.container,
                "size_type": truck.type_code,
                "loose": False,
                "seals": [],
                "description": truck.description,
                "packages": truck.packages,
                "packaging": truck.packaging,
                "weight_kg": str(truck.cargo_kg),
            }
        ],
    }
    assert passage.draft["status"] == "complete"
    assert not [each for each in passage.draft["findings"] if each["severity"] == "error"]


def test_the_registry_has_the_gate_read_its_file_again_and_hears_what_came_of_it(passage: Passage) -> None:
    same, english, wrong = passage.reloads
    assert same.startswith("0: ")
    assert "devices_untouched 4" in same
    assert english.startswith("0: ")
    assert "language" in english
    assert "systemctl restart iie-gateway" in english
    assert wrong.startswith("1: ")
    assert "lenguage" in wrong


def test_where_no_truck_stands_the_registry_hears_that_nothing_can_be_voided(passage: Passage) -> None:
    assert passage.voided.startswith("1: ")
    assert "no se hizo" in passage.voided


def test_every_leaf_of_the_payload_has_its_provenance_and_nothing_else_has(passage: Passage) -> None:
    known = {SITE, VISIT} | entries(passage.draft["evidence"]).keys()
    provenance = passage.draft["provenance"]
    assert set(provenance) == set(leaves(passage.draft["payload"]))
    for field, source in provenance.items():
        assert source["evidence"], f"{field} names no evidence"
        assert set(source["evidence"]) <= known, f"{field} names evidence that is not there"


def test_the_weight_is_proven_by_the_bytes_that_the_scale_sent(passage: Passage) -> None:
    found = {entry["id"].partition("-")[0]: entry for entry in proof_of(passage, "/items/0/weight_kg")}
    weighing, arithmetic = found["weighing"], found["arithmetic"]
    raw = bytes.fromhex(weighing["raw"])
    assert any(byte & 0x80 for byte in raw), "a seven-bit line carries its parity in the eighth bit"
    (weight,) = [each for each in protocol("mt_continuous").decoder().feed(raw) if isinstance(each, Weight)]
    assert weight.kg == passage.truck.gross_kg == Decimal(weighing["kg"])
    terms = {term["what"]: (Decimal(term["kg"]), term["origin"]) for term in arithmetic["terms"]}
    assert terms == {
        "gross": (passage.truck.gross_kg, weighing["id"]),
        "tractor": (-Decimal(TRACTOR_KG), "site"),
        "chassis": (-Decimal(CHASSIS_KG), "site"),
        "box": (-Decimal(BOX_KG[passage.truck.type_code]), "preadvice-1"),
    }
    assert sum(kg for kg, _ in terms.values()) == Decimal(arithmetic["kg"]) == passage.truck.cargo_kg


def test_the_container_is_proven_by_a_picture_that_the_camera_showed_and_the_gate_kept(
    passage: Passage,
) -> None:
    sightings = proof_of(passage, "/items/0/container")
    assert sightings
    for sighting in sightings:
        assert sighting["number"] == passage.truck.container
        assert sighting["picture"] in passage.shown
        for digest in (sighting["picture"], sighting["crop"]):
            kept = list((passage.stage.folder / "evidence").rglob(f"{digest}.jpg"))
            assert [sha256(path.read_bytes()) for path in kept] == [digest]


def test_the_document_is_proven_by_its_scan_and_the_guia_is_kept_beside_it(passage: Passage) -> None:
    (scan,) = proof_of(passage, "/document/number")
    assert (scan["kind"], scan["text"], scan["device"]) == ("dae", passage.truck.dae, "lector")
    guide = [each for each in passage.draft["evidence"]["scans"] if each["kind"] == "access_key"]
    assert [each["normal"] for each in guide] == [passage.truck.access_key]


def test_what_was_announced_is_proven_by_the_hash_of_the_announcement(passage: Passage) -> None:
    (entry,) = proof_of(passage, "/items/0/packages")
    announced = Preadvice.from_wire(passage.truck.preadvice())
    assert entry["hash"] == sha256(canonical(announced.to_wire()))


def test_every_event_is_signed_and_chained_and_has_its_own_signed_receipt(passage: Passage) -> None:
    keys = passage.stage.folder / "keys"
    gate, central = (SigningKey.read(keys / f"{name}.pem").public for name in ("gate", "registry"))
    before = "0" * 64
    for sequence, each in enumerate(passage.events, start=1):
        event = unwire(each["body"])
        proof = verify(event, {gate.id: gate})
        assert (event["sequence"], event["previous"]) == (sequence, before)
        before = proof.hash
        verify(each["receipt"], {central.id: central})
        receipt = Receipt.from_wire(each["receipt"])
        assert receipt.answer is Answer.ACCEPTED
        assert (receipt.event, receipt.sequence, receipt.hash) == (event["id"], sequence, proof.hash)
        assert event["simulated"] or event["type"] == "ec.iie.installation.opened"
    kinds = [each["type"] for each in passage.events]
    assert kinds[0] == "ec.iie.installation.opened"
    assert kinds[-1] == "ec.iie.visit.closed"


def test_the_receipt_carries_the_numero_de_entrega_that_the_registry_lists(passage: Passage) -> None:
    number = passage.sent["receipt"]["delivery_number"]
    assert re.fullmatch(rf"99999999{datetime.now(ECUADOR).year}[0-9]{{8}}S", number)
    (held,) = passage.held
    assert held["delivery_number"] == number
    assert held["draft"] == passage.draft["draft"]
    assert held["revision"] == passage.draft["revision"]


def test_the_registry_lists_the_truck_once_as_it_was(passage: Passage) -> None:
    (held,) = passage.held
    expected = {**passage.truck.expected(), "size_type": passage.truck.type_code, "lane": LANE}
    assert {name: held[name] for name in expected} == expected
    assert (held["depot"], held["gate"]) == (GATE.depot, GATE.gate)
    assert (held["packages"], held["packaging"]) == (passage.truck.packages, passage.truck.packaging)


def test_the_registry_finds_its_chain_unbroken(passage: Passage) -> None:
    total = len(passage.events)
    assert f"{total} de {total}" in registry(passage.stage, "verify")


def test_neither_process_has_loaded_a_library_for_pictures(passage: Passage) -> None:
    for name, mapped in passage.libraries.items():
        for library in ("cv2", "onnxruntime"):
            assert f"/{library}/" not in mapped, f"{name} has {library} loaded"


def test_nothing_went_wrong_on_the_way_but_the_file_that_was_made_wrong(passage: Passage) -> None:
    for name, log in passage.logs.items():
        assert "Traceback" not in log, f"{name}: {log}"
        errors = [line for line in log.splitlines() if " ERROR " in line]
        assert [line for line in errors if "there is no key 'lenguage' here" not in line] == [], log


@pytest.mark.long
def test_a_gate_that_is_killed_with_a_truck_on_the_scale_goes_on_with_it(tmp_path: Path) -> None:
    """Killed with -9 between the papers and the pictures: one visit, one draft, nothing twice."""
    truck = trucks(1, seed=8, year=datetime.now(UTC).year)[0]
    with Stage(tmp_path, [truck]) as stage:
        with Program(stage.folder / "gateway.log", "gateway", "run", stage.site_file) as gate:
            opened(stage)
            drive_on(stage, truck)
            stage.scanner.send(truck.dae, prefix=PREFIX.encode())
            until(lambda: any("document" in draft["payload"] for draft in drafts(stage)), "the document")
            os.kill(gate.pid, signal.SIGKILL)
        with Program(stage.folder / "gateway.log", "gateway", "run", stage.site_file):
            opened(stage)
            look(stage, truck)
            drive_off(stage, truck)
        (held,) = json.loads(registry(stage, "list", "--json"))
        registry(stage, "verify")
    revisions = drafts(stage)
    assert len({(draft["draft"], draft["visit"]) for draft in revisions}) == 1
    assert [draft["revision"] for draft in revisions] == list(range(1, len(revisions) + 1))
    assert {name: held[name] for name in truck.expected()} == truck.expected()
    assert "went on with the tape" in (tmp_path / "gateway.log").read_text(encoding="utf-8")
