"""From the site's file to devices: which driver speaks to what hangs on a lane."""

from __future__ import annotations

from drivers.camera.folder import FolderCamera
from drivers.camera.login import Login, secret_file
from drivers.camera.mjpeg import MjpegCamera
from drivers.device import Device
from drivers.port import Line
from drivers.readings import Unit
from drivers.scale.device import Scale
from drivers.scale.protocol import Settings
from drivers.scale.protocols import protocol
from drivers.scanner.framer import Framing
from drivers.scanner.serial import Scanner
from gateway.site import Camera, FolderCameraPart, MjpegCameraPart, ScalePart, ScannerPart


def scale(part: ScalePart) -> Scale:
    """The scale of a lane: line settings of the file over those that the protocol usually has."""
    chosen = part.protocol or ""
    usual = protocol(chosen).serial
    line = Line(
        part.port,
        baud=part.baud or usual.baud,
        bits=part.bits or usual.bits,
        parity=part.parity or usual.parity,
        stop=part.stop or usual.stop,
    )
    settings = Settings(
        decimals=part.decimals,
        unit=Unit(part.unit) if part.unit else None,
        checksum=part.checksum,
        address=part.address,
    )
    return Scale(part.name, line, chosen, settings)


def camera(part: Camera) -> Device:
    """A camera of a lane."""
    if isinstance(part, FolderCameraPart):
        return FolderCamera(part.name, part.folder, part.interval_s)
    return MjpegCamera(part.name, part.url, login=_login(part), interval=part.interval_s)


def scanner(part: ScannerPart) -> Scanner:
    """A scanner of a lane."""
    framing = Framing(prefix=part.prefix.encode(), suffix=part.suffix.encode() or None)
    return Scanner(part.name, Line(part.port, baud=part.baud), framing)


def _login(part: MjpegCameraPart) -> Login | None:
    if part.user is None or part.password_file is None:
        return None
    return Login(part.user, secret_file(part.password_file))
