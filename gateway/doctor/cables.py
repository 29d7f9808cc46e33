"""What hangs on the machine: is each device there, and may this user open it?"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from gateway.doctor.symptom import Symptom, ill, well
from gateway.site.camera import Camera, FolderCameraPart, UsbCameraPart, VideoCameraPart, WebCameraPart
from gateway.site.site import LanePart, Site

PATIENCE_S = 3.0
USUAL_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}


def cables(site: Site, folder: Path) -> Iterator[Symptom]:
    """Every device of every lane."""
    for lane in site.lanes:
        for name, place in _places(lane):
            yield at(f"{lane.name}/{name}", place, folder)


def _places(lane: LanePart) -> Iterator[tuple[str, str]]:
    yield lane.scale.name, lane.scale.port
    yield from ((scanner.name, scanner.place) for scanner in lane.scanners)
    yield from ((board.name, board.port) for board in lane.signals)
    yield from ((camera.name, _address(camera)) for camera in lane.cameras)


def _address(camera: Camera) -> str:
    match camera:
        case FolderCameraPart():
            return str(camera.folder)
        case VideoCameraPart():
            return str(camera.file)
        case UsbCameraPart():
            return str(camera.device)
        case WebCameraPart():
            return camera.url


def at(place: str, address: str, folder: Path) -> Symptom:
    """One device by its address: a path of this machine, or a host that has to answer."""
    scheme, found, _ = address.partition("://")
    if not found:
        return path(place, folder / address.removeprefix("gpio:"))
    if scheme in ("listen", "loop", "hwgrep", "spy"):
        return well(place, "not_looked", address=scheme)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or USUAL_PORTS.get(scheme, 0)
        with socket.create_connection((host, port), PATIENCE_S):
            return well(place, "answers", address=f"{host}:{port}")
    except (OSError, ValueError) as error:
        return ill(place, "no_answer", address=f"{scheme}://{urlsplit_host(address)}", why=str(error))


def path(place: str, found: Path) -> Symptom:
    """A device file or a folder: there, and open to this user?"""
    if str(found).startswith("usb:") or found.name.startswith("usb:"):
        return well(place, "not_looked", address=found.name)
    if not found.exists():
        return ill(place, "not_there", path=str(found))
    wanted = os.R_OK | (os.X_OK if found.is_dir() else 0)
    if found.is_char_device() and "input" not in found.resolve().parts:
        wanted |= os.W_OK
    if not os.access(found, wanted):
        return ill(place, "no_right_on_device", path=str(found), group=_group(found))
    return well(place, "there", path=str(found))


def urlsplit_host(address: str) -> str:
    """Host and port of an address, without a user or a password that may stand in it."""
    return address.partition("://")[2].partition("/")[0].rpartition("@")[2]


def _group(found: Path) -> str:
    try:
        return found.group()
    except KeyError:
        return "?"
