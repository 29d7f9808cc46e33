"""From a site's file to devices: what the file says, what the model says, what the protocol usually has."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from drivers.camera.ondemand import OnDemand
from drivers.catalogue import CatalogueError, UnknownModel
from drivers.device import Aged, Device
from drivers.readings import Kind, Scan, Stability, Unit, Weight
from drivers.scale import register_map
from drivers.scale.device import POLL
from drivers.scale.protocol import Settings
from drivers.scale.protocols import UnknownProtocol, protocol
from drivers.scale.register_map import encode
from drivers.scanner.hid import HidScanner
from drivers.scanner.layouts import LAYOUTS
from drivers.simulator.modbus import ModbusSimulator
from drivers.simulator.scale import ScaleSimulator
from drivers.simulator.scanner import ScannerSimulator
from gateway import devices
from gateway.rehearsal.broker import free_port
from gateway.site.camera import Camera, Sees
from gateway.site.site import ScalePart, ScannerPart

ENTRY = """
brand: Test
model: T1
protocol: mt_continuous
basis: general
line: {baud: 2400, bits: 7, parity: O, stop: 2}
settings: {checksum: sum}
"""


def part(**given: Any) -> ScalePart:
    return ScalePart.model_validate({"name": "balanza", "port": "/dev/null", **given})


def first(device: Device, kind: type[Any], opened: Callable[[], object] = lambda: None) -> Any:
    """The first reading of a kind; ``opened`` is called once the device is open."""
    stop, until = threading.Event(), time.monotonic() + 60
    for index, heard in enumerate(device.read(stop)):
        if index == 0:
            opened()
        found = heard.reading if isinstance(heard, Aged) else heard
        if isinstance(found, kind):
            stop.set()
            return found
        assert time.monotonic() < until, f"no {kind.__name__} came"
    raise AssertionError("the device has nothing more to say")


def line(scale: Any) -> str:
    return f"{scale._line.port} {scale._line.framing}"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "scales").mkdir()
    (tmp_path / "scales" / "test-t1.yaml").write_text(ENTRY)
    (tmp_path / "scales" / "broken.yaml").write_text(ENTRY + "colour: red\n")
    return tmp_path


def test_without_a_word_the_line_is_the_protocols_usual_one() -> None:
    usual = protocol("mt_continuous").serial
    scale = devices.scale(part(protocol="mt_continuous"))
    assert line(scale) == f"/dev/null {usual.baud} {usual.bits}{usual.parity}{usual.stop:g}"


def test_what_the_file_says_goes_before_the_model_and_that_before_the_protocol(config: Path) -> None:
    model = devices.scale(part(model="test-t1"), config)
    assert line(model) == "/dev/null 2400 7O2"
    assert model._settings.checksum == "sum"
    mixed = devices.scale(part(model="test-t1", baud=4800, parity="N", checksum="none"), config)
    assert line(mixed) == "/dev/null 4800 7N2"
    assert mixed._settings.checksum == "none"


def test_every_model_of_the_catalogue_makes_a_scale() -> None:
    names = [file.stem for file in devices.scale_files()]
    assert len(names) > 100
    for name in names:
        model = devices.scale_model(name)
        assert devices.scale(part(model=name)).protocol == model.protocol


def test_a_model_that_nobody_knows_is_an_error_with_its_name(config: Path) -> None:
    with pytest.raises(UnknownModel, match="test-t2"):
        devices.scale(part(model="test-t2"), config)


def test_a_wrong_entry_is_an_error_with_its_place(config: Path) -> None:
    with pytest.raises(CatalogueError, match=r"broken\.yaml:8: colour"):
        devices.scale(part(model="broken"), config)


def test_an_unknown_protocol_is_an_error_with_its_name() -> None:
    with pytest.raises(UnknownProtocol, match="mt_continous"):
        devices.scale(part(protocol="mt_continous"))


@pytest.mark.parametrize("named", [{"protocol": "mt_continuous"}, {"model": "mettler-ind331"}])
def test_a_scale_reads_what_hangs_on_its_port(tmp_path: Path, named: dict[str, Any]) -> None:
    shown = Weight(Decimal(25340), Unit.KG, Stability.STABLE, Kind.GROSS)
    with ScaleSimulator(tmp_path / "scale", "mt_continuous", seven_bit=True) as simulator:
        simulator.set(shown)
        weight = first(devices.scale(part(port=str(tmp_path / "scale"), **named)), Weight)
    assert (weight.kg, weight.stability, weight.kind) == (Decimal(25340), Stability.STABLE, Kind.GROSS)


def test_a_scanner_takes_prefix_and_suffix_from_the_file(tmp_path: Path) -> None:
    given = {"name": "lector", "port": str(tmp_path / "scanner"), "prefix": "<", "suffix": ">", "repeat_s": 0}
    with ScannerSimulator(tmp_path / "scanner") as simulator:
        scanner = devices.scanner(ScannerPart.model_validate(given))
        scan = first(scanner, Scan, lambda: simulator.send("02820264000000001", "]C1", b"<", b">"))
    assert (scan.text, scan.symbology) == ("02820264000000001", "Code 128")


def test_paths_begin_in_the_files_folder(tmp_path: Path) -> None:
    folder: Any = TypeAdapter(Camera).validate_python({"name": "l", "kind": "folder", "folder": "fotos"})
    assert str(tmp_path / "fotos") in repr(devices.camera(folder, tmp_path))
    stream: Any = TypeAdapter(Camera).validate_python(
        {"name": "t", "kind": "mjpeg", "url": "http://h/s", "user": "u", "password_file": "p"}
    )
    (tmp_path / "p").write_text("secret\n")
    camera: Any = devices.camera(stream, tmp_path)
    assert camera._authorization is not None
    assert "secret" not in repr(camera)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"kind": "still", "url": "http://h/s.jpg"}, "StillCamera('c', http://h:80/s.jpg)"),
        ({"kind": "mjpeg", "url": "http://h/s?key=1"}, "MjpegCamera('c', http://h:80/s?…)"),
        ({"kind": "rtsp", "url": "rtsp://h/1"}, "StreamCamera('c', rtsp://h/1)"),
        ({"kind": "usb", "device": "/dev/v4l/by-id/usb-1"}, "StreamCamera('c', /dev/v4l/by-id/usb-1)"),
        ({"kind": "video", "file": "film.avi"}, "StreamCamera('c', {folder}/film.avi)"),
    ],
)
def test_every_kind_of_camera_is_made_from_its_part(
    tmp_path: Path, given: dict[str, Any], shown: str
) -> None:
    part: Any = TypeAdapter(Camera).validate_python({"name": "c", **given})
    camera = devices.camera(part, tmp_path)
    inner = camera._camera if isinstance(camera, OnDemand) else camera
    assert repr(inner) == shown.format(folder=tmp_path)
    stale_after = devices.camera_stale_after(part)
    assert stale_after is not None
    assert stale_after > (devices.LOOK_EVERY if isinstance(camera, OnDemand) else part.interval_s)


def test_a_document_camera_looks_for_barcodes_and_any_other_for_containers() -> None:
    adapter: Any = TypeAdapter(Camera)
    folder = {"name": "c", "kind": "folder", "folder": "f"}
    assert adapter.validate_python(folder).looked_for == (Sees.CONTAINERS,)
    assert adapter.validate_python({**folder, "face": "document"}).looked_for == (Sees.BARCODES,)
    both = adapter.validate_json(json.dumps({**folder, "sees": ["plates", "containers", "plates"]}))
    assert both.looked_for == (Sees.PLATES, Sees.CONTAINERS)


PATTERN = {"end": "\r\n", "positions": {"status": 1, "value": "3-10"}, "status": {"S": "stable"}}
MODBUS = {"numbered_from": 40001, "weight": {"address": 40003, "type": "float32"}}


def test_frames_that_the_file_declares_are_read(tmp_path: Path) -> None:
    scale = devices.scale(part(protocol="pattern", port=str(tmp_path / "scale"), pattern=PATTERN))
    declared = devices.declared("pattern", part(protocol="pattern", pattern=PATTERN, unit="t")).declared
    with ScaleSimulator(tmp_path / "scale", "pattern", settings=Settings(declared=declared)) as simulator:
        simulator.set(Weight(Decimal(24), Unit.T, Stability.STABLE))
        weight = first(scale, Weight)
    assert (weight.value, weight.unit, weight.stability) == (Decimal(24), Unit.KG, Stability.STABLE)


def test_registers_that_the_file_declares_are_read() -> None:
    number = free_port()
    scale = devices.scale(
        part(protocol="modbus", port=f"socket://127.0.0.1:{number}", modbus=MODBUS, poll_interval_s=0.05)
    )
    shown = Weight(Decimal("23.5"), Unit.KG, Stability.UNKNOWN)
    with ModbusSimulator(f"127.0.0.1:{number}") as module:
        for at, word in encode(shown, register_map.declared(MODBUS)).items():
            module.set_registers(at, [word])
        assert first(scale, Weight).value == Decimal("23.5")


def test_the_files_interval_goes_before_the_models() -> None:
    assert devices.scale(part(protocol="toledo_p05"))._poll_interval == POLL
    assert devices.scale(part(protocol="toledo_p05", poll_interval_s=0.2))._poll_interval == 0.2
    assert devices.scale(part(model="filizola", poll_interval_s=0.3))._poll_interval == 0.3


def scanner(**given: Any) -> Any:
    return devices.scanner(ScannerPart.model_validate({"name": "lector", **given}))


def test_a_keyboard_scanner_is_read_by_its_own_layout() -> None:
    keyboard = scanner(hid="usb:0c2e:0b61")
    assert isinstance(keyboard, HidScanner)
    assert (keyboard._place, keyboard._layout) == ("usb:0c2e:0b61", LAYOUTS["us"])
    assert scanner(hid="usb:0c2e:0b61", layout="latam")._layout is LAYOUTS["latam"]


def test_a_scanners_model_says_what_the_file_leaves_open(tmp_path: Path) -> None:
    (tmp_path / "scanners").mkdir()
    entry = "brand: T\nmodel: S1\nconnection: serial\nbasis: general\nline: {baud: 115200}\n"
    (tmp_path / "scanners" / "test-s1.yaml").write_text(entry + 'framing: {prefix: "<"}\n')
    given = {"name": "lector", "model": "test-s1", "port": "/dev/null"}
    made: Any = devices.scanner(ScannerPart.model_validate(given), tmp_path)
    assert (made._line.baud, made._framing.prefix) == (115200, b"<")
    made = devices.scanner(ScannerPart.model_validate({**given, "baud": 9600, "prefix": "["}), tmp_path)
    assert (made._line.baud, made._framing.prefix) == (9600, b"[")


@pytest.mark.parametrize("port", ["socket://10.0.0.9:4001", "listen://0.0.0.0:4002", "rfc2217://h:1"])
def test_a_scanner_hangs_on_any_kind_of_port(port: str) -> None:
    assert scanner(port=port)._line.port == port


def test_modem_lines_are_raised_only_where_the_file_asks_for_it() -> None:
    assert (devices.scale_line(part(protocol="sma")).dtr, devices.scale_line(part(protocol="sma")).rts) == (
        False,
        False,
    )
    assert devices.scale_line(part(protocol="sma", dtr=True)).dtr
