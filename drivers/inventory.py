"""What is plugged into this machine: serial ports, cameras and keyboard scanners, each by the name that stays.

A name such as ``/dev/ttyUSB0`` belongs to whatever was plugged in first; the links below ``by-id`` name the
device itself and are what a site writes down. Nothing is opened but input devices, to ask what they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

DEV = Path("/dev")
SYS = Path("/sys")


class Sort(StrEnum):
    """What kind of device it is."""

    SERIAL = "serial"
    VIDEO = "video"
    KEYBOARD = "keyboard"


@dataclass(frozen=True, slots=True)
class Attached:
    """One device. ``by_id`` is the name that stays, None where there is none; ``usb`` vendor:product."""

    sort: Sort
    path: str
    by_id: str | None = None
    title: str = ""
    usb: str | None = None
    usable: bool = True

    @property
    def name(self) -> str:
        """The name to write down."""
        return self.by_id or self.path


def attached(dev: Path = DEV, sys: Path = SYS) -> list[Attached]:
    """Everything that is plugged in."""
    return [*serial_ports(dev), *cameras(dev, sys), *keyboards(dev)]


def serial_ports(dev: Path = DEV) -> Iterator[Attached]:
    """Serial devices: those of USB, and those of the board behind which there is hardware."""
    from serial.tools.list_ports import comports

    links = _links(dev / "serial" / "by-id")
    for port in sorted(comports()):
        usb = f"{port.vid:04x}:{port.pid:04x}" if port.vid is not None and port.pid is not None else None
        title = port.description if port.description != "n/a" else ""
        yield Attached(Sort.SERIAL, port.device, links.get(port.device), title, usb)


def cameras(dev: Path = DEV, sys: Path = SYS) -> Iterator[Attached]:
    """Video devices that give pictures; the second node of a camera, which gives metadata only, is left out."""
    links = _links(dev / "v4l" / "by-id")
    for node in sorted(dev.glob("video*"), key=lambda each: (len(each.name), each.name)):
        about = sys / "class" / "video4linux" / node.name
        if _content(about / "index") in ("", "0"):
            yield Attached(Sort.VIDEO, str(node), links.get(str(node)), _content(about / "name"))


def keyboards(dev: Path = DEV) -> Iterator[Attached]:
    """Input devices with letters and Enter: keyboards, and scanners that pretend to be one."""
    try:
        import evdev
    except ImportError:
        return
    links = _links(dev / "input" / "by-id")
    letters = {evdev.ecodes.KEY_A, evdev.ecodes.KEY_0, evdev.ecodes.KEY_ENTER}
    for path in sorted(evdev.list_devices(str(dev / "input"))):
        try:
            device = evdev.InputDevice(path)
        except OSError:
            yield Attached(Sort.KEYBOARD, path, links.get(path), usable=False)
            continue
        keys = set(device.capabilities().get(evdev.ecodes.EV_KEY, ()))
        usb = f"{device.info.vendor:04x}:{device.info.product:04x}"
        title = device.name
        device.close()
        if letters <= keys:
            yield Attached(Sort.KEYBOARD, path, links.get(path), title, usb)


def by_id(port: str, dev: Path = DEV) -> str:
    """The name of a device that stays, or the one given where there is none."""
    return _links(dev / "serial" / "by-id").get(port, port)


def _links(folder: Path) -> dict[str, str]:
    """The links of a folder, by what they lead to."""
    if not folder.is_dir():
        return {}
    return {str(link.resolve()): str(link) for link in sorted(folder.iterdir(), reverse=True)}


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
