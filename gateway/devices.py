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
from drivers.catalogue import (
    DECLARATIONS,
    LineSettings,
    ScaleModel,
    ScannerModel,
    UnknownModel,
    scale_models,
    scanner_models,
    usual_line,
)
from drivers.catalogue import find as find_model
from drivers.device import Device
from drivers.port import Line, Tap
from drivers.readings import Unit
from drivers.scale.device import Scale
from drivers.scale.protocol import Settings
from drivers.scanner.framer import Framing
from drivers.scanner.layouts import LAYOUTS
from drivers.scanner.placed import scanner_at
from drivers.signal.board import Point
from drivers.signal.device import Signals
from drivers.signal.placed import signals_at
from gateway.site.camera import (
    Camera,
    FolderCameraPart,
    MjpegCameraPart,
    RtspCameraPart,
    StillCameraPart,
    UsbCameraPart,
    VideoCameraPart,
    WebCameraPart,
)
from gateway.site.signals import LightsPart, SignalsPart
from gateway.site.site import ScalePart, ScannerPart
from record.shipped import find_all

SCALES, SCANNERS = "scales", "scanners"
"""Folders of the catalogue's models among the data files."""
LOOK_EVERY = 10.0
"""Seconds between two looks at a stream that nobody needs, to know that it works."""


def scale(part: ScalePart, config_dir: Path | None = None, *, tap: Tap | None = None) -> Scale:
    """The scale of a lane.

    The file's own settings go before those of the model that it names, and those before what the protocol
    usually has. Raises `drivers.catalogue.UnknownModel`, `drivers.catalogue.CatalogueError` and
    `drivers.scale.protocols.UnknownProtocol`; a checked file has none of these mistakes. A scale that is read by
    Modbus loads pymodbus, so this is to be called from the thread that sets devices up.
    """
    line = scale_line(part, config_dir)
    if part.model is None:
        spoken = part.protocol or ""
        return Scale(part.name, line, spoken, declared(spoken, part), part.poll_interval_s, tap=tap)
    known = scale_model(part.model, config_dir)
    settings = frame_settings(part, known.settings)
    interval = part.poll_interval_s or known.poll_interval
    return Scale(part.name, line, known.protocol, settings, interval, tap=tap)


def scale_line(part: ScalePart, config_dir: Path | None = None) -> Line:
    """The line of a scale. Raises as `scale` does."""
    given = LineSettings(part.baud, part.bits, part.parity, part.stop, part.dtr, part.rts)
    if part.model is None:
        return given.over(usual_line(part.protocol or "")).on(part.port)
    return scale_model(part.model, config_dir).line_at(part.port, given)


def declared(spoken: str, part: ScalePart) -> Settings:
    """The settings of a protocol; of one without frames of its own with what the file declares.

    Raises `drivers.scale.declaration.DeclarationError`; a checked file has no such mistake.
    """
    given = {"pattern": part.pattern, "modbus": part.modbus}.get(spoken)
    known = DECLARATIONS[spoken](given) if given is not None else None
    return frame_settings(part, Settings(declared=known))


def scale_model(name: str, config_dir: Path | None = None) -> ScaleModel:
    """A model of the catalogue. Raises `drivers.catalogue.UnknownModel` and `CatalogueError`."""
    files = {path.stem: path for path in scale_files(config_dir)}
    if name not in files:
        raise UnknownModel(name)
    return find_model(scale_models([files[name]]), name)


def scale_files(config_dir: Path | None = None) -> Iterator[Path]:
    """The files of all scale models; a file's name is the model's."""
    return find_all(SCALES, "*.yaml", config_dir)


def scanner_model(name: str, config_dir: Path | None = None) -> ScannerModel:
    """As `scale_model`, of a scanner."""
    files = {path.stem: path for path in scanner_files(config_dir)}
    if name not in files:
        raise UnknownModel(name)
    return find_model(scanner_models([files[name]]), name)


def scanner_files(config_dir: Path | None = None) -> Iterator[Path]:
    """As `scale_files`, of scanners."""
    return find_all(SCANNERS, "*.yaml", config_dir)


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


def scanner(part: ScannerPart, config_dir: Path | None = None, *, tap: Tap | None = None) -> Device:
    """A scanner of a lane. Raises as `scale` does for a model."""
    known = scanner_model(part.model, config_dir) if part.model else None
    usual = known.framing if known else Framing()
    framing = replace(
        usual,
        prefix=part.prefix.encode() or usual.prefix,
        suffix=part.suffix.encode() or usual.suffix,
    )
    layout = LAYOUTS[part.layout or (known.layout if known else "us")]
    line = scanner_line(part, config_dir)
    return scanner_at(part.name, line, framing, layout, part.repeat_s, tap=tap)


def scanner_line(part: ScannerPart, config_dir: Path | None = None) -> Line:
    """The line of a scanner. Raises as `scale` does for a model."""
    given = LineSettings(part.baud, part.bits, part.parity, part.stop)
    known = scanner_model(part.model, config_dir).line if part.model else LineSettings()
    return given.over(known).on(part.place)


def signals(part: SignalsPart, lights: LightsPart | None = None) -> Signals:
    """A board of a lane; of the aspects it shows what hangs on it."""
    inputs = [Point(point.name, point.number, point.inverted, point.coil) for point in part.inputs]
    outputs = [Point(point.name, point.number, point.inverted) for point in part.outputs]
    mine = {point.name for point in outputs}
    aspects = {aspect: mine & set(names) for aspect, names in lights.all()} if lights else {}
    return signals_at(
        part.name, signals_line(part), inputs, outputs, aspects, unit=part.unit, hold=part.hold_s
    )


def signals_line(part: SignalsPart) -> Line:
    """The line of a board."""
    return LineSettings(part.baud, part.bits, part.parity, part.stop).on(part.port)


def frame_settings(part: ScalePart, model: Settings) -> Settings:
    """What the file says of the frames, and what it leaves open from the model."""
    return replace(
        model,
        decimals=model.decimals if part.decimals is None else part.decimals,
        unit=Unit(part.unit) if part.unit else model.unit,
        checksum=part.checksum or model.checksum,
        address=part.address or model.address,
        untared=model.untared if part.untared is None else part.untared,
    )


def _login(part: WebCameraPart, folder: Path) -> Login | None:
    if part.user is None or part.password_file is None:
        return None
    return Login(part.user, secret_file(folder / part.password_file))
