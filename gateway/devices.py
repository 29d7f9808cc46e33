"""From the site's file to devices: which driver speaks to what hangs on a lane.

Paths of the file that are not absolute begin in its own folder, which every function here is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from drivers.camera.folder import FolderCamera
from drivers.camera.login import Login, secret_file
from drivers.camera.mjpeg import MjpegCamera
from drivers.camera.ondemand import OnDemand
from drivers.camera.source import Rtsp, Source, Usb, Video
from drivers.camera.still import StillCamera
from drivers.camera.stream import StreamCamera
from drivers.catalogue import LineSettings, ScaleModel, UnknownModel, scale_models
from drivers.catalogue import find as find_model
from drivers.device import Device
from drivers.port import Line
from drivers.readings import Unit
from drivers.scale.device import Scale
from drivers.scale.protocol import Settings
from drivers.scale.protocols import protocol
from drivers.scanner.framer import Framing
from drivers.scanner.serial import Scanner
from gateway.site import ScalePart, ScannerPart
from gateway.site_camera import (
    Camera,
    FolderCameraPart,
    MjpegCameraPart,
    RtspCameraPart,
    StillCameraPart,
    UsbCameraPart,
    VideoCameraPart,
    WebCameraPart,
)
from record.shipped import find_all

SCALES = "scales"
"""Folder of the catalogue's scale models among the data files."""
LOOK_EVERY = 10.0
"""Seconds between two looks at a stream that nobody needs, to know that it works."""


def scale(part: ScalePart, config_dir: Path | None = None) -> Scale:
    """The scale of a lane.

    The file's own settings go before those of the model that it names, and those before what the protocol
    usually has. Raises `drivers.catalogue.UnknownModel`, `drivers.catalogue.CatalogueError` and
    `drivers.scale.protocols.UnknownProtocol`; a checked file has none of these mistakes.
    """
    line = LineSettings(part.baud, part.bits, part.parity, part.stop)
    if part.model is None:
        spoken = protocol(part.protocol or "")
        usual = LineSettings(spoken.serial.baud, spoken.serial.bits, spoken.serial.parity, spoken.serial.stop)
        return Scale(part.name, line.over(usual).on(part.port), spoken.id, _settings(part, Settings()))
    known = scale_model(part.model, config_dir)
    found = known.line_at(part.port, line), known.protocol, _settings(part, known.settings)
    if known.poll_interval is None:
        return Scale(part.name, *found)
    return Scale(part.name, *found, poll_interval=known.poll_interval)


def scale_model(name: str, config_dir: Path | None = None) -> ScaleModel:
    """A model of the catalogue. Raises `drivers.catalogue.UnknownModel` and `CatalogueError`."""
    files = {path.stem: path for path in scale_files(config_dir)}
    if name not in files:
        raise UnknownModel(name)
    return find_model(scale_models([files[name]]), name)


def scale_files(config_dir: Path | None = None) -> Iterator[Path]:
    """The files of all scale models; a file's name is the model's."""
    return find_all(SCALES, "*.yaml", config_dir)


def camera(part: Camera, folder: Path = Path()) -> Device:
    """A camera of a lane. One whose stream costs processor is behind a switch, and begins released."""
    match part:
        case FolderCameraPart():
            return FolderCamera(part.name, folder / part.folder, part.interval_s)
        case MjpegCameraPart():
            return MjpegCamera(part.name, part.url, login=_login(part, folder), interval=part.interval_s)
        case StillCameraPart():
            return StillCamera(part.name, part.url, login=_login(part, folder), interval=part.interval_s)
        case RtspCameraPart():
            return _stream(part, Rtsp(part.url, _login(part, folder)))
        case UsbCameraPart():
            size = (part.width, part.height) if part.width and part.height else None
            return _stream(part, Usb(folder / part.device, size))
        case VideoCameraPart():
            return _stream(part, Video(folder / part.file, part.repeat))


def _stream(part: Camera, source: Source) -> OnDemand:
    return OnDemand(StreamCamera(part.name, source, interval=part.interval_s), look_every=LOOK_EVERY)


def camera_stale_after(part: Camera) -> float | None:
    """Seconds after which a camera without a picture is silent; None where nobody knows when one is due."""
    match part:
        case FolderCameraPart():
            return None
        case MjpegCameraPart() | StillCameraPart():
            return max(3.0, 4 * part.interval_s)
        case _:
            return 2.5 * LOOK_EVERY + 4 * part.interval_s


def scanner(part: ScannerPart) -> Scanner:
    """A scanner of a lane."""
    framing = Framing(prefix=part.prefix.encode(), suffix=part.suffix.encode() or None)
    return Scanner(part.name, Line(part.port, baud=part.baud), framing)


def _settings(part: ScalePart, model: Settings) -> Settings:
    """What the file says of the frames, and what it leaves open from the model."""
    return replace(
        model,
        decimals=model.decimals if part.decimals is None else part.decimals,
        unit=Unit(part.unit) if part.unit else model.unit,
        checksum=part.checksum or model.checksum,
        address=part.address or model.address,
    )


def _login(part: WebCameraPart, folder: Path) -> Login | None:
    if part.user is None or part.password_file is None:
        return None
    return Login(part.user, secret_file(folder / part.password_file))
