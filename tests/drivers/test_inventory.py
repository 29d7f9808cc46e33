"""What is plugged in, from folders that look like a machine's."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from serial.tools.list_ports_common import ListPortInfo

from drivers.inventory import Attached, Sort, attached, by_id, cameras, keyboards, serial_ports


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    dev = tmp_path / "dev"
    for folder in ("serial/by-id", "v4l/by-id", "input/by-id"):
        (dev / folder).mkdir(parents=True)
    for node in ("ttyUSB0", "video0", "video1", "video2", "input/event1", "input/event2"):
        (dev / node).touch()
    (dev / "serial/by-id/usb-FTDI-if00-port0").symlink_to(dev / "ttyUSB0")
    (dev / "v4l/by-id/usb-Camera-index0").symlink_to(dev / "video0")
    (dev / "input/by-id/usb-Scanner-event-kbd").symlink_to(dev / "input/event1")
    return dev


def test_serial_ports_by_their_ids(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usb, board = ListPortInfo(str(dev / "ttyUSB0")), ListPortInfo("/dev/ttyS0")
    usb.description, usb.vid, usb.pid = "FT232R USB UART", 0x0403, 0x6001
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [usb, board])
    first, second = serial_ports(dev)
    assert first == Attached(Sort.SERIAL, "/dev/ttyS0")
    assert second.by_id == second.name == str(dev / "serial/by-id/usb-FTDI-if00-port0")
    assert (second.title, second.usb) == ("FT232R USB UART", "0403:6001")
    assert by_id(str(dev / "ttyUSB0"), dev) == second.name
    assert by_id("socket://host:1", dev) == "socket://host:1"


def test_cameras_without_their_second_nodes(dev: Path, tmp_path: Path) -> None:
    for node, name, index in (
        ("video0", "HD Camera", "0"),
        ("video1", "HD Camera", "1"),
        ("video2", "Door", "0"),
    ):
        about = tmp_path / "sys/class/video4linux" / node
        about.mkdir(parents=True)
        (about / "name").write_text(f"{name}\n")
        (about / "index").write_text(f"{index}\n")
    found = list(cameras(dev, tmp_path / "sys"))
    assert [(each.title, each.path) for each in found] == [
        ("HD Camera", str(dev / "video0")),
        ("Door", str(dev / "video2")),
    ]
    assert found[0].name == str(dev / "v4l/by-id/usb-Camera-index0")


def test_keyboards_and_not_every_button(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evdev = pytest.importorskip("evdev")
    keys: dict[str, Any] = {"event1": {1: [28, 30, 11]}, "event2": {1: [116]}}

    def device(path: str) -> SimpleNamespace:
        node = Path(path).name
        if node == "event9":
            raise PermissionError(13, "Permission denied")
        return SimpleNamespace(
            name=f"name of {node}",
            info=SimpleNamespace(vendor=0x0C2E, product=0x0B61),
            capabilities=lambda: keys[node],
            close=lambda: None,
        )

    monkeypatch.setattr(evdev, "InputDevice", device)
    monkeypatch.setattr(
        evdev, "list_devices", lambda folder: [f"{folder}/{node}" for node in ("event1", "event2", "event9")]
    )
    scanner, refused = keyboards(dev)
    assert (scanner.title, scanner.usb) == ("name of event1", "0c2e:0b61")
    assert scanner.name == str(dev / "input/by-id/usb-Scanner-event-kbd")
    assert not refused.usable


def test_a_machine_with_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serial.tools.list_ports.comports", list)
    assert attached(tmp_path / "dev", tmp_path / "sys") == []
